package engine

import (
	"context"
	"math"
	"net"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"plan/internal/exchange"
)

// users returns the number of active users at the end of each second.
func users(r Result) (all []int) {
	for _, w := range r.Series {
		all = append(all, w.Users)
	}
	return all
}

// Four users start, one per second, stay for two seconds and stop, one per
// second. Each sends every 101 ms while it is active: for 10, 8, 6 and 4 s.
func TestUsersComeAndGo(t *testing.T) {
	load := Load{Users: 4, Runtime: 11100 * time.Millisecond, ThinkTime: fixed(91 * time.Millisecond), Requests: []exchange.Request{get("/predict")},
		Stages: []Stage{{Over: 250 * time.Millisecond}, {Users: 4, Over: 4 * time.Second}, {Users: 4, Over: 2 * time.Second}, {Over: 4 * time.Second}}}
	bubble(t, load, after(10*time.Millisecond), func(t *testing.T, r Result, s *service) {
		if want := int64(100 + 80 + 60 + 40); r.Total.OK != want || r.Total.Requests != want || s.asked.Load() != want {
			t.Errorf("%+v, the service counted %d, want %d", r.Total, s.asked.Load(), want)
		}
		if want := []int{1, 2, 3, 4, 4, 4, 4, 3, 2, 1, 0, 0}; !slices.Equal(users(r), want) {
			t.Errorf("users %v, want %v", users(r), want)
		}
		if r.Judged.From != 0 || r.Judged.OK != r.Total.OK || r.Connections != 4 || !near(r.Lateness.Max, 0) {
			t.Errorf("judged %+v, %d connections, lateness %v", r.Judged, r.Connections, *r.Lateness.Max)
		}
	})
}

// counting counts open connections.
type counting struct {
	net.Conn
	open *atomic.Int64
	once sync.Once
}

func (c *counting) Close() error {
	c.once.Do(func() { c.open.Add(-1) })
	return c.Conn.Close()
}

func TestUsersComeBack(t *testing.T) {
	load := Load{Users: 2, Runtime: 3300 * time.Millisecond, ThinkTime: fixed(91 * time.Millisecond), Requests: []exchange.Request{get("/predict")},
		Stages: []Stage{{Over: 250 * time.Millisecond}, {Users: 2}, {Users: 2, Over: time.Second}, {}, {Over: time.Second}, {Users: 2}}}
	eachWay(t, func(t *testing.T, run way) {
		s := newService(after(10 * time.Millisecond))
		defer s.server.Close()
		var open atomic.Int64
		dial := func(ctx context.Context, network, address string) (net.Conn, error) {
			c, err := s.pipes.dial(ctx, network, address)
			if err == nil {
				open.Add(1)
				c = &counting{Conn: c, open: &open}
			}
			return c, err
		}
		time.AfterFunc(1900*time.Millisecond, func() {
			if n := open.Load(); n != 0 || s.asked.Load() != 2*10 {
				t.Errorf("%d connections of users that have gone, %d requests", n, s.asked.Load())
			}
		})
		r, err := run(t.Context(), load, []string{"service:80"}, nil, dial)
		if err != nil {
			t.Fatal(err)
		}
		holds(t, load, r)
		if r.Total.OK != 2*(10+11) || r.Total.Requests != r.Total.OK || r.Connections != 4 || !slices.Equal(users(r), []int{2, 0, 2, 2}) {
			t.Errorf("%+v on %d connections, users %v", r.Total, r.Connections, users(r))
		}
	})
}

// A user that starts again while it waits for a response is not late.
func TestAUserThatIsBusyWhenItIsToGoAndToComeBack(t *testing.T) {
	load := Load{Users: 1, Runtime: 4250 * time.Millisecond, Requests: []exchange.Request{get("/predict")},
		Stages: []Stage{{Users: 1}, {Users: 1, Over: 500 * time.Millisecond}, {}, {Over: 500 * time.Millisecond}, {Users: 1}}}
	bubble(t, load, after(1500*time.Millisecond), func(t *testing.T, r Result, _ *service) {
		if r.Total.OK != 2 || r.Total.Requests != 3 || !slices.Equal(users(r), []int{1, 1, 1, 1, 1}) || !near(r.Lateness.Max, 0) {
			t.Errorf("%+v, users %v, lateness %v", r.Total, users(r), *r.Lateness.Max)
		}
	})
}

