package engine

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"reflect"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"plan/internal/exchange"
)

// childVariable makes the test binary a server, with its own file descriptors
// and memory.
const childVariable = "ENGINE_TEST_SERVE"

// child starts a server in a process of its own. GET /log returns the number of
// other requests and of their connections.
func child(t *testing.T) (address string) {
	t.Helper()
	server := exec.Command(os.Args[0])
	server.Env = append(os.Environ(), childVariable+"=127.0.0.1:0")
	server.Stderr = os.Stderr
	in, err := server.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	out, err := server.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := server.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		in.Close()
		server.Wait()
	})
	line, err := bufio.NewReader(out).ReadString('\n')
	if err != nil {
		t.Fatal(err)
	}
	return strings.TrimSpace(line)
}

// serveAsChild responds to every request without a body, until its input ends.
func serveAsChild(address string) {
	listener, err := net.Listen("tcp", address)
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return
	}
	fmt.Println(listener.Addr())
	go func() {
		io.Copy(io.Discard, os.Stdin)
		listener.Close()
	}()
	var requests, connections atomic.Int64
	for {
		c, err := listener.Accept()
		if err != nil {
			return
		}
		connections.Add(1)
		go answerAll(c, &requests, &connections)
	}
}

// answerAll assumes that each request arrives in one piece.
func answerAll(c net.Conn, requests, connections *atomic.Int64) {
	defer c.Close()
	var in [512]byte
	for {
		n, err := c.Read(in[:])
		if err != nil {
			return
		}
		if bytes.HasPrefix(in[:n], []byte("GET /log ")) {
			body := fmt.Sprint(requests.Load(), " ", connections.Load()-1)
			fmt.Fprintf(c, "HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%s", len(body), body)
			continue
		}
		requests.Add(1)
		io.WriteString(c, good)
	}
}

func childsLog(t *testing.T, address string) (requests, connections int64) {
	t.Helper()
	c, err := net.Dial("tcp", address)
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	io.WriteString(c, "GET /log HTTP/1.1\r\n\r\n")
	answer := make([]byte, 512)
	n, _ := c.Read(answer)
	_, body, _ := bytes.Cut(answer[:n], []byte("\r\n\r\n"))
	if _, err := fmt.Sscan(string(body), &requests, &connections); err != nil {
		t.Fatalf("%q: %v", answer[:n], err)
	}
	return requests, connections
}

// TestTenThousandUsers compares the result with the server's log, with as many
// users as file descriptors permit, and checks the resources used.
func TestTenThousandUsers(t *testing.T) {
	users := 10_000
	var files syscall.Rlimit
	if err := syscall.Getrlimit(syscall.RLIMIT_NOFILE, &files); err != nil {
		t.Fatal(err)
	}
	users = min(users, int(min(files.Cur, 1<<20))-100)
	address := child(t)
	load := Load{Users: users, SpawnRate: 10_000, Runtime: 2500 * time.Millisecond, ThinkTime: fixed(time.Second), Requests: []exchange.Request{aGet}}
	r, err := Run(t.Context(), load, []string{address}, nil)
	if err != nil {
		t.Fatal(err)
	}
	holds(t, load, r)
	requests, connections := childsLog(t, address)
	if within(t, "all", requests, r.Total); r.Total.Failed != 0 || connections < r.Connections || r.Connections > int64(users) {
		t.Errorf("%+v, %d requests on %d connections in the log, %d ours", r.Total, requests, connections, r.Connections)
	}
}

// TestAgentsOfOneMachine: four agents with 20,000 users in all, or as many as
// file descriptors permit. The merged percentiles and histograms equal those of
// one histogram of all exchanges bit by bit, in each second too.
func TestAgentsOfOneMachine(t *testing.T) {
	var files syscall.Rlimit
	if err := syscall.Getrlimit(syscall.RLIMIT_NOFILE, &files); err != nil {
		t.Fatal(err)
	}
	address := child(t)
	load := Load{
		Users: min(20_000, int(min(files.Cur, 1<<20))-200), SpawnRate: 20_000, Runtime: 2500 * time.Millisecond, ThinkTime: fixed(time.Second),
		Requests: []exchange.Request{aGet}, Agents: 4, Exchanges: true,
	}
	var rec records
	parts, windows, errs := make([]Part, load.Agents), NewWindows(load.Agents, &rec), make([]error, load.Agents)
	var prepared, running sync.WaitGroup
	prepared.Add(load.Agents)
	for i := range parts {
		running.Go(func() {
			defer windows.End(i)
			parts[i].Result, errs[i] = RunAfter(t.Context(), load.Share(i), []string{address}, windows.Of(i), func(context.Context) {
				prepared.Done()
				prepared.Wait()
			})
		})
	}
	running.Wait()
	series, err := windows.Series()
	r, mergeErr := Merge(parts, series)
	for _, e := range append(errs, err, mergeErr) {
		if e != nil {
			t.Fatal(e)
		}
	}
	holds(t, load, r)
	if requests, _ := childsLog(t, address); r.Total.Failed == 0 {
		within(t, "all", requests, r.Total)
	}
	var all, failed histogram
	var count int64
	for i, w := range rec.windows {
		var ok histogram
		for _, e := range w.Exchanges {
			count++
			switch e.Class {
			case exchange.OK:
				ok.record(e.Took)
			case exchange.Aborted:
			default:
				failed.record(e.Took)
			}
		}
		all.merge(ok)
		if !reflect.DeepEqual(series[i].Latency, ok.percentiles()) {
			t.Errorf("second %d: %+v, want %+v", i, series[i].Latency, ok.percentiles())
		}
	}
	if count != r.Total.Requests || !reflect.DeepEqual(r.Total.LatencyOK, all.percentiles()) || r.Histograms.OK != all.encode() ||
		r.Histograms.Failed != failed.encode() {
		t.Errorf("%d exchanges, merged %+v, want %+v", count, r.Total, all.percentiles())
	}
	t.Logf("%d users, %d requests, %d failed", load.Users, r.Total.Requests, r.Total.Failed)
}
