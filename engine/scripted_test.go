package engine

import (
	"bufio"
	"bytes"
	"context"
	"io"
	"net"
	"net/http"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"plan/internal/exchange"
)

// script answers one request of a connection. nth counts the requests of the
// connection from 0. false closes it.
type script func(c *net.TCPConn, nth int) bool

// says writes bytes and goes on.
func says(wire string) script {
	return func(c *net.TCPConn, _ int) bool {
		_, err := io.WriteString(c, wire)
		return err == nil
	}
}

// thenCloses writes bytes and ends the connection with a FIN.
func thenCloses(wire string) script {
	return func(c *net.TCPConn, _ int) bool {
		io.WriteString(c, wire)
		return false
	}
}

// thenResets writes bytes and ends the connection with an RST.
func thenResets(wire string) script {
	return func(c *net.TCPConn, _ int) bool {
		io.WriteString(c, wire)
		c.SetLinger(0)
		return false
	}
}

// first does one thing at the first request of a connection, another after it.
func first(one, other script) script {
	return func(c *net.TCPConn, nth int) bool {
		if nth == 0 {
			return one(c, nth)
		}
		return other(c, nth)
	}
}

// byteByByte writes an answer in as many segments as it has bytes.
func byteByByte(wire string) script {
	return func(c *net.TCPConn, _ int) bool {
		for i := range wire {
			if _, err := io.WriteString(c, wire[i:i+1]); err != nil {
				return false
			}
		}
		return true
	}
}

// enough does what a script does, and ends the context after that many times.
func enough(ctx context.Context, times int64, does script) (script, context.Context) {
	ctx, cancel := context.WithCancel(ctx)
	var done atomic.Int64
	return func(c *net.TCPConn, nth int) bool {
		if done.Add(1) > times {
			cancel()
		}
		return does(c, nth)
	}, ctx
}

func silent(c *net.TCPConn, _ int) bool {
	io.Copy(io.Discard, c)
	return false
}

// halfCloses answers and shuts its way down, but goes on reading.
func halfCloses(c *net.TCPConn, _ int) bool {
	io.WriteString(c, good)
	c.CloseWrite()
	io.Copy(io.Discard, c)
	return false
}

// scripted is a server that does to each request what its script says.
// unread says that it answers once the header has come.
func scripted(t *testing.T, does script, unread bool) string {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	accepting := make(chan struct{})
	go func() {
		defer close(accepting)
		for {
			c, err := listener.Accept()
			if err != nil {
				return
			}
			go follow(c.(*net.TCPConn), does, unread)
		}
	}()
	t.Cleanup(func() {
		listener.Close()
		<-accepting
	})
	return listener.Addr().String()
}

// follow serves a connection. It leaves no goroutine behind, as its client
// goes at the end of the load.
func follow(c *net.TCPConn, does script, unread bool) {
	defer c.Close()
	in := bufio.NewReader(c)
	for nth := 0; ; nth++ {
		r, err := http.ReadRequest(in)
		if err != nil {
			return
		}
		if !unread {
			io.Copy(io.Discard, r.Body)
		}
		if !does(c, nth) {
			return
		}
	}
}

const good = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"

var (
	aGet   = exchange.Request{Name: "get", Path: "/", Weight: 1}
	aHead  = exchange.Request{Name: "head", Method: "HEAD", Path: "/", Weight: 1}
	aPost  = exchange.Request{Name: "post", Method: "POST", Path: "/", Body: []byte("{}"), Weight: 1}
	replay = exchange.Request{Name: "replay", Method: "POST", Path: "/", Body: []byte("{}"), Weight: 1, Replay: true}
	large  = exchange.Request{Name: "large", Method: "POST", Path: "/", Body: bytes.Repeat([]byte("x"), 8<<20), Weight: 1}
	wants3 = exchange.Request{Name: "redirect", Path: "/", Weight: 1, Status: []int{302}}
)

