package exchange

import (
	"io"
	"net"
	"net/http/httptrace"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// TestTheOrderOfEvents compares the rows with real connections, over net/http.
func TestTheOrderOfEvents(t *testing.T) {
	const request = "a request of some bytes"
	read := func(c *net.TCPConn) { io.ReadFull(c, make([]byte, len(request))) }
	for _, c := range []struct {
		name   string
		before func(c *net.TCPConn) // the second request
		after  func(c *net.TCPConn)
		closed bool // idle before it, as far as known
	}{
		{"closed before", func(c *net.TCPConn) { c.Close() }, nil, true},
		{"half closed before, and not read", func(c *net.TCPConn) { c.CloseWrite() }, nil, true},
		{"reset before", func(c *net.TCPConn) { reset(c) }, nil, true},
		{"read, then closed", nil, func(c *net.TCPConn) { read(c); c.Close() }, false},
		{"read, then half closed", nil, func(c *net.TCPConn) { read(c); c.CloseWrite() }, false},
		{"read, then reset", nil, func(c *net.TCPConn) { read(c); reset(c) }, false},
		{"read in part, then closed", nil, func(c *net.TCPConn) { c.Read(make([]byte, 3)); c.Close() }, false},
		{"read, and closed after a while", nil, func(c *net.TCPConn) { read(c); time.Sleep(100 * ms); c.Close() }, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			here, there := pair(t)
			tc := &trackedConn{Conn: here, keepAlive: new(KeepAlive)}
			for range 3 { // as on a connection with an earlier exchange
				newConnUse(httptrace.GotConnInfo{Conn: tc})
				io.WriteString(tc, request)
				read(there)
				there.Write([]byte("ok"))
				io.ReadFull(tc, make([]byte, 2))
				tc.markIdle()
			}
			if c.before != nil {
				c.before(there)
				awaitEnd(t, here)
			}
			turn := newConnUse(httptrace.GotConnInfo{Conn: tc, Reused: true})
			io.WriteString(tc, request)
			if c.after != nil {
				c.after(there)
			}
			tc.SetReadDeadline(time.Now().Add(5 * time.Second))
			for err := error(nil); err == nil; {
				_, err = tc.Read(make([]byte, 1))
			}
			b, ok := turn.connBreak()
			if !ok || b.ClosedBeforeRequest() != c.closed || turn.closedIdle() != c.closed {
				t.Errorf("%v, %+v", ok, b)
			}
		})
	}
}

// awaitEnd waits for the end of the other side without reading.
func awaitEnd(t *testing.T, c *net.TCPConn) {
	t.Helper()
	raw, err := c.SyscallConn()
	if err != nil {
		t.Fatal(err)
	}
	for until := time.Now().Add(5 * time.Second); time.Now().Before(until); time.Sleep(ms) {
		ended := false
		raw.Control(func(fd uintptr) {
			fds := []unix.PollFd{{Fd: int32(fd), Events: unix.POLLRDHUP}}
			n, err := unix.Poll(fds, 0)
			ended = n > 0 && err == nil
		})
		if ended {
			return
		}
	}
	t.Fatal("the other side has not ended")
}
