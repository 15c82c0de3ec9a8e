package conformance

import (
	"context"
	"crypto/tls"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"sync/atomic"
	"testing"
	"time"

	"github.com/HdrHistogram/hdrhistogram-go"
	"golang.org/x/sys/unix"

	"plan/engine"
	"plan/internal/exchange"
)

// Servers with faults: each case has its class, and none looks fast.

// patience is longer than a connect takes on a busy machine.
const patience = time.Second

// asking returns a load of some users with that timeout.
func asking(users int, runtime time.Duration) engine.Load {
	return engine.Load{Users: users, Runtime: runtime, Requests: []exchange.Request{{Name: "asked", Path: "/", Weight: 1, Timeout: patience}}}
}

// TestNoAnswer: the class is right, and there is no latency of OK
// responses.
func TestNoAnswer(t *testing.T) {
	for _, c := range []struct {
		name    string
		address func(t *testing.T) string
		class   exchange.Class
		least   time.Duration // latency of a failure
		ways    []way
	}{
		{"a closed port", freeAddress, exchange.Refused, 0, []way{loops, clients, secured}},
		{"a server that accepts and says nothing", mute, exchange.Timeout, patience, []way{loops, clients}},
		{"a server that accepts and does not shake hands", mute, exchange.TLS, patience, []way{secured}},
		{"a server that speaks no TLS", plain, exchange.TLS, 0, []way{secured}},
		{"a server that wants our certificate", wary, exchange.TLS, 0, []way{secured}},
		{"a server whose backlog is full", full, exchange.ConnectTimeout, patience, []way{loops, clients, secured}},
		{"a name that does not resolve", func(*testing.T) string { return "no-such-name.invalid:80" }, exchange.DNS, 0, []way{loops, clients, secured}},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			onAll(t, c.ways, func(t *testing.T, by way) {
				r := by.run(t.Context(), t, asking(5, c.least+1200*time.Millisecond), c.address(t))
				only(t, r, c.class)
				failed := r.Total.LatencyFailed
				if r.Total.OK > 0 || *r.UsersNeverAnswered != 5 || r.Judged.OKRate != 0 || time.Duration(*failed.P50*1e9) < c.least*99/100 {
					t.Errorf("%d OK, %d users never answered, failed after %v s at p50; judged %+v", r.Total.OK, *r.UsersNeverAnswered, *failed.P50, r.Judged)
				}
			})
		})
	}
}

// TestWhatAServerBreaksOff: a broken exchange is the server's failure with each
// transport and method, also on a reused connection: nothing is sent again. An
// HTTP/2 connection continues.
func TestWhatAServerBreaksOff(t *testing.T) {
	for _, method := range []string{http.MethodGet, http.MethodPost} {
		t.Run(method, func(t *testing.T) {
			onAll(t, []way{loops, clients, secured, second}, func(t *testing.T, by way) {
				ctx, stop := context.WithCancel(t.Context())
				defer stop()
				var asked atomic.Int64
				address := handled(t, by, func(_ http.ResponseWriter, r *http.Request) {
					io.Copy(io.Discard, r.Body)
					n := asked.Add(1)
					if n%25 == 0 {
						panic(http.ErrAbortHandler)
					}
					if n == 510 { // however long that takes
						stop()
					}
				})
				load := engine.Load{Users: 5, Runtime: time.Minute, ThinkTime: engine.ThinkTime{Kind: "fixed", Min: 5 * time.Millisecond},
					Requests: []exchange.Request{{Name: "asked", Method: method, Path: "/", Weight: 1, Replay: true, Body: []byte("{}")}}}
				r := by.run(ctx, t, load, address)
				broken, n := r.Total.Errors[exchange.Reset], asked.Load()
				if n < 510 || r.Total.Failed != broken || broken > n/25 || broken < n/25-5 || broken == 0 || *r.Total.Retried != 0 || n > r.Total.Requests {
					t.Errorf("asked %d times: %+v, %v", n, r.Total, r.Examples)
				}
			})
		})
	}
}

