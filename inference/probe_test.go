package inference

import (
	"bufio"
	"context"
	"errors"
	"net"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"plan/internal/exchange"
)

// listen serves each connection, numbered from 1, with a function.
func listen(t *testing.T, serve func(net.Conn, int64)) string {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { listener.Close() })
	var taken atomic.Int64
	go func() {
		for {
			connection, err := listener.Accept()
			if err != nil {
				return
			}
			n := taken.Add(1)
			go func() {
				defer connection.Close()
				serve(connection, n)
			}()
		}
	}()
	return listener.Addr().String()
}

// answers reads a request and writes the text.
func answers(text string) func(net.Conn, int64) {
	return func(c net.Conn, _ int64) {
		if _, err := http.ReadRequest(bufio.NewReader(c)); err == nil {
			_, _ = c.Write([]byte(text))
		}
	}
}

// A port without a path is ready with any HTTP status but 503, and counts as
// TCP without HTTP.
func TestAnyAnswer(t *testing.T) {
	silent := func(c net.Conn, _ int64) { _, _ = c.Read(make([]byte, 1<<10)); _, _ = c.Read(make([]byte, 1)) }
	for name, c := range map[string]struct {
		serve    func(net.Conn, int64)
		plain    bool
		notReady string
	}{
		"200":          {answers("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"), false, ""},
		"404":          {answers("HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n"), false, ""},
		"500":          {answers("HTTP/1.0 500 Oh\r\n\r\n"), false, ""},
		"503":          {answers("HTTP/1.1 503 Service Unavailable\r\nContent-Length: 7\r\n\r\nloading"), false, "503 Service Unavailable loading"},
		"silence":      {silent, false, ""},
		"closes":       {func(net.Conn, int64) {}, true, ""},
		"speaks first": {func(c net.Conn, n int64) { _, _ = c.Write([]byte("SSH-2.0-x\r\n")); silent(c, n) }, true, ""},
		"no HTTP":      {answers("-ERR unknown command\r\n"), true, ""},
		"little":       {answers("no"), true, ""},
		"an endless header": {func(c net.Conn, n int64) {
			line := "X: " + strings.Repeat("x", 1<<10) + "\r\n" // long ones: with the race detector each takes time
			answers("HTTP/1.1 200 OK\r\n"+strings.Repeat(line, 3<<10))(c, n)
			silent(c, n)
		}, true, ""},
		"one worker that ends": {func(c net.Conn, n int64) {
			if n > 1 {
				answers("HTTP/1.1 204 No Content\r\n\r\n")(c, n)
			}
		}, false, ""},
	} {
		t.Run(name, func(t *testing.T) {
			waits, within := name == "silence" || c.notReady != "", time.Minute
			if waits {
				within = time.Second
			}
			ctx, cancel := context.WithTimeout(t.Context(), within)
			defer cancel()
			plain, err := WaitReady(ctx, Probe{URL: "http://" + listen(t, c.serve) + "/", Any: true})
			last, is := errors.AsType[*NotReady](err)
			if plain != c.plain || is != waits || err != nil && !is || is && last.Last != c.notReady {
				t.Errorf("plain %t, %v", plain, err)
			}
		})
	}
}

func TestProbesSendTheirHeaders(t *testing.T) {
	for _, anything := range []bool{false, true} {
		s := server(t, func(w http.ResponseWriter, r *http.Request) {
			if r.Host != "api:8000" || r.Header.Get("X-Key") != "7" {
				w.WriteHeader(503)
			}
		})
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		if _, err := WaitReady(ctx, Probe{URL: s.URL + "/", Any: anything, Header: map[string]string{"Host": "api:8000", "X-Key": "7"}}); err != nil {
			t.Errorf("any %t: %v", anything, err)
		}
		cancel()
	}
}

func TestAnAttemptMayBeBounded(t *testing.T) {
	s := server(t, func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() })
	for _, anything := range []bool{false, true} {
		ctx, cancel := context.WithTimeout(t.Context(), 500*time.Millisecond)
		_, err := WaitReady(ctx, Probe{URL: s.URL + "/", Any: anything, Timeout: 100 * time.Millisecond})
		cancel()
		if err == nil || !strings.Contains(err.Error(), "within 100ms") {
			t.Errorf("any %t: %v", anything, err)
		}
	}
}

