package engine

import (
	"context"
	"encoding/base64"
	"io"
	"log"
	"net/http"
	"os"
	"reflect"
	"sync"
	"testing"
	"time"

	"github.com/HdrHistogram/hdrhistogram-go"

	"plan/internal/exchange"
	"plan/internal/leaks"
)

func TestMain(m *testing.M) {
	if address := os.Getenv(childVariable); address != "" {
		serveAsChild(address)
		return
	}
	log.SetOutput(io.Discard) // net/http logs unsolicited responses
	leaks.VerifyTestMain(m)
}

// Ten users, one every 100 ms, with responses after 10 ms and pauses of 190 ms:
// user i sends at 100i + 200k ms. The counts for 3.05 s are exact.
func TestEveryRequestIsCounted(t *testing.T) {
	load := Load{Users: 10, SpawnRate: 10, Runtime: 3050 * time.Millisecond, ThinkTime: fixed(190 * time.Millisecond), Requests: []exchange.Request{get("/predict")}}
	bubble(t, load, after(10*time.Millisecond), func(t *testing.T, r Result, s *service) {
		want := int64(0)
		for i := range 10 {
			want += int64((3050-100*i)/200) + 1
		}
		if r.Total.OK != want || r.Total.Requests != want || s.asked.Load() != want {
			t.Errorf("%d OK of %d, the service counted %d, want %d", r.Total.OK, r.Total.Requests, s.asked.Load(), want)
		}
		if !near(r.Total.LatencyOK.P50, 10*time.Millisecond) || !near(r.Total.LatencyOK.Max, 10*time.Millisecond) {
			t.Errorf("p50 %v, max %v", *r.Total.LatencyOK.P50, *r.Total.LatencyOK.Max)
		}
		if r.Seconds != 3.05 || len(r.Series) != 4 || r.Series[0].Users != 10 || r.Connections != 10 {
			t.Errorf("%v s, %d windows, %+v, %d connections", r.Seconds, len(r.Series), r.Series[0], r.Connections)
		}
		if r.Judged.From != 0.9 || r.Judged.OK != r.Judged.Requests || r.Judged.Requests >= want {
			t.Errorf("judged %+v", r.Judged)
		}
		if *r.UsersNeverAnswered != 0 || !near(r.Lateness.Max, 0) {
			t.Errorf("%d never answered, lateness %+v", *r.UsersNeverAnswered, r.Lateness)
		}
	})
}

func TestStallIsSeen(t *testing.T) {
	load := Load{Users: 4, SpawnRate: 100, Runtime: 10*time.Second + 50*time.Millisecond, ThinkTime: fixed(90 * time.Millisecond), Requests: []exchange.Request{get("/predict")}}
	var start time.Time
	var once sync.Once
	bubble(t, load, func(w http.ResponseWriter, r *http.Request) {
		once.Do(func() { start = time.Now() })
		if at := time.Since(start); at >= 5*time.Second && at < 7*time.Second {
			stall(r, 7*time.Second-at)
			return
		}
		stall(r, 10*time.Millisecond)
	}, func(t *testing.T, r Result, s *service) {
		if r.Total.Failed != 0 || r.Total.OK != s.asked.Load() {
			t.Errorf("%+v, the service counted %d", r.Total, s.asked.Load())
		}
		if *r.Judged.Latency.Max < 1.9 || *r.Total.LatencyOK.Max < 1.9 {
			t.Errorf("a stall of 2 s shows as %v s", *r.Judged.Latency.Max)
		}
		if w := r.Series[5]; *w.Waiting != 4 || w.Requests != 0 || w.Latency.P50 != nil {
			t.Errorf("in the stall: %+v", w)
		}
	})
}

