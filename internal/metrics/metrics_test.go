package metrics

import (
	"slices"
	"testing"
)

func TestTheTableIsSound(t *testing.T) {
	seen := map[string]bool{}
	for _, m := range All() {
		if seen[m.Name] {
			t.Errorf("%s stands twice", m.Name)
		}
		seen[m.Name] = true
		if m.Name == "" || m.Unit == "" || m.Doc == "" || m.Doc[len(m.Doc)-1] != '.' {
			t.Errorf("%+v lacks its name, its unit or a sentence", m)
		}
		if m.Bounded && (m.Better == Neither || !m.Load) {
			t.Errorf("%s: a threshold needs a direction and a load", m.Name)
		}
		if m.Quantile < 0 || m.Quantile > 1 || m.Quantile > 0 && (m.Unit != Seconds || m.Better != Lower || !m.Bounded) {
			t.Errorf("%s is no percentile of a latency that can be bounded", m.Name)
		}
		if Named(m.Name) != m {
			t.Errorf("Named(%q) is another metric", m.Name)
		}
	}
	if !slices.IsSortedFunc(Percentiles(), func(a, b Metric) int { return int(1e6 * (a.Quantile - b.Quantile)) }) {
		t.Error("the percentiles do not rise")
	}
}

func TestAHigherPercentileHasAtMostHalfAbove(t *testing.T) {
	for _, m := range Percentiles() {
		above := m.HalfAbove()
		if m.Quantile < 1 && above.Quantile <= m.Quantile || 1-above.Quantile > (1-m.Quantile)/2+1e-9 {
			t.Errorf("above %s comes %s", m.Name, above.Name)
		}
		for _, lower := range Percentiles() {
			if lower.Quantile < above.Quantile && 1-lower.Quantile <= (1-m.Quantile)/2 {
				t.Errorf("above %s comes %s, though %s is lower", m.Name, above.Name, lower.Name)
			}
		}
	}
	for name, want := range map[string]string{"p90": "p95", "p95": "p99", "max": "max"} {
		if got := Named(name).HalfAbove().Name; got != want {
			t.Errorf("above %s comes %s, want %s", name, got, want)
		}
	}
}

func TestLabels(t *testing.T) {
	for name, want := range map[string]string{"p50": "p50", "p999": "p99.9", "max": "max", "throughput": "throughput"} {
		if got := Named(name).Label(); got != want {
			t.Errorf("%s is called %q, want %q", name, got, want)
		}
	}
}

func TestAnUnknownMetricIsRefused(t *testing.T) {
	defer func() {
		if recover() == nil {
			t.Error("no panic")
		}
	}()
	Named("p42")
}
