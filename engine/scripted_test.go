package engine

import (
	"bufio"
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

// script responds to one request of a connection. nth is its number on the
// connection, from 0. false closes the connection.
type script func(c *net.TCPConn, nth int) bool

// says writes bytes and continues.
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

// first runs one script at the first request of a connection, another one after
// it.
func first(one, other script) script {
	return func(c *net.TCPConn, nth int) bool {
		if nth == 0 {
			return one(c, nth)
		}
		return other(c, nth)
	}
}

// enough runs a script, and ends the context after that many requests.
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

// scripted is a server that runs a script for each request.
func scripted(t *testing.T, does script) string {
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
			go follow(c.(*net.TCPConn), does)
		}
	}()
	t.Cleanup(func() {
		listener.Close()
		<-accepting
	})
	return listener.Addr().String()
}

// follow serves a connection. It ends with its client, at the end of the load.
func follow(c *net.TCPConn, does script) {
	defer c.Close()
	in := bufio.NewReader(c)
	for nth := 0; ; nth++ {
		r, err := http.ReadRequest(in)
		if err != nil {
			return
		}
		io.Copy(io.Discard, r.Body)
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
	wants3 = exchange.Request{Name: "redirect", Path: "/", Weight: 1, Status: []int{302}}
)

// A redirect that is not followed has its target in the detail.
func TestARedirectThatIsNotFollowedSaysWhereItLeads(t *testing.T) {
	onSocketsUntil(t, func(t *testing.T, run func(context.Context, Load, ...string) Result) {
		does, ctx := enough(t.Context(), 10, says("HTTP/1.1 307 Temporary Redirect\r\nLocation: /predict/\r\nContent-Length: 0\r\n\r\n"))
		r := run(ctx, Load{Users: 1, Runtime: time.Minute, ThinkTime: fixed(2 * time.Millisecond), Requests: []exchange.Request{aPost}}, scripted(t, does))
		if got := r.Examples[exchange.HTTPOther]; got != "307 Temporary Redirect to /predict/" {
			t.Errorf("%q", got)
		}
	})
}

// A server that received a request and then broke has failed, on a reused
// connection as on a new one: nothing is sent again.
func TestKeptConnectionsThatBreakUnderARequest(t *testing.T) {
	slowly := func(does script) script {
		return func(c *net.TCPConn, nth int) bool {
			time.Sleep(20 * time.Millisecond)
			return does(c, nth)
		}
	}
	for name, breaks := range map[string]script{
		"closed at once": thenCloses(""), "reset at once": thenResets(""),
		"closed after a while": slowly(thenCloses("")), "reset after a while": slowly(thenResets("")),
		"closed in a header": thenCloses("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n"),
	} {
		for _, request := range []exchange.Request{aGet, aHead, aPost, replay} {
			t.Run(name+" at a "+request.Name, func(t *testing.T) {
				onSocketsUntil(t, func(t *testing.T, run func(context.Context, Load, ...string) Result) {
					t.Parallel()
					answer := good
					if request.Method == "HEAD" {
						answer = strings.TrimSuffix(good, "ok")
					}
					does, ctx := enough(t.Context(), 40, first(says(answer), breaks))
					load := Load{Users: 3, Runtime: time.Minute, ThinkTime: fixed(2 * time.Millisecond), Requests: []exchange.Request{request}}
					r := run(ctx, load, scripted(t, does))
					failed := r.Total.Errors[exchange.Reset]
					if failed != r.Total.Failed || failed < 15 || r.Total.OK < failed || *r.Total.Retried != 0 {
						t.Errorf("%+v, %v", r.Total, r.Examples)
					}
				})
			})
		}
	}
}

func TestDetailsShowTheHeadOfAnAnswer(t *testing.T) {
	body := strings.Repeat("no ", 1000)
	does := says("HTTP/1.1 503 Service Unavailable\r\nContent-Length: " + strconv.Itoa(len(body)) + "\r\n\r\n" + body)
	load := Load{Users: 1, Runtime: 50 * time.Millisecond, ThinkTime: fixed(time.Millisecond), Requests: []exchange.Request{aGet}}
	onSockets(t, func(t *testing.T, run func(Load, ...string) Result) {
		r := run(load, scripted(t, does))
		want := strings.TrimSpace("503 Service Unavailable " + body[:exchange.HeadLimit])
		if got := r.Examples[exchange.HTTP5xx]; got != want || r.Total.Bytes < r.Total.Failed*int64(len(body)) || r.Total.Bytes > r.Total.Requests*int64(len(body)) {
			t.Errorf("example %q, %d bytes", got, r.Total.Bytes)
		}
	})
}

// A response that never ends, and arrives faster than it can be read, blocks
// neither other connections nor the end of the load.
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
		r := run(load, scripted(t, endless), scripted(t, says(good)))
		if r.Total.OK == 0 || r.Total.Errors[exchange.Timeout] == 0 || r.Seconds != load.Runtime.Seconds() {
			t.Errorf("%+v in %v s, %v", r.Total, r.Seconds, r.Examples)
		}
	})
}