func TestSilentServer(t *testing.T) {
	load := Load{Users: 5, SpawnRate: 1, Runtime: 11500 * time.Millisecond, Requests: []exchange.Request{get("/predict")}}
	for _, c := range []struct {
		timeout         time.Duration
		failed, waiting int64
		overdue         int
	}{
		{5 * time.Second, 7, 5, 5}, // users start at 0 to 4 s, so they wait 11.5 to 7.5 s
		{10 * time.Second, 2, 5, 2},
		{20 * time.Second, 0, 5, 0},
	} {
		load.Requests[0].Timeout = c.timeout
		bubble(t, load, func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() }, func(t *testing.T, r Result, s *service) {
			if r.Total.OK != 0 || r.Total.Errors[exchange.Timeout] != r.Total.Failed || *r.Total.InFlight != c.waiting {
				t.Errorf("timeout %v: %+v", c.timeout, r.Total)
			}
			if r.Total.Failed != c.failed || *r.UsersNeverAnswered != 5 || *r.UsersOverdue != c.overdue {
				t.Errorf("timeout %v: %d failed, %d never answered, %d overdue", c.timeout, r.Total.Failed, *r.UsersNeverAnswered, *r.UsersOverdue)
			}
			if r.Total.LatencyOK.P50 != nil || r.Judged.OKRate != 0 || r.Judged.OK != 0 || r.Judged.Requests == 0 {
				t.Errorf("timeout %v looks answered: %+v", c.timeout, r.Judged)
			}
			if last := r.Series[len(r.Series)-1]; *last.Waiting != 5 {
				t.Errorf("last window %+v", last)
			}
		})
	}
}

func TestUnansweredRequestsCountWithTheTimeTheyWaited(t *testing.T) {
	load := Load{Users: 2, Runtime: 6 * time.Second, Requests: []exchange.Request{get("/predict")}}
	bubble(t, load, after(time.Hour), func(t *testing.T, r Result, _ *service) {
		if *r.Total.InFlight != 2 || !near(r.Judged.Latency.Max, 6*time.Second) {
			t.Errorf("%+v, judged %+v", r.Total, r.Judged)
		}
	})
}

func TestServerThatDies(t *testing.T) {
	eachWay(t, func(t *testing.T, run way) {
		s := newService(after(10 * time.Millisecond))
		load := Load{Users: 3, Runtime: 4 * time.Second, ThinkTime: fixed(90 * time.Millisecond), Requests: []exchange.Request{get("/predict")}}
		time.AfterFunc(2050*time.Millisecond, func() { s.server.Close() })
		r, err := run(t.Context(), load, []string{"service:80"}, nil, s.pipes.dial)
		if err != nil {
			t.Fatal(err)
		}
		holds(t, load, r)
		if r.Total.OK != 3*21 || r.Total.OK != s.asked.Load() || r.Total.Errors[exchange.Refused] != r.Total.Failed || r.Total.Failed < 50 {
			t.Errorf("%+v, the service counted %d", r.Total, s.asked.Load())
		}
		if *r.UsersNeverAnswered != 0 || r.Examples[exchange.Refused] == "" {
			t.Errorf("%d never answered, examples %v", *r.UsersNeverAnswered, r.Examples)
		}
	})
}

func TestStopped(t *testing.T) {
	eachWay(t, func(t *testing.T, run way) {
		s := newService(after(10 * time.Millisecond))
		defer s.server.Close()
		ctx, cancel := context.WithTimeout(t.Context(), 2550*time.Millisecond)
		defer cancel()
		load := Load{Users: 3, Runtime: time.Hour, ThinkTime: fixed(90 * time.Millisecond), Requests: []exchange.Request{get("/predict")}}
		r, err := run(ctx, load, []string{"service:80"}, nil, s.pipes.dial)
		if err != nil || r.Seconds != 2.55 || r.Total.OK != s.asked.Load() || len(r.Series) != 3 {
			t.Errorf("%v s, %+v, %d windows, %v", r.Seconds, r.Total, len(r.Series), err)
		}
		holds(t, load, r)
	})
}

// A load that is cancelled while it waits for its start sends nothing.
func TestStoppedBeforeItsStart(t *testing.T) {
	load := Load{Users: 20, Runtime: time.Minute, Requests: []exchange.Request{get("/predict")}}
	s := newServer(t)
	for range 20 {
		ctx, cancel := context.WithCancel(t.Context())
		r, err := RunAfter(ctx, load, []string{s.address}, nil, func(context.Context) { cancel() })
		if err != nil || r.Total.Requests != 0 || r.Connections != 0 || r.Transport != Epoll {
			t.Fatalf("%+v over %d connections by %s, %v", r.Total, r.Connections, r.Transport, err)
		}
	}
	if n := s.good.Load(); n != 0 {
		t.Errorf("the service counted %d", n)
	}
}

func TestUsersThatNeverAllCame(t *testing.T) {
	load := Load{Users: 100, SpawnRate: 1, Runtime: 2500 * time.Millisecond, ThinkTime: fixed(time.Second), Requests: []exchange.Request{get("/predict")}}
	bubble(t, load, after(0), func(t *testing.T, r Result, _ *service) {
		if r.Judged.Requests != 0 || r.Judged.Seconds != 0 || r.Judged.Latency.P95 != nil || r.Series[2].Users != 3 {
			t.Errorf("judged %+v, %+v", r.Judged, r.Series[2])
		}
	})
}

