package runner

import (
	"strings"
	"testing"

	"plan/internal/units"
	"plan/plans"
	"plan/runner/evidence"
	"plan/runner/journal"
)

// TestEveryDimensionIsCarriedOut: conditions get what was set, and the status
// tells every limit.
func TestEveryDimensionIsCarriedOut(t *testing.T) {
	for _, d := range plans.Dimensions() {
		var s plans.Settings
		s.Put(d, 2)
		if got := limitsText(s); !strings.Contains(got, d.Text(2)) {
			t.Errorf("a trial at %s is shown at %q", d.Text(2), got)
		}
	}
	for _, d := range plans.Settable() {
		var s plans.Settings
		s.Put(d, 1500)
		if got := evidence.Values(journal.Trial{Set: journal.SettingsOf(s)})[string(d)]; got != d.Number(1500) {
			t.Errorf("trial.%s is %v where %v was set", d, got, d.Number(1500))
		}
	}
}

// TestWhatTheHostMustHold: memory for each replica, and none where there is no
// limit.
func TestWhatTheHostMustHold(t *testing.T) {
	for _, c := range []struct {
		limits plans.Settings
		want   units.Bytes
	}{
		{plans.Settings{}, 0},
		{plans.Settings{Limits: plans.Limits{CPUs: 4000, PIDs: 9}, Replicas: 3}, 0},
		{plans.Settings{Limits: plans.Limits{Memory: 100}}, 100},
		{plans.Settings{Limits: plans.Limits{Memory: 100}, Replicas: 3}, 300},
	} {
		if got := reserved(c.limits); got != c.want {
			t.Errorf("%+v: %d", c.limits, got)
		}
	}
}
