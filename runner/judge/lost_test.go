package judge

import (
	"testing"
	"time"

	"plan/engine"
	"plan/internal/exchange"
	"plan/plans"
)

// A load of 10 users with pauses of 1 s and 20 judged seconds has at most 231 requests: p95
// is lost with 12 slower ones, an error rate of 10 % with 24 failed ones.
func TestALoadThatIsLost(t *testing.T) {
	p95 := plans.Objective{Metric: "p95", Limit: 0.5}
	errors := plans.Objective{Metric: ErrorRate, Limit: 0.1}
	pause := engine.ThinkTime{Kind: "fixed", Min: time.Second}
	load := engine.Load{Users: 10, Runtime: 20 * time.Second, ThinkTime: pause}
	with := func(change func(*engine.Load)) engine.Load { l := load; change(&l); return l }
	// second is one with so many OK and failed responses and percentiles of their latency.
	second := func(ok, failed int64, p50, p90, p95 float64) engine.Window {
		return engine.Window{Users: 10, Requests: ok + failed, OK: ok, Failed: failed, Waiting: new(0),
			Latency: engine.Percentiles{P50: &p50, P90: &p90, P95: &p95}}
	}
	slow := second(10, 0, 1, 1, 1)     // 5 slower ones at least
	some := second(10, 0, 0.1, 1, 1)   // one
	few := second(10, 0, 0.1, 0.1, 1)  // less than one is one
	failing := second(10, 12, 0, 0, 0) // 12 failed ones
	waiting := second(0, 0, 0, 0, 0)
	waiting.Waiting = new(2)
	late := waiting
	late.Users = 9
	repeated := func(w engine.Window, n int) (all []engine.Window) {
		for range n {
			all = append(all, w)
		}
		return all
	}
	for _, c := range []struct {
		name    string
		seconds []engine.Window
		load    engine.Load
		bounds  []plans.Objective
		lost    int // how many of the bounds
	}{
		{"nothing yet", nil, load, []plans.Objective{p95}, 0},
		// All that end in the first second may have begun before the window: 10 of them.
		{"half of the requests are slow", repeated(slow, 4), load, []plans.Objective{p95}, 0},
		{"one second more", repeated(slow, 5), load, []plans.Objective{p95}, 1},
		{"a tenth of the requests is slow", repeated(some, 21), load, []plans.Objective{p95}, 0},
		{"a tenth of more requests", repeated(some, 22), load, []plans.Objective{p95}, 1},
		{"one of ten", repeated(few, 22), load, []plans.Objective{p95}, 1},
		{"as slow as allowed", repeated(second(10, 0, 0.5, 0.5, 0.5), 20), load, []plans.Objective{p95}, 0},
		{"failures", repeated(failing, 2), load, []plans.Objective{errors}, 0},
		{"more failures", repeated(failing, 3), load, []plans.Objective{errors}, 1},
		{"no bound of failures", repeated(failing, 20), load, []plans.Objective{p95}, 0},
		{"both", repeated(second(10, 12, 1, 1, 1), 5), load, []plans.Objective{p95, errors}, 2},
		{"one of both", repeated(slow, 5), load, []plans.Objective{errors, p95}, 1},
		{"the bound of one request", repeated(slow, 20), load, []plans.Objective{{Request: "a", Metric: "p95", Limit: 0.5}}, 0},
		{"throughput", repeated(second(100, 0, 1, 1, 1), 20), load, []plans.Objective{{Metric: throughput, Limit: 0.1}}, 0},
		{"as many failures as may be early ones", []engine.Window{second(0, 10, 0, 0, 0)}, load, []plans.Objective{{Metric: ErrorRate}}, 0},
		// In 19 s there are at most 220 requests: 11 slower ones, and the 2 that waited.
		{"one second", []engine.Window{waiting, second(28, 0, 1, 1, 1)}, with(func(l *engine.Load) { l.WarmUp = time.Second }), []plans.Objective{p95}, 1},
		{"a second less of late users", []engine.Window{late, second(28, 0, 1, 1, 1)}, with(func(l *engine.Load) { l.WarmUp = time.Second }),
			[]plans.Objective{p95}, 0},
		{"users that do not pause", repeated(slow, 20), with(func(l *engine.Load) { l.ThinkTime = engine.ThinkTime{} }), []plans.Objective{p95}, 0},
		{"requests at the start", repeated(slow, 20), with(func(l *engine.Load) { l.OnStart = []exchange.Request{{}} }), []plans.Objective{p95}, 0},
		{"the maximum", append(repeated(waiting, 2), few, few, few), with(func(l *engine.Load) { l.WarmUp = 2 * time.Second }),
			[]plans.Objective{{Metric: "max", Limit: 0.5}}, 1},
		{"the maximum of those that waited", append(repeated(waiting, 2), few, few), with(func(l *engine.Load) { l.WarmUp = 2 * time.Second }),
			[]plans.Objective{{Metric: "max", Limit: 0.5}}, 0},
		// Of the judged 18 s there are at most 209 requests: 11 slower ones, and the 2 that waited.
		{"after a warm-up", append(repeated(waiting, 2), repeated(slow, 2)...), with(func(l *engine.Load) { l.WarmUp = 2 * time.Second }),
			[]plans.Objective{p95}, 0},
		{"a second more", append(repeated(waiting, 2), repeated(slow, 3)...), with(func(l *engine.Load) { l.WarmUp = 2 * time.Second }),
			[]plans.Objective{p95}, 1},
		{"slow only in the warm-up", append(repeated(slow, 9), waiting), with(func(l *engine.Load) { l.WarmUp = 9 * time.Second }),
			[]plans.Objective{p95}, 0},
		{"users that start late", append(repeated(late, 8), repeated(slow, 2)...), with(func(l *engine.Load) { l.WarmUp = 2 * time.Second }),
			[]plans.Objective{p95}, 0},
		{"arrivals", repeated(slow, 7), engine.Load{ArrivalRate: 20, Runtime: 20 * time.Second, Users: 10}, []plans.Objective{p95}, 1},
		{"fewer seconds of arrivals", repeated(slow, 6), engine.Load{ArrivalRate: 20, Runtime: 20 * time.Second, Users: 10}, []plans.Objective{p95}, 0},
	} {
		if lost := Lost(c.seconds, c.load, c.bounds); len(lost) != c.lost {
			t.Errorf("%s: %v, want %d", c.name, lost, c.lost)
		}
	}
}