// TestResetsAtRegularIntervals: such resets are not closes of idle connections,
// because others get responses after the same pauses. The first responses may
// not show that yet.
func TestResetsAtRegularIntervals(t *testing.T) {
	onAll(t, []way{loops, clients}, func(t *testing.T, by way) {
		var asked, broke atomic.Int64
		address := handled(t, by, func(w http.ResponseWriter, r *http.Request) {
			io.Copy(io.Discard, r.Body)
			if asked.Add(1)%25 != 0 {
				return
			}
			broke.Add(1)
			c, _, err := w.(http.Hijacker).Hijack()
			if err != nil {
				t.Error(err)
				return
			}
			c.(*net.TCPConn).SetLinger(0)
			c.Close()
		})
		load := engine.Load{Users: 100, Runtime: 4 * time.Second, ThinkTime: engine.ThinkTime{Kind: "fixed", Min: 600 * time.Millisecond},
			Requests: []exchange.Request{{Name: "asked", Method: http.MethodPost, Path: "/", Weight: 1, Replay: true, Body: []byte("{}")}}}
		r := by.run(t.Context(), t, load, address)
		broken, n := r.Total.Errors[exchange.Reset], broke.Load()
		told := broken + *r.Total.Retried
		if r.Total.Failed != broken || told > n || told+*r.Total.InFlight < n || *r.Total.Retried > n/5 || broken == 0 {
			t.Errorf("asked %d times, %d broken: %+v, %v", asked.Load(), broke.Load(), r.Total, r.Examples)
		}
	})
}

// mute accepts connections and sends nothing.
func mute(t *testing.T) string {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	return l.Addr().String()
}

func plain(t *testing.T) string {
	s := httptest.NewServer(http.NotFoundHandler())
	t.Cleanup(s.Close)
	return s.Listener.Addr().String()
}

// wary requires a client certificate.
func wary(t *testing.T) string {
	s := httptest.NewUnstartedServer(http.NotFoundHandler())
	s.TLS = &tls.Config{ClientAuth: tls.RequireAnyClientCert}
	s.Config.ErrorLog = log.New(io.Discard, "", 0)
	s.StartTLS()
	t.Cleanup(s.Close)
	return s.Listener.Addr().String()
}

// full listens with a full backlog and accepts nothing.
func full(t *testing.T) string {
	fd, err := unix.Socket(unix.AF_INET, unix.SOCK_STREAM, 0)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { unix.Close(fd) })
	if err := unix.Bind(fd, &unix.SockaddrInet4{Addr: [4]byte{127, 0, 0, 1}}); err != nil {
		t.Fatal(err)
	}
	if err := unix.Listen(fd, 0); err != nil {
		t.Fatal(err)
	}
	name, err := unix.Getsockname(fd)
	if err != nil {
		t.Fatal(err)
	}
	address := (&net.TCPAddr{IP: net.IPv4(127, 0, 0, 1), Port: name.(*unix.SockaddrInet4).Port}).String()
	for range 4 {
		if c, err := net.DialTimeout("tcp", address, 50*time.Millisecond); err == nil {
			t.Cleanup(func() { c.Close() })
		}
	}
	return address
}