// A stopped user no longer waits.
func TestUsersThatGoWithoutAnAnswer(t *testing.T) {
	request := get("/predict")
	request.Timeout = time.Second
	load := Load{Users: 2, Runtime: 3300 * time.Millisecond, Requests: []exchange.Request{request},
		Stages: []Stage{{Users: 2}, {Users: 2, Over: 500 * time.Millisecond}, {Users: 1}}}
	bubble(t, load, func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() }, func(t *testing.T, r Result, _ *service) {
		if *r.UsersNeverAnswered != 2 || *r.UsersOverdue != 1 || r.Total.Failed != 4 || *r.Total.InFlight != 1 {
			t.Errorf("%+v, %d never answered, %d overdue", r.Total, *r.UsersNeverAnswered, *r.UsersOverdue)
		}
	})
}

// logged is a service that logs the times of requests.
type logged struct {
	mu sync.Mutex
	at []time.Time
}

func (l *logged) answer(_ http.ResponseWriter, r *http.Request) {
	l.mu.Lock()
	l.at = append(l.at, time.Now())
	l.mu.Unlock()
	stall(r, 5*time.Millisecond)
}

// upAndDown is a rate that rises to 100 in 2 s, stays for 1 s and falls to 0 in
// 2 s: 300 arrivals.
var upAndDown = []Stage{{Rate: 100, Over: 2 * time.Second}, {Rate: 100, Over: time.Second}, {Over: 2 * time.Second}}

// nthOfUpAndDown returns when the integral of that rate reaches n, computed by
// hand.
func nthOfUpAndDown(n int) time.Duration {
	switch x := float64(n); {
	case n < 100:
		return time.Duration(math.Sqrt(x/25) * 1e9)
	case n < 200:
		return time.Duration((2 + (x-100)/100) * 1e9)
	default:
		return time.Duration((5 - math.Sqrt((300-x)/25)) * 1e9)
	}
}

func TestArrivalsFollowTheirStages(t *testing.T) {
	for _, threads := range []int{1, 2} {
		load := Load{Users: 20, Runtime: 5500 * time.Millisecond, Threads: threads, Stages: upAndDown, Requests: []exchange.Request{get("/predict")}}
		eachWay(t, func(t *testing.T, run way) {
			var log logged
			s := newService(log.answer)
			defer s.server.Close()
			start := time.Now()
			r, err := run(t.Context(), load, []string{"service:80"}, nil, s.pipes.dial)
			if err != nil {
				t.Fatal(err)
			}
			holds(t, load, r)
			if len(log.at) != 300 || r.Total.OK != 300 || *r.Total.Dropped != 0 || r.Series[5].Requests != 0 {
				t.Fatalf("%d arrivals, %+v", len(log.at), r.Total)
			}
			for n, at := range log.at {
				if d := at.Sub(start) - nthOfUpAndDown(n); d.Abs() > time.Microsecond {
					t.Fatalf("arrival %d came at %v, want %v", n, at.Sub(start), nthOfUpAndDown(n))
				}
			}
		})
	}
}

// Two users, the second one after 1 s, who send every 101 ms; 1 s of warm-up.
func TestAWarmUpIsNotJudged(t *testing.T) {
	closed := Load{Users: 2, SpawnRate: 1, Runtime: 4060 * time.Millisecond, WarmUp: time.Second, ThinkTime: fixed(91 * time.Millisecond), Requests: []exchange.Request{get("/predict")}}
	staged, open := closed, closed
	staged.Stages = []Stage{{Users: 2, Over: 2 * time.Second}}
	open.ArrivalRate, open.Users = 10, 20
	for name, c := range map[string]struct {
		load     Load
		from     float64
		requests int64 // number of judged requests
	}{
		"when all users are active": {closed, 2, 21 + 21},
		"after the start of stages": {staged, 1, 31 + 31},
		"after the start":           {open, 1, 31},
	} {
		t.Run(name, func(t *testing.T) {
			bubble(t, c.load, after(10*time.Millisecond), func(t *testing.T, r Result, _ *service) {
				if j := r.Judged; j.From != c.from || j.Requests != c.requests || j.OK != j.Requests || math.Abs(j.From+j.Seconds-r.Seconds) > 1e-9 {
					t.Errorf("judged %+v of %v s", j, r.Seconds)
				}
			})
			c.load.WarmUp = time.Hour
			bubble(t, c.load, after(10*time.Millisecond), func(t *testing.T, r Result, _ *service) {
				if j := r.Judged; j.Requests != 0 || j.Seconds != 0 || j.From != r.Seconds || j.Latency.P99 != nil || r.Total.OK == 0 {
					t.Errorf("judged %+v of a warm-up", j)
				}
			})
		})
	}
}