// Every answer of a script is of one class, and of no other.
var scripts = []struct {
	name    string
	request exchange.Request
	does    script
	want    exchange.Class
	unread  bool // the server does not read the request's body
	once    bool // each request needs a connection of its own
	retried bool
	differs bool // net/http sees it otherwise
	slow    bool // there is no time for many of them
}{
	{name: "an answer of known length", request: aGet, does: says(good)},
	{name: "a chunked answer", request: aPost, does: says("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2;x=y\r\nok\r\n0\r\nA: b\r\n\r\n")},
	{name: "an answer in pieces", request: aPost, does: byteByByte("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\n\r\n")},
	{name: "nothing to say", request: aPost, does: says("HTTP/1.1 204 No Content\r\n\r\n")},
	{name: "an answer to HEAD", request: aHead, does: says("HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n")},
	{name: "informational answers", request: aPost, does: says("HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\n" + good)},
	{name: "an answer that ends with its connection", request: aGet, does: thenCloses("HTTP/1.1 200 OK\r\n\r\nok"), once: true},
	{name: "an answer of HTTP/1.0", request: aGet, does: thenCloses("HTTP/1.0 200 OK\r\n\r\nok"), once: true},
	{name: "close announced", request: aGet, does: thenCloses("HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 2\r\n\r\nok"), once: true},
	{name: "close not announced", request: replay, does: thenCloses(good), once: true},
	{name: "half closed after the answer", request: replay, does: halfCloses, once: true},
	{name: "garbage after the answer", request: replay, does: says(good + "HTTP/1.1 200 OK\r\n\r\n"), once: true},
	{name: "an idle connection given up with 408", request: replay, does: thenCloses(good + "HTTP/1.1 408 Request Timeout\r\nContent-Length: 0\r\n\r\n"), once: true},
	{name: "a body of many reads", request: aGet, does: says("HTTP/1.1 200 OK\r\nContent-Length: 3000000\r\n\r\n" + strings.Repeat("x", 3000000)), slow: true},
	{name: "a large request", request: large, does: says(good), slow: true},
	{name: "a wanted status", request: wants3, does: says("HTTP/1.1 302 Found\r\nLocation: /x\r\nContent-Length: 0\r\n\r\n")},

	{name: "an unwanted 200", request: wants3, does: says(good), want: exchange.HTTPOther},
	{name: "not modified", request: aGet, does: says("HTTP/1.1 304 Not Modified\r\nContent-Length: 5\r\n\r\n"), want: exchange.HTTPOther},
	{name: "a redirection", request: aGet, does: says("HTTP/1.1 302 Found\r\nLocation: /x\r\nContent-Length: 0\r\n\r\n"), want: exchange.HTTPOther},
	{name: "not found", request: aGet, does: says("HTTP/1.1 404 Not Found\r\nContent-Length: 4\r\n\r\ngone"), want: exchange.HTTP4xx},
	{name: "overloaded", request: aPost, does: says("HTTP/1.1 503 Service Unavailable\r\nContent-Length: 0\r\n\r\n"), want: exchange.HTTP5xx},
	{name: "refused before the body was read", request: large, does: tooLarge, want: exchange.HTTP4xx, unread: true, once: true, slow: true},

	{name: "closed without an answer", request: aPost, does: thenCloses(""), want: exchange.Reset, once: true},
	{name: "reset without an answer", request: aPost, does: thenResets(""), want: exchange.Reset, once: true},
	{name: "closed inside the header", request: aPost, does: thenCloses("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n"), want: exchange.Reset, once: true},
	{name: "closed after an informational answer", request: aPost, does: thenCloses("HTTP/1.1 100 Continue\r\n\r\n"), want: exchange.Reset, once: true},
	{name: "closed inside the body", request: aGet, does: thenCloses("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nok"), want: exchange.ShortBody, once: true},
	{name: "closed inside a chunk", request: aGet, does: thenCloses("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nok"), want: exchange.ShortBody, once: true},
	{name: "closed before the last chunk", request: aGet, does: thenCloses("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n"), want: exchange.ShortBody, once: true},
	{name: "reset inside the body", request: aGet, does: thenResets("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nok"), want: exchange.Reset, once: true},
	{name: "silence", request: aPost, does: silent, want: exchange.Timeout, once: true, slow: true},
	{name: "an answer that stops", request: aGet, does: first(says("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nok"), silent), want: exchange.Timeout, once: true, slow: true},
	{name: "no HTTP", request: aGet, does: thenCloses("SSH-2.0-OpenSSH_9.2\r\n\r\n"), want: exchange.Other, once: true},
	{name: "two lengths", request: aGet, does: says("HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Length: 3\r\n\r\nok"), want: exchange.Other, once: true},
	{name: "a size that is none", request: aGet, does: says("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nxyz\r\n"), want: exchange.Other, once: true},
	{name: "a header without end", request: aGet, does: thenCloses("HTTP/1.1 200 OK\r\nA: " + strings.Repeat("x", 1<<20)), want: exchange.Other, once: true, differs: true, slow: true},
}

// tooLarge answers before the body has come, and reads it then, as a careful
// server does: else its answer might be lost with the connection.
func tooLarge(c *net.TCPConn, _ int) bool {
	io.WriteString(c, "HTTP/1.1 413 Content Too Large\r\nConnection: close\r\nContent-Length: 0\r\n\r\n")
	c.CloseWrite()
	io.Copy(io.Discard, c)
	return false
}

func TestScripts(t *testing.T) {
	onSocketsUntil(t, func(t *testing.T, run func(context.Context, Load, ...string) Result) {
		for _, s := range scripts {
			t.Run(s.name, func(t *testing.T) {
				t.Parallel()
				s.request.Timeout = 5 * time.Second
				if s.want == exchange.Timeout {
					s.request.Timeout = 30 * time.Millisecond
				}
				times := int64(40)
				if s.slow {
					times = 7
				}
				does, ctx := enough(t.Context(), times, s.does)
				load := Load{Users: 3, Runtime: time.Minute, ThinkTime: fixed(2 * time.Millisecond), Requests: []exchange.Request{s.request}}
				r := run(ctx, load, scripted(t, does, s.unread))
				if s.differs && r.Transport == "net/http" {
					return
				}
				judgeScript(t, r, s.want, s.once)
			})
		}
	})
}

