package compare

import (
	"fmt"
	"strings"
	"testing"

	"plan/engine"
	"plan/internal/units"
	"plan/plans"
	"plan/runner/journal"
)

// pair is two runs, and the change of the second one's first stage.
type pair struct {
	name string
	a, b journal.Run
	want Change
	why  string // part of it
}

func (p pair) check(t *testing.T) {
	t.Run(p.name, func(t *testing.T) {
		if s := Runs(p.a, p.b).Stages[0]; s.Change != p.want || !strings.Contains(s.Why, p.why) {
			t.Errorf("%s: %s; want %s: %s", s.Change, s.Why, p.want, p.why)
		}
	})
}

// measured returns a run whose last trial has a load with these figures; it fails for the
// reason, or passes where that is "".
func measured(r journal.Run, why journal.Reason, figures engine.Judged) journal.Run {
	return changed(r, func(s *journal.Stage) {
		last(s).Load.Judged = figures
		if why != "" {
			last(s).Reason = &why
		}
	})
}

// bounded returns a run with other thresholds.
func bounded(r journal.Run, thresholds ...journal.Threshold) journal.Run {
	return changed(r, func(s *journal.Stage) { s.Thresholds = thresholds })
}

// unlimited returns a ramp whose last trial ran out of memory without a limit on its own.
func unlimited(r journal.Run) journal.Run {
	return changed(fails(r, journal.OOMLoad), func(s *journal.Stage) { last(s).Set, last(s).Instances = journal.Settings{}, nil })
}

func TestFiguresBeyondChance(t *testing.T) {
	throughput := journal.Threshold{Metric: "throughput", Limit: 90}
	rate := func(r float64) engine.Judged { return engine.Judged{OK: 1000, OKRate: r} }
	// A ramp of one step that passed, and one that failed, by their throughput.
	served := func(before, after float64) (a, b journal.Run) {
		return bounded(measured(ramp("a", 0.1), "", rate(before)), throughput),
			bounded(measured(ramp("b", 0.7), journal.Throughput, rate(after)), throughput)
	}
	passed, fell := served(100, 80)
	_, dipped := served(100, 81)
	// Latencies of both percentiles, under a threshold of 500 ms on each.
	both := []journal.Threshold{{Metric: "p50", Limit: 0.5}, {Metric: "p95", Limit: 0.5}}
	latencies := func(id string, p50, p95 float64) journal.Run {
		return bounded(measured(ramp(id, p95), "", engine.Judged{OK: 1000, Latency: engine.Percentiles{P50: &p50, P95: &p95}}), both...)
	}
	// A throughput of exactly its threshold, and a latency above its own.
	mixed := func(id string, p95, ok float64) journal.Run {
		return bounded(measured(ramp(id, p95), "", engine.Judged{OK: 1000, OKRate: ok, Latency: engine.Percentiles{P95: &p95}}),
			throughput, journal.Threshold{Metric: "p95", Limit: 0.5})
	}
	silent := func(r journal.Run, trial int) journal.Run {
		return changed(r, func(s *journal.Stage) { s.Trials[trial].Load = nil })
	}
	for _, c := range []pair{
		{"a fifth less throughput", passed, fell, Worse, "throughput 80, before 100"},
		{"less than a fifth", passed, dipped, Unclear, "throughput 81, before 100: this difference may be chance"},
		{"a latency at its threshold is not above it", latencies("a", 0.1, 0.4), latencies("b", 0.5, 0.6), Unclear, "p95 600ms, before 400ms: this difference may be chance"},
		{"the second threshold was broken", latencies("a", 0.1, 0.1), latencies("b", 0.2, 0.6), Worse, "p95 600ms, before 100ms"},
		{"both were, one by little", latencies("a", 0.4, 0.1), latencies("b", 0.6, 0.9), Worse, "p95 900ms, before 100ms"},
		{"a throughput at its threshold is not below it", mixed("a", 0.4, 200), mixed("b", 0.6, 90), Unclear, "p95 600ms, before 400ms: this difference may be chance"},
		{"every step held, and then fewer", ramp("a", 0.01, 0.02), ramp("b", 0.01, 4), Worse, "p95 4s, before 20ms"},
		{"without figures of what passed", silent(ramp("a", 0.01, 4), 0), ramp("b", 4), Unclear, "its figures are not known"},
		{"without figures of what failed before", silent(ramp("a", 0.01, 4), 1), ramp("b", 4), Worse, "p95 4s, before 10ms"},
		{"without figures of what failed", ramp("a", 0.01, 4), silent(ramp("b", 4), 0), Unclear, "one failure that has no figure to compare"},
		{"errors", changed(failing(ramp("a", 0.01, 4), 0, 30), func(s *journal.Stage) { s.Trials[0].Load.Judged = engine.Judged{OK: 1000} }),
			failing(ramp("b", 4), 0, 30), Worse, "error_rate 3 %, before 0 %"},
		{"ready before it was not", readyIn(ramp("a", 0.01, 4), 10), changed(fails(ramp("b", 4), journal.NotReady), func(s *journal.Stage) {
			last(s).Seconds.Total = 19
		}), Unclear, "not ready after 19s, ready after 10s"},
	} {
		c.check(t)
	}
}

