package exchange

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"time"
)

// script responds on the connections of a raw socket, to the nth one (from 0)
// with the nth call, and returns its host:port.
func script(t *testing.T, serve func(n int, c *net.TCPConn)) string {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { listener.Close() })
	go func() {
		for n := 0; ; n++ {
			c, err := listener.Accept()
			if err != nil {
				return
			}
			go func() {
				defer c.Close()
				serve(n, c.(*net.TCPConn))
			}()
		}
	}()
	return listener.Addr().String()
}

// request reads one request with its body from a connection.
func request(c net.Conn) *http.Request {
	r, err := http.ReadRequest(bufio.NewReader(c))
	if err != nil {
		return nil
	}
	io.Copy(io.Discard, r.Body)
	return r
}

// reset closes a connection with a reset.
func reset(c *net.TCPConn) {
	c.SetLinger(0)
	c.Close()
}

// hold waits until the other side closes.
func hold(c net.Conn) { io.Copy(io.Discard, c) }

func answers(text string) func(int, *net.TCPConn) {
	return func(_ int, c *net.TCPConn) {
		request(c)
		io.WriteString(c, text)
	}
}

func direct(t *testing.T) *http.Client {
	client := NewClient((&net.Dialer{}).DialContext, true, &KeepAlives{})
	t.Cleanup(client.CloseIdleConnections)
	return client
}

const okAnswer = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"

func TestClassOfScriptedServers(t *testing.T) {
	cases := []struct {
		name   string
		serve  func(int, *net.TCPConn)
		want   Class
		status int
	}{
		{"whole answer", answers(okAnswer), OK, 200},
		{"no content", answers("HTTP/1.1 204 No Content\r\n\r\n"), OK, 204},
		{"chunked", answers("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\n\r\n"), OK, 200},
		{"until close", answers("HTTP/1.1 200 OK\r\nConnection: close\r\n\r\nok"), OK, 200},
		{"redirect is not followed", answers("HTTP/1.1 302 Found\r\nLocation: /x\r\nContent-Length: 0\r\n\r\n"), HTTPOther, 302},
		{"not found", answers("HTTP/1.1 404 Not Found\r\nContent-Length: 4\r\n\r\ngone"), HTTP4xx, 404},
		{"unavailable", answers("HTTP/1.1 503 Service Unavailable\r\nContent-Length: 0\r\n\r\n"), HTTP5xx, 503},
		{"short body", answers("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nok"), ShortBody, 200},
		{"short chunk", answers("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\na\r\nok"), ShortBody, 200},
		{"header cut", answers("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n"), Reset, 0},
		{"closed without an answer", func(_ int, c *net.TCPConn) { request(c) }, Reset, 0},
		{"reset without an answer", func(_ int, c *net.TCPConn) { request(c); reset(c) }, Reset, 0},
		{"silent", func(_ int, c *net.TCPConn) { hold(c) }, Timeout, 0},
		{"stuck in the body", func(_ int, c *net.TCPConn) {
			request(c)
			io.WriteString(c, "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nok")
			hold(c)
		}, Timeout, 0},
		{"no HTTP", answers("SSH-2.0-OpenSSH_9.6\r\n\r\n"), Other, 0},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			r := Request{Name: "predict", Method: "POST", Path: "/predict", Body: []byte(`{}`)}
			if c.want == Timeout {
				r.Timeout = 100 * time.Millisecond
			}
			out := Do(t.Context(), direct(t), script(t, c.serve), r)
			if out.Class != c.want || out.Status != c.status || out.Retried {
				t.Errorf("got %+v, want class %q, status %d", out, c.want, c.status)
			}
			if (out.Class != OK) != (out.Detail != "") {
				t.Errorf("class %q with detail %q", out.Class, out.Detail)
			}
			if out.Class == Timeout && out.Took < r.Timeout {
				t.Errorf("timed out after %v, before %v", out.Took, r.Timeout)
			}
		})
	}
}