func judgeScript(t *testing.T, r Result, want exchange.Class, once bool) {
	t.Helper()
	counted := r.Total.OK
	if want != exchange.OK {
		counted = r.Total.Errors[want]
	}
	if counted == 0 || counted != r.Total.OK+r.Total.Failed {
		t.Errorf("%d of %q in %+v: %v", counted, want, r.Total, r.Examples)
	}
	if want != exchange.OK && (r.Examples[want] == "" || r.Judged.Latency.P50 != nil) {
		t.Errorf("an example %q, judged %+v", r.Examples[want], r.Judged)
	}
	if once && r.Connections < counted || !once && r.Connections > 3 {
		t.Errorf("%d connections for %d requests", r.Connections, counted)
	}
}

// A server that closes a kept connection as the next request comes.
func TestIdleConnectionsThatWereClosed(t *testing.T) {
	for name, closes := range map[string]script{"closed": thenCloses(""), "reset": thenResets("")} {
		for _, request := range []exchange.Request{aGet, aHead, aPost, replay} {
			t.Run(name+" at a "+request.Name, func(t *testing.T) {
				onSocketsUntil(t, func(t *testing.T, run func(context.Context, Load, ...string) Result) {
					t.Parallel()
					answer := good
					if request.Method == "HEAD" {
						answer = strings.TrimSuffix(good, "ok")
					}
					does, ctx := enough(t.Context(), 100, first(says(answer), closes))
					load := Load{Users: 3, Runtime: time.Minute, ThinkTime: fixed(2 * time.Millisecond), Requests: []exchange.Request{request}}
					r := run(ctx, load, scripted(t, does, false))
					again, failed := *r.Total.Retried, r.Total.Errors[exchange.IdleClosed]
					if failed != r.Total.Failed || r.Total.OK == 0 || (again > 0) == (failed > 0) || (failed > 0) != (request.Name == "post") {
						t.Errorf("%+v, %v", r.Total, r.Examples)
					}
				})
			})
		}
	}
}

// A server that fails at a request on a kept connection is at fault, not the
// connection, once it has had the time to answer.
func TestALateResetIsNoIdleConnection(t *testing.T) {
	late := func(c *net.TCPConn, _ int) bool {
		c.SetReadDeadline(time.Now().Add(exchange.IdleGrace + 50*time.Millisecond))
		io.Copy(io.Discard, c)
		return false
	}
	load := Load{Users: 1, Runtime: 1500 * time.Millisecond, ThinkTime: fixed(2 * time.Millisecond), Requests: []exchange.Request{replay}}
	onSockets(t, func(t *testing.T, run func(Load, ...string) Result) {
		t.Parallel()
		r := run(load, scripted(t, first(says(good), late), false))
		if r.Total.Errors[exchange.Reset] != 1 || r.Total.Failed != 1 || *r.Total.Retried != 0 {
			t.Errorf("%+v", r.Total)
		}
	})
}

func TestDetailsShowTheHeadOfAnAnswer(t *testing.T) {
	body := strings.Repeat("no ", 1000)
	does := says("HTTP/1.1 503 Service Unavailable\r\nContent-Length: " + strconv.Itoa(len(body)) + "\r\n\r\n" + body)
	load := Load{Users: 1, Runtime: 50 * time.Millisecond, ThinkTime: fixed(time.Millisecond), Requests: []exchange.Request{aGet}}
	onSockets(t, func(t *testing.T, run func(Load, ...string) Result) {
		r := run(load, scripted(t, does, false))
		want := strings.TrimSpace("503 Service Unavailable " + body[:exchange.HeadLimit])
		if got := r.Examples[exchange.HTTP5xx]; got != want || r.Total.Bytes < r.Total.Failed*int64(len(body)) || r.Total.Bytes > r.Total.Requests*int64(len(body)) {
			t.Errorf("example %q, %d bytes", got, r.Total.Bytes)
		}
	})
}

// An answer that comes faster than it can be read, and never ends, keeps
// nobody else from being served, nor the load from ending.
func TestAnEndlessAnswer(t *testing.T) {
	endless := func(c *net.TCPConn, _ int) bool {
		piece := make([]byte, 1<<20)
		_, err := io.WriteString(c, "HTTP/1.1 200 OK\r\n\r\n")
		for err == nil {
			_, err = c.Write(piece)
		}
		return false
	}
	request := aGet
	request.Timeout = 200 * time.Millisecond
	load := Load{Users: 4, Runtime: 700 * time.Millisecond, ThinkTime: fixed(time.Millisecond), Requests: []exchange.Request{request}}
	onSockets(t, func(t *testing.T, run func(Load, ...string) Result) {
		r := run(load, scripted(t, endless, false), scripted(t, says(good), false))
		if r.Total.OK == 0 || r.Total.Errors[exchange.Timeout] == 0 || r.Seconds != load.Runtime.Seconds() {
			t.Errorf("%+v in %v s, %v", r.Total, r.Seconds, r.Examples)
		}
	})
}
