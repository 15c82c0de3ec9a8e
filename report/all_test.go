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
		return journal.Trial{Users: to(10), Load: &journal.Load{Driver: journal.OwnEngine, Judged: engine.Judged{
			OK: 90, Failed: failed, Latency: engine.Percentiles{P95: p95}, LatencyAll: engine.Percentiles{P95: all},
		}}}
	}
	for name, c := range map[string]struct {
		trial  journal.Trial
		column bool
		line   string
	}{
		"none failed":            {trial(0, to(0.015), to(0.015)), false, ""},
		"nobody has measured it": {trial(9, to(0.015), nil), false, ""},
		"less than twofold":      {trial(9, to(0.015), to(0.029)), true, ""},
		"twofold":                {trial(9, to(0.015), to(2.0)), true, "10 users: P95 is of OK answers, 15ms; with the failed requests in it, time-outs included, it is 2s"},
		"no answer at all":       {trial(9, nil, to(2.0)), true, ""},
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
		"1 user: no request went to replica 3: the trial proves nothing of it":      {1, 1, 0},
		"1 user: no request went to replica 2, 3: the trial proves nothing of them": {43, 0, 0},
	} {
		trial := journal.Trial{Users: to(1), Load: &journal.Load{Requests: 43}}
		for _, n := range requests {
			trial.Instances = append(trial.Instances, journal.Instance{Requests: &n})
		}
		if got := strings.Join(idleReplicas(journal.Stage{Kind: plans.Check, Trials: []journal.Trial{trial}}), "\n"); got != want {
			t.Errorf("%v: %q, want %q", requests, got, want)
		}
	}
}
