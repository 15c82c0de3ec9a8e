package engine

import (
	"errors"
	"net"
	"syscall"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"plan/internal/exchange"
)

// TestBothWaysToWait loads a server with and without epoll_pwait2.
func TestBothWaysToWait(t *testing.T) {
	for name, pwait2 := range map[string]bool{"epoll_pwait2": true, "timerfd": false} {
		t.Run(name, func(t *testing.T) {
			load := Load{Users: 3, Runtime: 300 * time.Millisecond, ThinkTime: fixed(3 * time.Millisecond), Requests: []exchange.Request{aGet}}
			lr, err := newLoadRun(load, []string{scripted(t, says(good))})
			if err != nil {
				t.Fatal(err)
			}
			tr, err := newEpollTransport(t.Context(), lr, lookUp, func() (sockets, error) { return openPoller(pwait2) })
			if err != nil {
				t.Fatal(err)
			}
			r := lr.measure(t.Context(), tr, nil)
			holds(t, load, r)
			if r.Total.OK == 0 || r.Total.Failed != 0 || r.Seconds != load.Runtime.Seconds() {
				t.Errorf("%+v in %v s", r.Total, r.Seconds)
			}
		})
	}
}

// TestAConnectionToItself: on an ephemeral port without a server, TCP may connect a socket to
// itself. No server listens there, so the connect has failed.
func TestAConnectionToItself(t *testing.T) {
	server, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer server.Close()
	p := &poller{}
	for name, c := range map[string]struct {
		family int
		from   unix.Sockaddr
		to     unix.Sockaddr // nil: itself
		want   syscall.Errno
	}{
		"IPv4":     {unix.AF_INET, &unix.SockaddrInet4{Addr: [4]byte{127, 0, 0, 1}}, nil, syscall.ECONNREFUSED},
		"IPv6":     {unix.AF_INET6, &unix.SockaddrInet6{Addr: [16]byte{15: 1}}, nil, syscall.ECONNREFUSED},
		"a server": {unix.AF_INET, &unix.SockaddrInet4{Addr: [4]byte{127, 0, 0, 1}}, &unix.SockaddrInet4{Addr: [4]byte{127, 0, 0, 1}, Port: server.Addr().(*net.TCPAddr).Port}, 0},
	} {
		fd, err := unix.Socket(c.family, unix.SOCK_STREAM|unix.SOCK_CLOEXEC, 0)
		if errors.Is(err, unix.EAFNOSUPPORT) {
			continue // a kernel without IPv6
		}
		if err != nil {
			t.Fatal(name, err)
		}
		defer unix.Close(fd)
		if err = unix.Bind(fd, c.from); errors.Is(err, unix.EADDRNOTAVAIL) {
			continue // a machine without IPv6
		}
		if err != nil {
			t.Fatal(name, err)
		}
		if c.to == nil {
			if c.to, err = unix.Getsockname(fd); err != nil {
				t.Fatal(name, err)
			}
		}
		if err := unix.Connect(fd, c.to); err != nil {
			t.Fatal(name, err)
		}
		if got := p.established(fd); got != c.want {
			t.Errorf("%s: %v, want %v", name, got, c.want)
		}
	}
}

func TestAWakeEndsAWait(t *testing.T) {
	for _, pwait2 := range []bool{true, false} {
		p, err := openPoller(pwait2)
		if err != nil {
			t.Fatal(err)
		}
		p.wake()
		if events := p.wait(time.Hour); len(events) != 0 {
			t.Errorf("a wake came as %+v", events)
		}
		p.release()
	}
}