func TestMixedRequestsAndErrors(t *testing.T) {
	slow := get("/slow")
	slow.Timeout = 50 * time.Millisecond
	never := get("/never")
	never.Weight = 0
	load := Load{Users: 20, Runtime: 20*time.Second + 75*time.Millisecond, ThinkTime: fixed(90 * time.Millisecond), Seed: 7,
		Requests: []exchange.Request{get("/ok"), get("/error"), slow, never}}
	counts := map[string]int64{}
	bubble(t, load, func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case "/error":
			stall(r, 10*time.Millisecond)
			w.WriteHeader(500)
		case "/slow":
			<-r.Context().Done()
		default:
			stall(r, 10*time.Millisecond)
		}
	}, func(t *testing.T, r Result, s *service) {
		if r.Total.Requests != s.asked.Load() {
			t.Errorf("%d requests, the service counted %d", r.Total.Requests, s.asked.Load())
		}
		for name, class := range map[string]exchange.Class{"ok": exchange.OK, "error": exchange.HTTP5xx, "slow": exchange.Timeout} {
			c := r.ByRequest[name]
			counts[name] = c.Requests
			if class != exchange.OK && (c.OK != 0 || c.Errors[class] != c.Failed) || class == exchange.OK && c.Failed != 0 {
				t.Errorf("%s: %+v", name, c)
			}
			if share := float64(c.Requests) / float64(r.Total.Requests); share < 0.30 || share > 0.37 {
				t.Errorf("%s has a share of %.3f, want a third", name, share)
			}
		}
		if r.ByRequest["never"].Requests != 0 || !near(r.Total.LatencyFailed.Max, 50*time.Millisecond) || !near(r.Total.LatencyOK.Max, 10*time.Millisecond) {
			t.Errorf("%+v", r.Total)
		}
	})
}

type records struct{ windows []Window }

func (r *records) Record(w Window) { r.windows = append(r.windows, w) }

// TestExchangesAreRecorded: with Exchanges each exchange is in one window, with what the
// counts have; the series has none, and without it no window has any.
func TestExchangesAreRecorded(t *testing.T) {
	eachWay(t, func(t *testing.T, run way) {
		s := newService(after(10 * time.Millisecond))
		defer s.server.Close()
		load := Load{Users: 2, Runtime: 2950 * time.Millisecond, ThinkTime: fixed(90 * time.Millisecond), Requests: []exchange.Request{get("/predict")}, Exchanges: true}
		var rec records
		begun := time.Now()
		r, err := run(t.Context(), load, []string{"a:80", "b:80"}, &rec, s.pipes.dial)
		if err != nil {
			t.Fatal(err)
		}
		var all []Exchange
		for i, w := range rec.windows {
			all = append(all, w.Exchanges...)
			if r.Series[i].Exchanges != nil {
				t.Error("the series has exchanges")
			}
		}
		if int64(len(all)) != r.Total.Requests || len(all) < 10 {
			t.Errorf("%d exchanges of %d requests", len(all), r.Total.Requests)
		}
		perAddress, bytes, last := [2]int64{}, int64(0), int64(0)
		for _, e := range all {
			perAddress[e.Endpoint]++
			bytes += e.Bytes
			last = max(last, e.Began)
			if e.Class == exchange.OK && (e.Status != 200 || !e.Judged || e.Took < 10*time.Millisecond) || e.Began < begun.UnixNano() {
				t.Errorf("%+v", e)
			}
		}
		if perAddress[0] != r.PerAddress["a:80"] || perAddress[1] != r.PerAddress["b:80"] || bytes != r.Total.Bytes {
			t.Errorf("%v and %d bytes, want %v and %d", perAddress, bytes, r.PerAddress, r.Total.Bytes)
		}
		if after := time.Duration(last - begun.UnixNano()); after < 2*time.Second || after > 3*time.Second {
			t.Errorf("the last one began after %v", after)
		}

		load.Exchanges, rec = false, records{}
		if _, err := run(t.Context(), load, []string{"a:80"}, &rec, s.pipes.dial); err != nil {
			t.Fatal(err)
		}
		for _, w := range rec.windows {
			if w.Exchanges != nil {
				t.Error("exchanges that nobody asked for")
			}
		}
	})
}

