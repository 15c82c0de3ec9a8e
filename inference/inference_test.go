package inference

import (
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"plan/internal/exchange"
	"plan/internal/leaks"
)

func TestMain(m *testing.M) { leaks.VerifyTestMain(m) }

func server(t *testing.T, handler http.HandlerFunc) *httptest.Server {
	s := httptest.NewServer(handler)
	t.Cleanup(s.Close)
	return s
}

func TestReadyOnceItAnswersAsWanted(t *testing.T) {
	var asked atomic.Int64
	s := server(t, func(w http.ResponseWriter, r *http.Request) {
		if r.URL.String() != "/health?deep=1" {
			t.Errorf("asked %s", r.URL)
		}
		if asked.Add(1) < 3 {
			w.WriteHeader(503)
		}
	})
	if _, err := WaitReady(t.Context(), Probe{URL: s.URL + "/health?deep=1"}); err != nil || asked.Load() != 3 {
		t.Errorf("%v after %d attempts", err, asked.Load())
	}
}

func TestReadyWithAStatusOfItsOwn(t *testing.T) {
	s := server(t, func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(401) })
	if _, err := WaitReady(t.Context(), Probe{URL: s.URL, Status: 401}); err != nil {
		t.Error(err)
	}
}

func TestReadyOnceItListens(t *testing.T) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	if plain, err := WaitReady(t.Context(), Probe{TCP: listener.Addr().String()}); err != nil || !plain {
		t.Error(err)
	}
}

func TestNotReadyRemembersTheLastAnswer(t *testing.T) {
	closed, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	closed.Close()
	loading := server(t, func(w http.ResponseWriter, _ *http.Request) {
		http.Error(w, "loading the model", http.StatusServiceUnavailable)
	})
	silent := server(t, func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() })
	for name, c := range map[string]struct {
		probe Probe
		want  string
	}{
		"closed port":     {Probe{TCP: closed.Addr().String()}, "not ready: refused: dial tcp"},
		"closed port URL": {Probe{URL: "http://" + closed.Addr().String() + "/"}, "not ready: refused: "},
		"loading":         {Probe{URL: loading.URL}, "not ready: 503 Service Unavailable loading the model"},
		"silent":          {Probe{URL: silent.URL}, "not ready: no response"},
	} {
		ctx, cancel := context.WithTimeout(t.Context(), 120*time.Millisecond)
		_, err := WaitReady(ctx, c.probe)
		cancel()
		if _, ok := errors.AsType[*NotReady](err); !ok || !strings.HasPrefix(err.Error(), c.want) {
			t.Errorf("%s: got %v", name, err)
		}
	}
}

func TestProbesThatAreWrong(t *testing.T) {
	for _, probe := range []Probe{{}, {URL: "http://a/", TCP: "a:1"}, {URL: "http://a b/"}} {
		_, err := WaitReady(t.Context(), probe)
		if _, is := errors.AsType[*NotReady](err); err == nil || is {
			t.Errorf("%+v: got %v", probe, err)
		}
	}
}

// TestPausesGrow: an API that starts quickly is detected quickly, and one that
// starts slowly gets few requests.
func TestPausesGrow(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var at []time.Duration
		start := time.Now()
		_, err := poll(t.Context(), func(context.Context) attemptResult {
			at = append(at, time.Since(start))
			if len(at) == 10 {
				return attemptResult{}
			}
			return attemptResult{Outcome: exchange.Outcome{Class: exchange.Refused}}
		})
		if err != nil || at[1] != firstPause || at[9]-at[8] != longestPause || at[9] > 1500*time.Millisecond {
			t.Errorf("%v: attempts at %v", err, at)
		}
	})
}

func TestFirstIsOneUser(t *testing.T) {
	s := server(t, func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/login" {
			http.SetCookie(w, &http.Cookie{Name: "session", Value: "7"})
		} else if c, err := r.Cookie("session"); err != nil || c.Value != "7" {
			w.WriteHeader(401)
		}
	})
	answers := First(t.Context(), s.Listener.Addr().String(), []exchange.Request{{Path: "/login"}, {Path: "/predict"}}, 0)
	if got := answers.Outcomes; len(got) != 2 || got[1].Class != exchange.OK || answers.Cookies != "session=7" {
		t.Errorf("got %+v", answers)
	}
}

func TestFirstEndsAtTheFirstFailure(t *testing.T) {
	var bodies []string
	s := server(t, func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		bodies = append(bodies, r.Method+" "+r.URL.Path+" "+string(body))
		if r.URL.Path == "/bad" {
			w.WriteHeader(500)
		}
	})
	got := First(t.Context(), s.Listener.Addr().String(), []exchange.Request{
		{Path: "/health"}, {Method: "POST", Path: "/predict", Body: []byte("{}")}, {Path: "/bad"}, {Path: "/never"},
	}, time.Minute).Outcomes
	if len(got) != 3 || got[0].Class != exchange.OK || got[1].Class != exchange.OK || got[2].Class != exchange.HTTP5xx {
		t.Errorf("got %+v", got)
	}
	if want := "GET /health |POST /predict {}|GET /bad "; strings.Join(bodies, "|") != want {
		t.Errorf("asked %q", bodies)
	}
}
