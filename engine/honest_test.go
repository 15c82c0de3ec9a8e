package engine

import (
	"net/http"
	"slices"
	"sync/atomic"
	"testing"
	"time"

	"github.com/HdrHistogram/hdrhistogram-go"

	"plan/internal/exchange"
)

// Each response takes 10 s. One came in the judged window, and 100 had waited
// for 5 s when the load ended: no percentile may be reported from that.
func TestWaitsThatTheEndCutShortAreNotFast(t *testing.T) {
	request := get("/predict")
	request.Timeout = 30 * time.Second
	load := Load{Users: 100, SpawnRate: 100, Runtime: 16 * time.Second, Requests: []exchange.Request{request}}
	bubble(t, load, after(10*time.Second), func(t *testing.T, r Result, _ *service) {
		if r.Judged.OK != 1 || r.Judged.Requests != 101 {
			t.Fatalf("judged %+v", r.Judged)
		}
		if p50 := *r.Judged.Latency.P50; p50 < 9.9 {
			t.Errorf("p50 is %v s", p50)
		}
	})
}

// A service that responds for a second and then stops, or always responds.
func TestAServiceThatStopsAnswering(t *testing.T) {
	users := Load{Users: 10, Runtime: 5 * time.Second, ThinkTime: fixed(time.Millisecond), Requests: []exchange.Request{get("/predict")}}
	arrivals := Load{Users: 500, Runtime: 5 * time.Second, ArrivalRate: 50, Requests: []exchange.Request{get("/predict")}}
	for name, c := range map[string]struct {
		load Load
		from time.Duration
		hung bool
	}{
		"users": {users, time.Second, true}, "arrivals": {arrivals, time.Second, true},
		"users, always answered": {users, time.Hour, false}, "arrivals, always answered": {arrivals, time.Hour, false},
	} {
		t.Run(name, func(t *testing.T) {
			eachWay(t, func(t *testing.T, run way) {
				start := time.Now()
				s := newService(func(_ http.ResponseWriter, r *http.Request) {
					stall(r, 2*time.Millisecond)
					if time.Since(start) > c.from {
						<-r.Context().Done()
					}
				})
				defer s.server.Close()
				r, err := run(t.Context(), c.load, []string{"service:80"}, nil, s.pipes.dial)
				if err != nil || r.Total.Failed > 0 || r.Hung != c.hung || r.Waited() != c.hung {
					t.Errorf("%v, hung: %v, waited: %v, %+v, judged %+v", err, r.Hung, r.Waited(), r.Total, r.Judged)
				}
			})
		})
	}
}

// One of five requests is never answered: at any moment most of those in flight
// wait for their timeout. The service is not hung.
func TestTimeoutsAreNoSilence(t *testing.T) {
	load := Load{Users: 10, Runtime: 5 * time.Second, ThinkTime: fixed(10 * time.Millisecond), Requests: []exchange.Request{get("/predict")}}
	load.Requests[0].Timeout = 2 * time.Second
	eachWay(t, func(t *testing.T, run way) {
		var asked atomic.Int64
		s := newService(func(_ http.ResponseWriter, r *http.Request) {
			if asked.Add(1)%5 == 0 {
				<-r.Context().Done()
			}
		})
		defer s.server.Close()
		r, err := run(t.Context(), load, []string{"service:80"}, nil, s.pipes.dial)
		if err != nil || r.Total.Errors[exchange.Timeout] == 0 || *r.Total.InFlight == 0 || r.Hung {
			t.Errorf("%v, hung: %v, %+v", err, r.Hung, r.Total)
		}
	})
}