func TestResetInsideTheBody(t *testing.T) {
	read := make(chan struct{})
	address := script(t, func(_ int, c *net.TCPConn) {
		request(c)
		io.WriteString(c, "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nok")
		<-read
		reset(c)
	})
	client := NewClient(func(ctx context.Context, network, address string) (net.Conn, error) {
		c, err := (&net.Dialer{}).DialContext(ctx, network, address)
		return &firstRead{Conn: c, done: read}, err
	}, true, &KeepAlives{})
	if out := Do(t.Context(), client, address, Request{Path: "/"}); out.Class != Reset {
		t.Errorf("got %+v, want %q", out, Reset)
	}
}

// firstRead signals its first read that returns data.
type firstRead struct {
	net.Conn
	done chan struct{}
	told bool
}

func (f *firstRead) Read(p []byte) (int, error) {
	n, err := f.Conn.Read(p)
	if !f.told {
		f.told = true
		close(f.done)
	}
	return n, err
}

func TestRefused(t *testing.T) {
	listener, _ := net.Listen("tcp", "127.0.0.1:0")
	listener.Close()
	out := Do(t.Context(), direct(t), listener.Addr().String(), Request{Path: "/"})
	if out.Class != Refused || out.Status != 0 {
		t.Errorf("got %+v", out)
	}
}

func TestNoConnectionInTime(t *testing.T) {
	client := NewClient(func(ctx context.Context, _, _ string) (net.Conn, error) {
		<-ctx.Done()
		return nil, ctx.Err()
	}, true, &KeepAlives{})
	out := Do(t.Context(), client, "127.0.0.1:1", Request{Path: "/", Timeout: 20 * time.Millisecond})
	if out.Class != ConnectTimeout {
		t.Errorf("got %+v", out)
	}
}

func TestNameThatDoesNotResolve(t *testing.T) {
	out := Do(t.Context(), direct(t), "nobody.invalid:80", Request{Path: "/"})
	if out.Class != DNS {
		t.Errorf("got %+v", out)
	}
}

func TestTLS(t *testing.T) {
	secure := httptest.NewUnstartedServer(http.NotFoundHandler())
	secure.Config.ErrorLog = log.New(io.Discard, "", 0)
	secure.StartTLS()
	defer secure.Close()
	plain := script(t, answers(okAnswer))
	silent := script(t, func(_ int, c *net.TCPConn) { hold(c) })
	for name, base := range map[string]string{
		"unknown authority": secure.URL,
		"no TLS there":      "https://" + plain,
		"no handshake":      "https://" + silent,
	} {
		out := Do(t.Context(), direct(t), base, Request{Path: "/", Timeout: 200 * time.Millisecond})
		if out.Class != TLS {
			t.Errorf("%s: got %+v", name, out)
		}
	}
}

func TestClassifyOwnSockets(t *testing.T) {
	for _, errno := range []syscall.Errno{syscall.EMFILE, syscall.EADDRNOTAVAIL} {
		err := &net.OpError{Op: "dial", Net: "tcp", Err: os.NewSyscallError("socket", errno)}
		client := NewClient(func(context.Context, string, string) (net.Conn, error) { return nil, err }, true, &KeepAlives{})
		if out := Do(t.Context(), client, "127.0.0.1:1", Request{Path: "/"}); out.Class != Socket {
			t.Errorf("%v: got %+v", errno, out)
		}
	}
}

func TestClassifyForeignErrors(t *testing.T) {
	for want, err := range map[Class]error{
		OK:             nil,
		Reset:          io.EOF,
		Timeout:        context.DeadlineExceeded,
		Aborted:        fmt.Errorf("wrapped: %w", context.Canceled),
		ConnectTimeout: &net.OpError{Op: "dial", Err: os.ErrDeadlineExceeded},
		Other:          errors.New("what"),
	} {
		if got := Classify(err); got != want {
			t.Errorf("%v: got %q, want %q", err, got, want)
		}
	}
}

func TestAbortedByTheCaller(t *testing.T) {
	asked := make(chan struct{})
	address := script(t, func(_ int, c *net.TCPConn) { request(c); close(asked); hold(c) })
	ctx, cancel := context.WithCancel(t.Context())
	go func() { <-asked; cancel() }()
	if out := Do(ctx, direct(t), address, Request{Path: "/"}); out.Class != Aborted {
		t.Errorf("got %+v", out)
	}
}

