package report

import (
	"testing"

	"plan/plans"
	"plan/runner/journal"
)

// TestEverySettingIsShown with each trial.
func TestEverySettingIsShown(t *testing.T) {
	for _, d := range plans.Settable() {
		var s plans.Settings
		s.Put(d, 64_000)
		if got := LimitsText(journal.Trial{Set: journal.SettingsOf(s)}); got != d.Text(64_000) {
			t.Errorf("a trial at %s is told at %q", d.Text(64_000), got)
		}
	}
}

// TestEveryAnswerIsPrinted in whatever dimension was searched.
func TestEveryAnswerIsPrinted(t *testing.T) {
	for _, d := range plans.Searchable() {
		var s plans.Settings
		s.Put(d, 64_000)
		point := journal.Point(journal.SettingsOf(s))
		if got := pointText(&point); got != d.Text(64_000) {
			t.Errorf("the answer %s is printed as %q", d.Text(64_000), got)
		}
		if got := searchedValue(d, journal.Trial{Set: journal.SettingsOf(s)}); got != d.Number(64_000) {
			t.Errorf("a trial at %s searched %v", d.Text(64_000), got)
		}
	}
}