// connections is a server that counts opened and closed connections.
type connections struct {
	address      string
	opened, shut atomic.Int64
}

func countConnections(t *testing.T, after func(c *connections)) *connections {
	t.Helper()
	c := &connections{}
	server := httptest.NewUnstartedServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {}))
	server.Config.ConnState = func(_ net.Conn, state http.ConnState) {
		switch state {
		case http.StateNew:
			c.opened.Add(1)
		case http.StateClosed:
			c.shut.Add(1)
		}
		after(c)
	}
	server.Start()
	t.Cleanup(server.Close)
	c.address = strings.TrimPrefix(server.URL, "http://")
	return c
}

// The load ends when the server has seen that all users have closed their
// connections. Late users have a second before the first one stops.
func TestUsersComeAndGoOnSockets(t *testing.T) {
	onSocketsUntil(t, func(t *testing.T, run func(context.Context, Load, ...string) Result) {
		ctx, cancel := context.WithCancel(t.Context())
		defer cancel()
		c := countConnections(t, func(c *connections) {
			if c.opened.Load() == 5 && c.shut.Load() == 5 {
				cancel()
			}
		})
		load := Load{Users: 5, Runtime: time.Minute, ThinkTime: fixed(5 * time.Millisecond), Requests: []exchange.Request{aGet},
			Stages: []Stage{{Users: 5, Over: 100 * time.Millisecond}, {Users: 5, Over: time.Second}, {Over: 100 * time.Millisecond}}}
		r := run(ctx, load, c.address)
		if r.Total.OK < 5 || r.Total.Failed != 0 || *r.Total.InFlight != 0 || r.Connections != 5 {
			t.Errorf("%+v on %d connections", r.Total, r.Connections)
		}
		if r.Series[len(r.Series)-1].Users != 0 || r.Judged.Requests != r.Total.Requests {
			t.Errorf("users %v, judged %+v", users(r), r.Judged)
		}
	})
}

// No arrival is early and none is lost on a busy machine.
func TestArrivalsFollowTheirStagesOnSockets(t *testing.T) {
	onSockets(t, func(t *testing.T, run func(Load, ...string) Result) {
		var log logged
		server := httptest.NewServer(http.HandlerFunc(log.answer))
		defer server.Close()
		load := Load{Users: 200, Runtime: 500 * time.Millisecond, Requests: []exchange.Request{aGet}, WarmUp: 250 * time.Millisecond,
			Stages: []Stage{{Rate: 800, Over: 250 * time.Millisecond}, {Over: 250 * time.Millisecond}}}
		start := time.Now()
		r := run(load, strings.TrimPrefix(server.URL, "http://"))
		server.Close() // the log is complete by then
		slices.SortFunc(log.at, time.Time.Compare)
		within(t, "all", int64(len(log.at)), r.Total)
		if r.Total.Requests+*r.Total.Dropped != 200 || r.Judged.From != 0.25 || r.Judged.Requests > 100 {
			t.Errorf("%+v, judged %+v", r.Total, r.Judged)
		}
		schedule := newArrivals(&load, choice{1})
		for n, at := range log.at {
			if at.Sub(start) < schedule.at {
				t.Fatalf("arrival %d came at %v, before %v", n, at.Sub(start), schedule.at)
			}
			schedule.next()
		}
	})
}