func TestHung(t *testing.T) {
	until := func(last int) (series []Window) { // 10 windows, with responses before the window last
		for i := range 10 {
			series = append(series, Window{Second: i, OK: int64(max(0, last-i))})
		}
		return series
	}
	for name, c := range map[string]struct {
		answer, failure *float64 // maximum latencies in seconds
		series          []Window
		waits           []time.Duration
		want            bool
	}{
		"nothing waits":                             {answer: new(0.1), series: until(10)},
		"nothing was answered":                      {waits: []time.Duration{time.Second}},
		"twice as long":                             {answer: new(0.5), series: until(10), waits: []time.Duration{990 * time.Millisecond}},
		"longer":                                    {answer: new(0.5), series: until(10), waits: []time.Duration{1100 * time.Millisecond}, want: true},
		"less than half of them":                    {answer: new(0.5), series: until(10), waits: []time.Duration{1, 2, time.Hour}},
		"as long as time-outs":                      {answer: new(0.5), failure: new(2.0), series: until(10), waits: []time.Duration{1900 * time.Millisecond}},
		"as long as two time-outs":                  {answer: new(0.5), failure: new(2.0), series: until(10), waits: []time.Duration{4100 * time.Millisecond}, want: true},
		"failures that are faster than answers":     {answer: new(0.5), failure: new(0.1), series: until(10), waits: []time.Duration{900 * time.Millisecond}},
		"time-outs, and answers until a second ago": {answer: new(0.5), failure: new(2.0), series: until(9), waits: []time.Duration{1900 * time.Millisecond}},
		"time-outs, and no answer for longer":       {answer: new(0.5), failure: new(2.0), series: until(8), waits: []time.Duration{1900 * time.Millisecond}, want: true},
		"time-outs, answers that are slow":          {answer: new(0.75), failure: new(2.0), series: until(8), waits: []time.Duration{1900 * time.Millisecond}},
		"time-outs in a load of a second":           {answer: new(0.5), failure: new(2.0), series: until(1)[:1], waits: []time.Duration{1900 * time.Millisecond}},
	} {
		var waits histogram
		for _, w := range c.waits {
			waits.record(w)
		}
		r := &Result{Series: c.series}
		r.Total.LatencyOK.Max, r.Total.LatencyFailed.Max = c.answer, c.failure
		if got := hung(&waits, r); got != c.want {
			t.Errorf("%s: %v, want %v", name, got, c.want)
		}
	}
}

// A user that cannot finish on_start drops its arrival. The service is the
// cause, so the driver is not saturated.
func TestArrivalsWhoseUsersCannotBegin(t *testing.T) {
	login := get("/login")
	load := Load{Users: 100, Runtime: 4 * time.Second, ArrivalRate: 50, Requests: []exchange.Request{get("/predict")}, OnStart: []exchange.Request{login}}
	bubble(t, load, func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == login.Path {
			w.WriteHeader(http.StatusServiceUnavailable)
		}
	}, func(t *testing.T, r Result, _ *service) {
		if *r.Total.Dropped != 200 || slices.Contains(kinds(r.Saturated), SaturationRate) {
			t.Errorf("%d dropped, invalid: %+v", *r.Total.Dropped, r.Saturated)
		}
		if c := r.ByRequest[login.Name]; !c.OnStart || c.Errors[exchange.HTTP5xx] != 200 || r.ByRequest["predict"].OnStart {
			t.Errorf("%+v", r.ByRequest)
		}
	})
}

// The histograms of the requests add up to the total.
func TestHistogramsByRequest(t *testing.T) {
	load := Load{Users: 10, Runtime: time.Second, ThinkTime: fixed(10 * time.Millisecond), Requests: []exchange.Request{get("/a"), get("/b")}}
	bubble(t, load, after(5*time.Millisecond), func(t *testing.T, r Result, _ *service) {
		for name, c := range r.ByRequest {
			h, err := hdrhistogram.Decode([]byte(r.Histograms.ByRequest[name].OK))
			if err != nil {
				t.Fatal(err)
			}
			if h.TotalCount() != c.OK || float64(h.Max())/1e6 != *c.LatencyOK.Max || r.Histograms.ByRequest[name].Failed != "" {
				t.Errorf("%s: %d in the histogram, at most %d µs; %+v", name, h.TotalCount(), h.Max(), c)
			}
		}
		if len(r.Histograms.ByRequest) != 2 {
			t.Errorf("%d histograms", len(r.Histograms.ByRequest))
		}
	})
}