// TestAStall with 2 s in 5 s at 10/s: what is due in the stall waits until its
// end, so that of all 50 requests the slowest took 2 s, and a tenth took at
// least 1.5 s, minus the 100 ms between two of them. On average nothing takes
// longer than in the server's log.
//
// Each waiting request has a connection of its own. With the race detector a
// TLS handshake takes 9 ms of CPU on both sides, 3.5 ms without it: at 100/s
// both TLS transports needed all of 2 cores, and each arrival that found
// handshakes waiting added one to them.
func TestAStall(t *testing.T) {
	const (
		from, to = 1500 * time.Millisecond, 3500 * time.Millisecond
		requests = 50
		gap      = 100 * time.Millisecond
		reading  = 300 * time.Millisecond // that a busy machine may take to see a response
	)
	onAll(t, []way{loops, clients, secured, second}, func(t *testing.T, by way) {
		var began atomic.Pointer[time.Time]
		answered := make(chan time.Time, 2*requests)
		address := handled(t, by, func(http.ResponseWriter, *http.Request) {
			now := time.Now()
			began.CompareAndSwap(nil, &now)
			if at := now.Sub(*began.Load()); at > from && at < to {
				time.Sleep(to - at)
			}
			answered <- time.Now()
		})
		load := engine.Load{Users: 2 * requests, Runtime: requests * gap, ArrivalRate: float64(time.Second / gap), Requests: []exchange.Request{{Name: "asked", Path: "/", Weight: 1}}}
		start := time.Now()
		r := by.run(t.Context(), t, load, address)
		only(t, r, exchange.OK)
		n, log := len(answered), time.Duration(0) // sum of all latencies, independent of their order
		for i := range n {
			log += (<-answered).Sub(start) - time.Duration(i)*gap
		}
		took, mean := r.Total.LatencyOK, meanOK(t, r)
		if r.Total.OK < requests-3 || *took.Max < (to-from-2*gap).Seconds() || *took.P90 < 1.5-2*gap.Seconds() || mean > log/time.Duration(n)+reading {
			t.Errorf("%d OK, p90 %v, max %v s, mean %v; the log has %d, mean %v", r.Total.OK, *took.P90, *took.Max, mean, n, log/time.Duration(n))
		}
	})
}

// meanOK returns the mean latency of OK responses.
func meanOK(t *testing.T, r engine.Result) time.Duration {
	t.Helper()
	h, err := hdrhistogram.Decode([]byte(r.Histograms.OK))
	if err != nil {
		t.Fatal(err)
	}
	return time.Duration(h.Mean() * float64(time.Microsecond))
}

// TestAServerThatDies: its responses are counted, and nothing after its end is
// OK.
func TestAServerThatDies(t *testing.T) {
	onAll(t, []way{loops, clients, secured, second}, func(t *testing.T, by way) {
		ctx, stop := context.WithCancel(t.Context())
		defer stop()
		var answered atomic.Int64
		enough, died := make(chan struct{}), make(chan time.Time, 1)
		s := serve(t, by, func(w http.ResponseWriter, r *http.Request) {
			time.Sleep(5 * time.Millisecond)
			if answered.Add(1) == 500 { // 50 of each user, however long that takes
				close(enough)
			}
		})
		go func() {
			select {
			case <-enough:
			case <-ctx.Done():
				return
			}
			s.Listener.Close()
			s.CloseClientConnections()
			died <- time.Now()
			time.Sleep(2200 * time.Millisecond) // at least one whole second after the end
			stop()
		}()
		start := time.Now()
		r := by.run(ctx, t, asking(10, time.Minute), s.Listener.Addr().String())
		select {
		case <-enough:
		default:
			t.Fatalf("the server answered %d in a minute: %v", answered.Load(), r.Total.Errors)
		}
		after := r.Series[min(len(r.Series), int((<-died).Sub(start).Seconds())+1):]
		for _, w := range after {
			if w.OK > 0 || w.Failed == 0 {
				t.Errorf("%d OK and %d failed in second %d", w.OK, w.Failed, w.Second)
			}
		}
		unheard := answered.Load() - r.Total.OK // failures by the broken connections, and by timeouts
		if len(after) == 0 || r.Total.OK == 0 || unheard < 0 || unheard > 10+r.Total.Errors[exchange.Timeout] || r.Total.Errors[exchange.Refused] == 0 || *r.UsersNeverAnswered > 0 {
			t.Errorf("%d OK, the server answered %d: %v", r.Total.OK, answered.Load(), r.Total.Errors)
		}
		t.Logf("%d OK, %v", r.Total.OK, r.Total.Errors)
	})
}

// handled returns the address of a handler.
func handled(t *testing.T, by way, handler http.HandlerFunc) string {
	return serve(t, by, handler).Listener.Addr().String()
}

// serve serves a handler so that a way leads to it.
func serve(t *testing.T, by way, handler http.HandlerFunc) *httptest.Server {
	t.Helper()
	s := httptest.NewUnstartedServer(handler)
	if s.EnableHTTP2 = by == second; by.scheme == "https" {
		s.StartTLS()
	} else {
		s.Start()
	}
	t.Cleanup(s.Close)
	return s
}
