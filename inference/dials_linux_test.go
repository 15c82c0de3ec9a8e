package inference

import (
	"context"
	"fmt"
	"net"
	"os"
	"strings"
	"syscall"
	"testing"
	"time"

	"plan/internal/exchange"
)

// full returns a port whose queue of new connections is full: connects to it wait.
func full(t *testing.T) (port int) {
	t.Helper()
	fd, err := syscall.Socket(syscall.AF_INET, syscall.SOCK_STREAM|syscall.SOCK_CLOEXEC, 0)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { syscall.Close(fd) })
	if err := syscall.Bind(fd, &syscall.SockaddrInet4{Addr: [4]byte{127, 0, 0, 1}}); err != nil {
		t.Fatal(err)
	}
	if err := syscall.Listen(fd, 0); err != nil {
		t.Fatal(err)
	}
	name, err := syscall.Getsockname(fd)
	if err != nil {
		t.Fatal(err)
	}
	port = name.(*syscall.SockaddrInet4).Port
	for {
		c, err := net.DialTimeout("tcp", fmt.Sprintf("127.0.0.1:%d", port), 100*time.Millisecond)
		if err != nil {
			return port
		}
		t.Cleanup(func() { c.Close() })
	}
}

// connecting returns how many sockets of the system are connecting to a local port.
func connecting(t *testing.T, port int) (n int) {
	t.Helper()
	table, err := os.ReadFile("/proc/net/tcp")
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(string(table)) {
		fields := strings.Fields(line) // number, local address, remote address, state
		if len(fields) > 3 && fields[2] == fmt.Sprintf("0100007F:%04X", port) && fields[3] == "02" {
			n++
		}
	}
	return n
}

// A connect that still waits when the caller goes on would connect during the load.
func TestNoDialOutlivesItsCaller(t *testing.T) {
	requests := []exchange.Request{{Path: "/", Timeout: 50 * time.Millisecond}}
	for name, call := range map[string]func(context.Context, string){
		"a probe": func(ctx context.Context, address string) {
			WaitReady(ctx, Probe{URL: "http://" + address, Timeout: 50 * time.Millisecond})
		},
		"any status": func(ctx context.Context, address string) { WaitReady(ctx, Probe{URL: "http://" + address, Any: true}) },
		"TCP":        func(ctx context.Context, address string) { WaitReady(ctx, Probe{TCP: address}) },
		"first":      func(ctx context.Context, address string) { First(ctx, address, requests, time.Second) },
		"again":      func(ctx context.Context, address string) { Again(ctx, address, requests) },
	} {
		port := full(t)
		ctx, cancel := context.WithTimeout(t.Context(), 150*time.Millisecond)
		call(ctx, fmt.Sprintf("127.0.0.1:%d", port))
		cancel()
		n := connecting(t, port)
		for end := time.Now().Add(500 * time.Millisecond); n > 0 && time.Now().Before(end); n = connecting(t, port) {
			time.Sleep(5 * time.Millisecond)
		}
		if n > 0 {
			t.Errorf("%s: %d sockets are still connecting", name, n)
		}
	}
}
