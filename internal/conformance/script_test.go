package conformance

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"plan/engine"
	"plan/internal/exchange"
)

// act responds to one request; false ends its connection.
type act func(c *net.TCPConn) bool

// says writes bytes and keeps the connection.
func says(wire string) act {
	return func(c *net.TCPConn) bool {
		_, err := io.WriteString(c, wire)
		return err == nil
	}
}

// pieces writes bytes in separate segments, and keeps the connection.
func pieces(pause time.Duration, wires ...string) act {
	return func(c *net.TCPConn) bool {
		for _, wire := range wires {
			if _, err := io.WriteString(c, wire); err != nil {
				return false
			}
			time.Sleep(pause)
		}
		return true
	}
}

// closes writes bytes and ends the connection with a FIN.
func closes(wire string) act {
	return func(c *net.TCPConn) bool {
		io.WriteString(c, wire)
		return false
	}
}

// resets writes bytes and ends the connection with an RST.
func resets(wire string) act {
	return func(c *net.TCPConn) bool {
		io.WriteString(c, wire)
		c.SetLinger(0)
		return false
	}
}

// shutsDown writes bytes and closes only its sending side.
func shutsDown(wire string) act {
	return func(c *net.TCPConn) bool {
		io.WriteString(c, wire)
		c.CloseWrite()
		io.Copy(io.Discard, c)
		return false
	}
}

// halts writes bytes and then nothing more.
func halts(wire string) act {
	return func(c *net.TCPConn) bool {
		io.WriteString(c, wire)
		io.Copy(io.Discard, c)
		return false
	}
}

// floods writes a start, and then the rest again and again.
func floods(start, rest string) act {
	return func(c *net.TCPConn) bool {
		_, err := io.WriteString(c, start)
		for err == nil {
			_, err = io.WriteString(c, rest)
		}
		return false
	}
}

// arrivals is the number of requests of a script. It responds to all but the
// last, which is in flight when the load ends.
func (want verdict) arrivals() int {
	if want.class == exchange.Timeout {
		return 2 // because a timeout takes a second
	}
	return 4
}

// stage is a server that runs one script.
type stage struct {
	script
	arrivals int
	full     func() // receives a value when the last request has come

	mu                    sync.Mutex
	requests, connections int
}

func (s *stage) count(connection bool) (last bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if connection {
		s.connections++
		return false
	}
	s.requests++
	return s.requests >= s.arrivals
}

// open listens until the test ends.
func (s *stage) open(t *testing.T) (address string) {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	var serving sync.WaitGroup
	serving.Go(func() {
		for {
			c, err := listener.Accept()
			if err != nil {
				return
			}
			serving.Go(func() { s.serve(c.(*net.TCPConn)) })
		}
	})
	t.Cleanup(func() {
		listener.Close()
		serving.Wait()
	})
	return listener.Addr().String()
}

// serve runs the script for each request of a connection. It ends with its
// client.
func (s *stage) serve(c *net.TCPConn) {
	defer c.Close()
	if s.first {
		s.count(true)
		s.play(c)
		return
	}
	in := bufio.NewReader(c)
	for nth := 0; ; nth++ {
		r, err := http.ReadRequest(in)
		if err != nil {
			return
		}
		if !s.early {
			io.Copy(io.Discard, r.Body)
		}
		if nth == 0 {
			s.count(true)
		}
		if !s.play(c) {
			return
		}
	}
}

// play runs the script once. The last request gets no response.
func (s *stage) play(c *net.TCPConn) bool {
	if s.count(false) {
		s.full()
		io.Copy(io.Discard, c)
		return false
	}
	return s.does(c)
}

func TestScripts(t *testing.T) {
	onAll(t, []way{loops, clients}, func(t *testing.T, by way) {
		for _, s := range scripts {
			t.Run(s.name, func(t *testing.T) {
				t.Parallel()
				if s.unasked && by == clients {
					t.Skip("net/http may take what nobody asked for as the next answer, or not")
				}
				s.hold(t, by)
			})
		}
	})
}

func (s script) hold(t *testing.T, by way) {
	want := s.want
	if s.differs != "" && by == clients {
		want = s.other
	}
	if s.request.Timeout = 20 * time.Second; want.class == exchange.Timeout {
		s.request.Timeout = time.Second // longer than a connect takes on a busy machine
	}
	if s.request.Weight = 1; want.class == exchange.OK {
		s.request.Status = []int{want.status}
	}
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	server := &stage{script: s, arrivals: want.arrivals(), full: cancel}
	load := engine.Load{Users: 1, Runtime: time.Minute, Requests: []exchange.Request{s.request}}
	if s.ends { // before the next request, also on a busy machine
		load.ThinkTime = engine.ThinkTime{Kind: "fixed", Min: time.Second}
	}
	r := by.run(ctx, t, load, server.open(t))
	want.judge(t, r, server)
}

// judge compares a result with the expected one of a script.
func (want verdict) judge(t *testing.T, r engine.Result, s *stage) {
	t.Helper()
	c := r.Total
	n, of := c.OK+c.Failed, c.OK
	if want.class != exchange.OK {
		of = c.Errors[want.class]
	}
	if n != int64(want.arrivals()-1) || of != n || *c.InFlight != 1 {
		t.Errorf("%d of %d are %q: %+v, %v", of, n, want.class, c, r.Examples)
	}
	if c.Bytes != n*want.bytes {
		t.Errorf("%d bytes in %d answers of %d", c.Bytes, n, want.bytes)
	}
	if answered := *r.UsersNeverAnswered == 0; answered != (want.status != 0) {
		t.Errorf("a status was seen: %v, want %d", answered, want.status)
	}
	if strings.HasPrefix(string(want.class), "http_") && !strings.HasPrefix(r.Examples[want.class], fmt.Sprintf("%03d", want.status)) {
		t.Errorf("the example of a %03d is %q", want.status, r.Examples[want.class])
	}
	connections := want.arrivals()
	if want.again {
		connections = 1
	}
	if s.connections != connections {
		t.Errorf("%d connections for %d requests, want %d", s.connections, s.requests, connections)
	}
}
