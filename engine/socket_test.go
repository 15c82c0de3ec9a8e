package engine

import (
	"context"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"plan/internal/exchange"
)

// onSockets tests both transports on real sockets.
func onSockets(t *testing.T, test func(t *testing.T, run func(Load, ...string) Result)) {
	t.Helper()
	onSocketsUntil(t, func(t *testing.T, run func(context.Context, Load, ...string) Result) {
		test(t, func(load Load, addresses ...string) Result { return run(t.Context(), load, addresses...) })
	})
}

// onSocketsUntil runs loads that end when enough was observed, because a busy
// machine takes longer.
func onSocketsUntil(t *testing.T, test func(t *testing.T, run func(context.Context, Load, ...string) Result)) {
	t.Helper()
	t.Run("epoll", func(t *testing.T) {
		test(t, func(ctx context.Context, load Load, addresses ...string) Result {
			r, err := Run(ctx, load, addresses, nil)
			if err != nil || r.Transport != "epoll" {
				t.Fatalf("by %q: %v", r.Transport, err)
			}
			holds(t, load, r)
			return r
		})
	})
	t.Run("net/http", func(t *testing.T) {
		test(t, func(ctx context.Context, load Load, addresses ...string) Result {
			r, err := ways["net/http"](ctx, load, addresses, nil, (&net.Dialer{}).DialContext)
			if err != nil {
				t.Fatal(err)
			}
			holds(t, load, r)
			return r
		})
	})
}

func TestClosedPort(t *testing.T) { onSockets(t, closedPort) }

func closedPort(t *testing.T, run func(Load, ...string) Result) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	listener.Close()
	load := Load{Users: 3, Runtime: 300 * time.Millisecond, ThinkTime: fixed(10 * time.Millisecond), Requests: []exchange.Request{get("/predict")}}
	r := run(load, listener.Addr().String())
	if r.Total.OK != 0 || r.Total.Errors[exchange.Refused] != r.Total.Failed || r.Total.Failed < 10 || *r.UsersNeverAnswered != 3 {
		t.Errorf("%+v, %d never answered", r.Total, *r.UsersNeverAnswered)
	}
	if r.Total.LatencyOK.P50 != nil || r.Judged.Latency.P95 != nil || r.Judged.OKRate != 0 {
		t.Errorf("a closed port looks fast: %+v", r.Judged)
	}
}

// server counts its requests by path.
type server struct {
	address              string
	good, bad, cut, slow atomic.Int64
}

func newServer(t *testing.T) *server {
	t.Helper()
	s := &server{}
	real := httptest.NewServer(http.HandlerFunc(s.answer))
	t.Cleanup(real.Close)
	s.address = strings.TrimPrefix(real.URL, "http://")
	return s
}

func (s *server) answer(w http.ResponseWriter, r *http.Request) {
	io.Copy(io.Discard, r.Body)
	switch r.URL.Path {
	case "/bad":
		s.bad.Add(1)
		w.WriteHeader(503)
	case "/cut":
		s.cut.Add(1)
		c, _, err := w.(http.Hijacker).Hijack()
		if err != nil {
			panic(err)
		}
		c.(*net.TCPConn).SetLinger(0)
		io.WriteString(c, "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nok") // so that the connection is not idle
		c.Close()
	case "/slow":
		s.slow.Add(1)
		<-r.Context().Done()
	default:
		s.good.Add(1)
	}
}

// within reports whether the service's count matches a load: requests in flight
// at the end may or may not have arrived.
func within(t *testing.T, name string, counted int64, c Counts) {
	t.Helper()
	if counted < c.OK+c.Failed || counted > c.Requests {
		t.Errorf("%s: the service counted %d of %+v", name, counted, c)
	}
}

func TestMixOnRealSockets(t *testing.T) { onSockets(t, mixOnRealSockets) }

func mixOnRealSockets(t *testing.T, run func(Load, ...string) Result) {
	s := newServer(t)
	slow := get("/slow")
	slow.Timeout = 100 * time.Millisecond
	load := Load{Users: 20, Runtime: 700 * time.Millisecond, ThinkTime: ThinkTime{Kind: "exponential", Min: 10 * time.Millisecond},
		Requests: []exchange.Request{get("/good"), get("/bad"), get("/cut"), slow}}
	r := run(load, s.address)
	within(t, "good", s.good.Load(), r.ByRequest["good"])
	within(t, "bad", s.bad.Load(), r.ByRequest["bad"])
	within(t, "cut", s.cut.Load(), r.ByRequest["cut"])
	if asked := s.slow.Load(); asked == 0 || asked > r.ByRequest["slow"].Requests { // a timeout may come before the service gets the request
		t.Errorf("slow: the service counted %d of %+v", asked, r.ByRequest["slow"])
	}
	if r.ByRequest["good"].Failed != 0 || r.ByRequest["bad"].Errors[exchange.HTTP5xx] == 0 ||
		r.ByRequest["slow"].Errors[exchange.Timeout] == 0 || r.ByRequest["cut"].OK != 0 || r.ByRequest["cut"].Failed == 0 {
		t.Errorf("%+v", r.ByRequest)
	}
	if r.CPUSeconds <= 0 {
		t.Errorf("%v CPU seconds", r.CPUSeconds)
	}
}

func TestTwoThousandUsers(t *testing.T) { onSockets(t, twoThousandUsers) }

func twoThousandUsers(t *testing.T, run func(Load, ...string) Result) {
	s := newServer(t)
	load := Load{Users: 2000, SpawnRate: 4000, Runtime: 1500 * time.Millisecond, ThinkTime: fixed(500 * time.Millisecond), Requests: []exchange.Request{get("/good")}}
	r := run(load, s.address)
	within(t, "good", s.good.Load(), r.Total)
	// The number of responses depends on the machine; none may be lost.
	if r.Total.Failed != 0 || r.Total.OK == 0 || int64(*r.UsersNeverAnswered) > *r.Total.InFlight || r.Connections > 2000 {
		t.Errorf("%+v, %d never answered, %d connections", r.Total, *r.UsersNeverAnswered, r.Connections)
	}
}

// TestADialThatOpensAfterTheEnd: net/http has given the request up by then, and keeps the connection for the next one.
func TestADialThatOpensAfterTheEnd(t *testing.T) {
	ended, late := make(chan struct{}), make(chan net.Conn, 1)
	dial := func(context.Context, string, string) (net.Conn, error) {
		<-ended
		client, server := net.Pipe()
		late <- server
		return client, server.SetReadDeadline(time.Now().Add(10 * time.Second))
	}
	load := Load{Users: 1, Runtime: 100 * time.Millisecond, Requests: []exchange.Request{get("/predict")}}
	if _, err := ways["net/http"](t.Context(), load, []string{"service:80"}, nil, dial); err != nil {
		t.Fatal(err)
	}
	close(ended)
	if n, err := (<-late).Read(make([]byte, 1)); err != io.EOF {
		t.Errorf("read %d bytes, %v: the connection is open", n, err)
	}
}
