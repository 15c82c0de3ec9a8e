package report

import (
	"slices"
	"strings"
	"testing"

	"plan/engine"
	"plan/plans"
	"plan/runner/journal"
)

func TestFailedRequestsInP95(t *testing.T) {
	trial := func(failed int64, p95, all *float64) journal.Trial {
		return journal.Trial{Users: new(10), Load: &journal.Load{Driver: journal.OwnEngine, Judged: engine.Judged{
			OK: 90, Failed: failed, Latency: engine.Percentiles{P95: p95}, LatencyAll: engine.Percentiles{P95: all},
		}}}
	}
	for name, c := range map[string]struct {
		trial  journal.Trial
		column bool
		line   string
	}{
		"none failed":            {trial(0, new(0.015), new(0.015)), false, ""},
		"nobody has measured it": {trial(9, new(0.015), nil), false, ""},
		"less than twofold":      {trial(9, new(0.015), new(0.029)), true, ""},
		"twofold":                {trial(9, new(0.015), new(2.0)), true, "10 users: P95 is 15ms for OK responses, and 2s with failed requests and timeouts included"},
		"no answer at all":       {trial(9, nil, new(2.0)), true, ""},
	} {
		s := journal.Stage{Kind: plans.Check, HasLoad: true, Trials: []journal.Trial{c.trial}}
		if got := slices.Contains(loadTable(s).Header, allColumn); got != c.column {
			t.Errorf("%s: the column is there: %v", name, got)
		}
		if got := strings.Join(hiddenLatency(s), "\n"); got != c.line {
			t.Errorf("%s: %q", name, got)
		}
	}
}

func TestAReplicaWithoutARequestProvesNothing(t *testing.T) {
	for want, requests := range map[string][]int64{
		"": {83, 42, 41},
		"1 user: replica 3 got no request, so the trial proves nothing about it":      {1, 1, 0},
		"1 user: replica 2, 3 got no request, so the trial proves nothing about them": {43, 0, 0},
	} {
		trial := journal.Trial{Users: new(1), Load: &journal.Load{Requests: 43}}
		for _, n := range requests {
			trial.Instances = append(trial.Instances, journal.Instance{Requests: &n})
		}
		if got := strings.Join(idleReplicas(journal.Stage{Kind: plans.Check, Trials: []journal.Trial{trial}}), "\n"); got != want {
			t.Errorf("%v: %q, want %q", requests, got, want)
		}
	}
}