// TestOnlyAScheduledRequestIsLate: a request without an intended start has no lateness. The
// request of an arrival that waited for on_start has none either, but its latency has the wait.
func TestOnlyAScheduledRequestIsLate(t *testing.T) {
	requests, onStart := []exchange.Request{get("/predict")}, []exchange.Request{get("/login"), get("/profile")}
	for name, load := range map[string]Load{
		"closed": {Users: 2, Runtime: 300 * time.Millisecond, Requests: requests, Exchanges: true},
		"open":   {Users: 2, Runtime: 300 * time.Millisecond, ArrivalRate: 10, Requests: requests, OnStart: onStart, Exchanges: true},
	} {
		eachWay(t, func(t *testing.T, run way) {
			s := newService(after(10 * time.Millisecond))
			defer s.server.Close()
			var rec records
			if _, err := run(t.Context(), load, []string{"service:80"}, &rec, s.pipes.dial); err != nil || len(rec.windows) != 1 {
				t.Fatalf("%s: %d windows, %v", name, len(rec.windows), err)
			}
			var longest time.Duration
			for _, e := range rec.windows[0].Exchanges {
				if longest = max(longest, e.Took); e.Lateness != 0 {
					t.Errorf("%s: request %d is late by %v", name, e.Request, e.Lateness)
				}
			}
			if want := time.Duration(1+len(load.OnStart)) * 10 * time.Millisecond; longest != want {
				t.Errorf("%s: the longest took %v, want %v", name, longest, want)
			}
		})
	}
}

func TestRecorderHearsEverySecond(t *testing.T) {
	eachWay(t, func(t *testing.T, run way) {
		s := newService(after(10 * time.Millisecond))
		defer s.server.Close()
		var rec records
		load := Load{Users: 2, Runtime: 2950 * time.Millisecond, ThinkTime: fixed(90 * time.Millisecond), Requests: []exchange.Request{get("/predict")}}
		r, err := run(t.Context(), load, []string{"a:80", "b:80"}, &rec, s.pipes.dial)
		if err != nil || len(rec.windows) != 3 || !reflect.DeepEqual(rec.windows[1], r.Series[1]) {
			t.Errorf("%v, %+v", err, rec.windows)
		}
		if r.PerAddress["a:80"] != r.PerAddress["b:80"] || r.PerAddress["a:80"] == 0 {
			t.Errorf("sent %v", r.PerAddress)
		}
	})
}

func TestHistogramsCanBeReadBack(t *testing.T) {
	load := Load{Users: 2, Runtime: 2550 * time.Millisecond, ThinkTime: fixed(90 * time.Millisecond), Requests: []exchange.Request{get("/predict")}}
	bubble(t, load, after(10*time.Millisecond), func(t *testing.T, r Result, _ *service) {
		if _, err := base64.StdEncoding.DecodeString(r.Histograms.OK); err != nil {
			t.Error(err)
		}
		h, err := hdrhistogram.Decode([]byte(r.Histograms.OK))
		if err != nil || h.TotalCount() != r.Total.OK || r.Histograms.Failed != "" {
			t.Errorf("%v: %+v", err, h)
		}
	})
}

func TestLoadsThatAreWrong(t *testing.T) {
	good := Load{Users: 1, Runtime: time.Second, Requests: []exchange.Request{get("/")}}
	for name, spoil := range map[string]func(*Load){
		"no users":      func(l *Load) { l.Users = 0 },
		"no runtime":    func(l *Load) { l.Runtime = 0 },
		"no requests":   func(l *Load) { l.Requests = nil },
		"no weight":     func(l *Load) { l.Requests = []exchange.Request{{Path: "/"}} },
		"no method":     func(l *Load) { l.Requests = []exchange.Request{{Method: "A B", Path: "/", Weight: 1}} },
		"unknown pause": func(l *Load) { l.ThinkTime.Kind = "sometimes" },
		"reverse pause": func(l *Load) { l.ThinkTime = ThinkTime{Kind: "between", Min: 2, Max: 1} },
	} {
		load := good
		spoil(&load)
		if _, err := Run(t.Context(), load, []string{"127.0.0.1:1"}, nil); err == nil {
			t.Errorf("%s: no error", name)
		}
	}
	if _, err := Run(t.Context(), good, nil, nil); err == nil {
		t.Error("no address: no error")
	}
}
