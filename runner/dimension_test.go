package runner

import (
	"strings"
	"testing"

	"plan/plans"
	"plan/runner/evidence"
	"plan/runner/journal"
)

// TestEveryDimensionIsApplied: conditions get what was set, and the status
// tells every limit.
func TestEveryDimensionIsApplied(t *testing.T) {
	for _, d := range plans.Dimensions() {
		var s plans.Settings
		s.Put(d, 2)
		if got := limitsText(s, nil); !strings.Contains(got, d.Text(2)) {
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