// cpus is a search for CPUs that found a value, with a limit of 1000M beside it: the
// trials of found, with this much memory used by the one that passed.
func cpus(id string, value float64, used int64) journal.Run {
	s := journal.Stage{Address: "search.cpus", Kind: plans.Search, Service: "service.api", Dimension: plans.CPUs, Verdict: journal.Passed,
		Found: &journal.Point{CPUs: &value}, Certificate: &journal.Certificate{Passed: "search.cpus/1", Failed: []string{"search.cpus/2"}}}
	for i, v := range []float64{value, value - 0.5} {
		one := at(fmt.Sprintf("search.cpus/%d", i+1), 1000, used)
		one.Set.CPUs = &v
		s.Trials = append(s.Trials, one)
	}
	s.Trials[1].Verdict, s.Trials[1].Reason = journal.Failed, new(journal.OOMLoad)
	return run(id, s)
}

func TestMemoryBeyondChance(t *testing.T) {
	// needing makes the containers of all trials that passed need so much each; 0: not known.
	needing := func(r journal.Run, each ...int64) journal.Run {
		return changed(r, func(s *journal.Stage) {
			for i := range s.Trials {
				if s.Trials[i].Verdict != journal.Passed {
					continue
				}
				s.Trials[i].Instances = nil
				for _, needed := range each {
					one := journal.Instance{Limits: journal.Limits{Memory: units.Bytes(*s.Trials[i].Set.Memory)}}
					if needed > 0 {
						one.Memory.Peak = new(needed << 20)
					}
					s.Trials[i].Instances = append(s.Trials[i].Instances, one)
				}
			}
		})
	}
	for _, c := range []pair{
		{"the first container needs the most", needing(found("a", 1300, 0), 1250, 100), needing(found("b", 1400, 0), 1350, 100), Worse, "it needs 100M more"},
		{"the second one does", needing(found("a", 1300, 0), 100, 1250), needing(found("b", 1400, 0), 100, 1350), Worse, "it needs 100M more"},
		{"the need of one is not known", needing(found("a", 1300, 0), 0, 1250, 0), needing(found("b", 1400, 0), 0, 1350, 0), Worse, "it needs 100M more"},
		{"not known of the first run", needing(found("a", 1300, 0)), found("b", 1400, 1350), Unclear, "how much memory they needed is not known"},
		{"a first look is not the trial that passed", found("a", 1300, 1250), found("b", 0, 0), Worse,
			"search.memory/2 of the first run at 1300M passed, and search.memory/1 of the second run at 2000M failed"},
		{"it needs less, and more was found", needing(found("a", 1300, 0), 1250), needing(found("b", 1400, 0), 1200), Unclear, "it needs 0B more"},
		{"CPUs, with room for memory", cpus("a", 1, 900), cpus("b", 1.5, 900), Worse,
			"search.cpus/1 of the first run at 1 CPU passed, and search.cpus/2 of the second run at 1 CPU failed: oom_load; at the limit of 1000M, the trial that passed has 100M left"},
		{"CPUs, without room", cpus("a", 1, 990), cpus("b", 1.5, 990), Unclear, "at the limit of 1000M, the trial that passed has 10M left"},
		{"more was used than the limit", changed(ramp("a", 0.01, 0.02, 4), func(s *journal.Stage) {
			s.Trials[1].Instances[0].Memory.Peak = new(int64(1001 << 20))
		}), fails(ramp("b", 0.01, 4), journal.OOMLoad), Unclear, "at the limit of 1000M, the trial that passed has 0B left"},
		{"out of memory without a limit", ramp("a", 0.01, 4), unlimited(ramp("b", 4)), Unclear, "how much memory was left is not known"},
		{"what was used is not known", changed(ramp("a", 0.01, 4), func(s *journal.Stage) { s.Trials[0].Instances = nil }),
			fails(ramp("b", 4), journal.OOMLoad), Unclear, "how much memory was left is not known"},
	} {
		c.check(t)
	}
}

// What proves nothing: a trial that is missing, or that did not fail.
func TestTrialsThatProveNothing(t *testing.T) {
	const none = "no trial of this stage proves the difference"
	for _, c := range []pair{
		{"fewer steps, and all held", ramp("a", 0.01, 0.02, 0.2), ramp("b", 0.01, 0.02), Unclear, none},
		{"more steps, and all held", ramp("a", 0.01, 0.02), ramp("b", 0.01, 0.02, 0.2), Unchanged, "not proven better: " + none},
		{"no trial that passed", changed(ramp("a", 0.01, 0.02, 4), func(s *journal.Stage) { s.Certificate = nil }), ramp("b", 0.01, 4), Unclear, none},
		{"the step above is inconclusive", ramp("a", 0.01, 0.02, 4), changed(ramp("b", 0.01, 4), func(s *journal.Stage) { last(s).Verdict = journal.Inconclusive }), Unclear, none},
		{"it failed without a reason", ramp("a", 0.01, 0.02, 4), changed(ramp("b", 0.01, 4), func(s *journal.Stage) { last(s).Reason = nil }), Unclear, none},
	} {
		c.check(t)
	}
}

// At the geometric mean, and where a figure is 0.
func TestNearAtTheEnds(t *testing.T) {
	for _, c := range []struct {
		x, y, z float64
		want    bool
	}{
		{1, 10, 100, true}, {2, 1, 0, true},
	} {
		if nearer(c.x, c.y, c.z) != c.want {
			t.Errorf("%v between %v and %v: nearer is %v", c.y, c.x, c.z, !c.want)
		}
	}
}

func TestStepsOfShortGrids(t *testing.T) {
	for _, c := range []struct {
		grid     []float64
		at, want float64
	}{
		{[]float64{100, 300}, 300, 200}, {[]float64{100, 300}, 100, 200}, {[]float64{100, 300}, 50, 0}, {nil, 100, 0},
	} {
		if got := stepAfter(&journal.Stage{Grid: c.grid}, c.at); got != c.want {
			t.Errorf("%v at %v: %v, want %v", c.grid, c.at, got, c.want)
		}
	}
}