// keepThen responds to a first request on its first connection, and ends it at
// the second request; other connections get second.
func keepThen(ends func(*net.TCPConn), asked *atomic.Int32, second string) func(int, *net.TCPConn) {
	return func(n int, c *net.TCPConn) {
		request(c)
		if n > 0 {
			asked.Add(1)
			io.WriteString(c, second)
			return
		}
		io.WriteString(c, okAnswer)
		request(c)
		asked.Add(1)
		ends(c)
	}
}

// TestKeptConnectionsThatBreak: a request that the server received is not sent
// again, unless the server closes idle connections at that time.
func TestKeptConnectionsThatBreak(t *testing.T) {
	post, replay, get := Request{Method: "POST"}, Request{Method: "POST", Replay: true}, Request{Method: "GET"}
	cases := []struct {
		name    string
		known   bool // the idle timeout is known
		request Request
		second  string
		want    Outcome
		asked   int32
	}{
		{"a POST", false, post, okAnswer, Outcome{Class: Reset}, 1},
		{"a POST with replay", false, replay, okAnswer, Outcome{Class: Reset}, 1},
		{"a GET", false, get, okAnswer, Outcome{Class: Reset}, 1},
		{"a POST at the idle time", true, post, okAnswer, Outcome{Class: IdleClosed}, 1},
		{"a POST with replay at the idle time", true, replay, okAnswer, Outcome{Status: 200, Retried: true}, 2},
		{"that breaks again", true, replay, "", Outcome{Class: Reset, Retried: true}, 2},
		{"a GET at the idle time", true, get, okAnswer, Outcome{Status: 200, Retried: true}, 2},
	}
	for end, ends := range map[string]func(*net.TCPConn){"closed": func(c *net.TCPConn) { c.Close() }, "reset": reset} {
		for _, c := range cases {
			t.Run(c.name+", "+end, func(t *testing.T) {
				t.Parallel()
				var asked atomic.Int32
				var known KeepAlives
				address := script(t, keepThen(ends, &asked, c.second))
				client := NewClient((&net.Dialer{}).DialContext, true, &known)
				t.Cleanup(client.CloseIdleConnections)
				c.request.Path = "/predict"
				if out := Do(t.Context(), client, address, c.request); out.Class != OK || out.Retried {
					t.Fatalf("first: %+v", out)
				}
				if c.known { // and the connection is idle for that long, by this side's clock
					for range 2 {
						known.forAddress(address).RecordClose(minIdle)
					}
					time.Sleep(minIdle)
				}
				out := Do(t.Context(), client, address, c.request)
				if out.Class != c.want.Class || out.Status != c.want.Status || out.Retried != c.want.Retried || out.Class == Reset && out.Detail == "" {
					t.Errorf("got %+v, want %+v", out, c.want)
				}
				if asked.Load() != c.asked {
					t.Errorf("asked %d times, want %d", asked.Load(), c.asked)
				}
			})
		}
	}
}

func TestWhatIsSentAndKept(t *testing.T) {
	var got *http.Request
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		got = r
		w.WriteHeader(http.StatusTeapot)
		io.WriteString(w, strings.Repeat("x", 5000))
	}))
	defer server.Close()
	r := Request{Method: "PUT", Path: "/a?b=c", Header: map[string]string{"Host": "model.example", "X-Key": "1"}, Status: []int{418}}
	out := Do(t.Context(), direct(t), server.URL, r)
	if out.Class != OK || out.Status != 418 || out.Bytes != 5000 || out.Detail != "" {
		t.Errorf("got %+v", out)
	}
	if got.Host != "model.example" || got.URL.String() != "/a?b=c" || got.Header.Get("X-Key") != "1" || got.Header.Get("Accept-Encoding") != "" {
		t.Errorf("sent %+v", got)
	}
	r.Status = []int{200}
	out = Do(t.Context(), direct(t), server.URL, r)
	if out.Class != HTTP4xx || len(out.Detail) > HeadLimit+20 || !strings.HasPrefix(out.Detail, "418 I'm a teapot x") {
		t.Errorf("got %+v", out)
	}
}

func TestRequestThatCannotBeMade(t *testing.T) {
	if out := Do(t.Context(), direct(t), "127.0.0.1:1", Request{Method: "BAD METHOD", Path: "/"}); out.Class != Other {
		t.Errorf("got %+v", out)
	}
}