// TestAttemptsOverlap: an attempt that waits continues, and a new one starts
// alongside it each second.
func TestAttemptsOverlap(t *testing.T) {
	for name, c := range map[string]struct {
		answered int // number of the attempt that gets a response
		after    time.Duration
		want     time.Duration // when WaitReady returns
	}{
		"the first, late": {1, 20 * time.Second, 20 * time.Second},
		"a later one":     {4, 10 * time.Millisecond, 3010 * time.Millisecond},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				begun, start := atomic.Int64{}, time.Now()
				_, err := poll(t.Context(), func(ctx context.Context) attemptResult {
					after := time.Hour
					if begun.Add(1) == int64(c.answered) {
						after = c.after
					}
					select {
					case <-time.After(after):
						return attemptResult{}
					case <-ctx.Done():
						return errorResult(ctx.Err())
					}
				})
				if took := time.Since(start); err != nil || took != c.want {
					t.Errorf("%v after %s", err, took)
				}
			})
		})
	}
}

// TestSilenceAfterRefusals: a refusal before an accepted connection is not the
// last result.
func TestSilenceAfterRefusals(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
		defer cancel()
		start := time.Now()
		_, err := poll(ctx, func(ctx context.Context) attemptResult {
			if time.Since(start) > 2*time.Second {
				<-ctx.Done()
			}
			return attemptResult{Outcome: exchange.Outcome{Class: exchange.Refused}}
		})
		if err == nil || err.Error() != "not ready: no response" {
			t.Errorf("got %v", err)
		}
	})
}

// TestFirstWaitsForTheService: requests that are refused or get a 503 are
// repeated until the time is over, others are not.
func TestFirstWaitsForTheService(t *testing.T) {
	for name, c := range map[string]struct {
		status int
		times  int // how often it responds so
		within time.Duration
		asked  int64
		class  exchange.Class
	}{
		"503, then well":  {503, 3, time.Minute, 4, exchange.OK},
		"503 for ever":    {503, 1 << 30, 0, 1, exchange.HTTP5xx},
		"500 is answered": {500, 1, time.Minute, 1, exchange.HTTP5xx},
	} {
		var asked atomic.Int64
		s := server(t, func(w http.ResponseWriter, _ *http.Request) {
			if asked.Add(1) <= int64(c.times) {
				w.WriteHeader(c.status)
			}
		})
		got := First(t.Context(), s.Listener.Addr().String(), []exchange.Request{{Path: "/"}}, c.within).Outcomes
		if got[0].Class != c.class || asked.Load() != c.asked {
			t.Errorf("%s: %+v after %d", name, got, asked.Load())
		}
	}
	if got := First(t.Context(), s0(t), []exchange.Request{{Path: "/"}}, 100*time.Millisecond).Outcomes; got[0].Class != exchange.Refused {
		t.Errorf("a closed port: %+v", got)
	}
}

// s0 is an address without a listener.
func s0(t *testing.T) string {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	return listener.Addr().String()
}

// TestAgain: any status is a response. A request without a response waits for
// its timeout and ends the job.
func TestAgain(t *testing.T) {
	s := server(t, func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/silent" {
			<-r.Context().Done()
		}
		w.WriteHeader(503)
	})
	requests := []exchange.Request{{Path: "/a"}, {Path: "/silent", Timeout: 200 * time.Millisecond}, {Path: "/never"}}
	begun := time.Now()
	got := Again(t.Context(), s.Listener.Addr().String(), requests)
	if len(got) != 2 || got[0].Status != 503 || got[1].Class != exchange.Timeout || time.Since(begun) < 200*time.Millisecond {
		t.Errorf("%+v after %s", got, time.Since(begun))
	}
}

// TestAgainWaitsForAnAnswer: a request on a connection that breaks is repeated.
func TestAgainWaitsForAnAnswer(t *testing.T) {
	address := listen(t, func(c net.Conn, n int64) {
		if n > 2 {
			answers("HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n")(c, n)
		}
	})
	if got := Again(t.Context(), address, []exchange.Request{{Path: "/", Timeout: time.Minute}}); len(got) != 1 || got[0].Status != 404 {
		t.Errorf("%+v", got)
	}
	begun := time.Now()
	if got := Again(t.Context(), s0(t), []exchange.Request{{Path: "/", Timeout: 300 * time.Millisecond}}); got[0].Class != exchange.Refused || time.Since(begun) < 250*time.Millisecond {
		t.Errorf("%+v after %s", got, time.Since(begun))
	}
}
