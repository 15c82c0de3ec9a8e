package report

import (
	"strings"
	"testing"

	"plan/plans"
	"plan/runner/journal"
)

// TestTheMostThatFailed: a search of several dimensions that nothing passed names a trial with no other failed one
// above it, in whichever order they ran.
func TestTheMostThatFailed(t *testing.T) {
	at := func(id string, cpus float64, memory int64, workers any, verdict journal.Verdict) journal.Trial {
		one := journal.Trial{ID: id, Verdict: verdict, Set: journal.Settings{CPUs: &cpus, Memory: new(memory << 20), Vary: map[string]any{"workers": workers}}}
		if verdict == journal.Failed {
			one.Reason, one.Why = new(journal.OOMLoad), "out of memory "+id
		}
		return one
	}
	for name, c := range map[string]struct {
		trials []journal.Trial
		want   string
	}{
		"the least first": {[]journal.Trial{at("a", 1, 500, 1.0, journal.Failed), at("b", 2, 500, 1.0, journal.Failed), at("c", 1, 600, 1.0, journal.Failed),
			at("d", 2, 600, 1.0, journal.Failed)}, "2 CPU × 600M, workers 1"},
		"the most first":        {[]journal.Trial{at("a", 2, 600, 1.0, journal.Failed), at("b", 1, 600, 1.0, journal.Failed)}, "2 CPU × 600M, workers 1"},
		"neither":               {[]journal.Trial{at("a", 2, 500, 1.0, journal.Failed), at("b", 1, 600, 1.0, journal.Failed)}, "2 CPU × 500M, workers 1"},
		"another setting":       {[]journal.Trial{at("a", 1, 500, 1.0, journal.Failed), at("b", 2, 600, 2.0, journal.Failed)}, "1 CPU × 500M, workers 1"},
		"a list as a value":     {[]journal.Trial{at("a", 1, 500, []any{}, journal.Failed), at("b", 2, 600, []any{}, journal.Failed)}, "2 CPU × 600M, workers []"},
		"it was repeated":       {[]journal.Trial{at("a", 1, 500, 1.0, journal.Failed), at("b", 1, 500, 1.0, journal.Failed)}, "out of memory b"},
		"without a verdict":     {[]journal.Trial{at("a", 1, 500, 1.0, journal.Failed), at("b", 2, 600, 1.0, journal.Inconclusive)}, "1 CPU × 500M, workers 1"},
		"the first one says it": {[]journal.Trial{at("a", 2, 600, 1.0, journal.Inconclusive), at("b", 1, 500, 1.0, journal.Failed)}, "1 CPU × 500M, workers 1"},
	} {
		s := journal.Stage{Kind: plans.Search, Verdict: journal.Failed, Trials: c.trials,
			Axes: []journal.Axis{{Dimension: plans.Memory}, {Dimension: plans.CPUs}, {Dimension: "workers"}}}
		if got := Sentence(s); !strings.HasPrefix(got, "Nothing found: even ") || !strings.Contains(got, c.want) {
			t.Errorf("%s: %q, want %q", name, got, c.want)
		}
	}
}
