package ramp

import (
	"slices"
	"testing"

	"plan/engine"
	"plan/plans"
	"plan/runner/journal"
)

// A load that grew shows the windows that are over, and what ended the service before.
func TestWhatALoadThatGrewShows(t *testing.T) {
	growth := Growth{
		Windows:   []plans.Window{{Users: 1, From: 0, To: 2}, {Users: 2, From: 2, To: 4}},
		Threshold: []plans.Objective{{Metric: "p95", Limit: 1}},
	}
	second := func(p95 float64) engine.Window {
		return engine.Window{OK: 3, Latency: engine.Percentiles{P95: &p95}}
	}
	held, broke := second(1), second(2)
	for name, c := range map[string]struct {
		verdict journal.Verdict
		phase   journal.Phase
		seconds []engine.Window
		want    []int  // users of the windows, below 0 of a broken one
		why     string // of the last one
	}{
		"all of it": {journal.Passed, journal.PhaseEnd, []engine.Window{held, held, held, held},
			[]int{1, 2}, ""},
		"a window that is not over": {journal.Passed, journal.PhaseEnd, []engine.Window{held, held, held}, []int{1}, ""},
		"a window that broke": {journal.Failed, journal.PhaseEnd, []engine.Window{held, held, broke, broke},
			[]int{1, -2}, "p95 2s over 1s"},
		"ended in the second window": {journal.Failed, journal.PhaseLoad, []engine.Window{held, held, held},
			[]int{1, -2}, "exit 1"},
		"ended in the first one": {journal.Failed, journal.PhaseLoad, nil, []int{-1}, "exit 1"},
		"ended before the load":  {journal.Failed, journal.PhaseStart, nil, []int{-1}, "exit 1"},
		"ended once a window had broken": {journal.Failed, journal.PhaseLoad, []engine.Window{broke, broke},
			[]int{-1}, "p95 2s over 1s"},
		"ended after all windows": {journal.Failed, journal.PhaseLoad, []engine.Window{held, held, held, held},
			[]int{1, 2}, ""},
		"ended while it was watched": {journal.Failed, journal.PhaseHold, []engine.Window{held, held}, []int{1}, ""},
		"failed at the end":          {journal.Failed, journal.PhaseEnd, []engine.Window{held, held}, []int{1}, ""},
		"stopped by the guard":       {journal.Aborted, journal.PhaseLoad, []engine.Window{held, held, held}, []int{1}, ""},
	} {
		trial := journal.Trial{Verdict: c.verdict, Phase: c.phase, Why: "exit 1"}
		if c.seconds != nil {
			trial.Evidence = &journal.Evidence{Series: c.seconds}
		}
		var got []int
		why := ""
		for _, w := range growth.Shown(trial) {
			if why = w.Broken; why != "" {
				w.Users = -w.Users
			}
			got = append(got, w.Users)
		}
		if !slices.Equal(got, c.want) || why != c.why {
			t.Errorf("%s: %v, %q", name, got, why)
		}
	}
}
