package answer

import (
	"testing"

	"plan/plans"
	"plan/runner/journal"
	"plan/runner/search"
)

func TestEveryDimensionHasItsEstimate(t *testing.T) {
	for _, d := range plans.Searchable() {
		if estimates[d] == nil {
			t.Errorf("a search can vary %s, of which no trial shows the need: see estimates", d)
		}
	}
}

// TestAnswersByDimension: memory is recommended with the margin, CPUs as found.
func TestAnswersByDimension(t *testing.T) {
	for _, c := range []struct {
		vary               plans.Vary
		found, recommended plans.Settings
	}{
		{plans.Vary{Dimension: plans.Memory, From: 100, To: 200, Step: 10}, plans.Settings{Limits: plans.Limits{Memory: 100}}, plans.Settings{Limits: plans.Limits{Memory: 120}}},
		{plans.Vary{Dimension: plans.CPUs, From: 100, To: 200, Step: 10}, plans.Settings{Limits: plans.Limits{CPUs: 100}}, plans.Settings{Limits: plans.Limits{CPUs: 100}}},
	} {
		found, recommended := answerOf(plans.Stage{Vary: []plans.Vary{c.vary}, Margin: 0.15}, search.Cell{})
		if got := journal.Settings(*found).Values(); got != c.found {
			t.Errorf("%s: found %+v", c.vary.Dimension, got)
		}
		if got := journal.Settings(*recommended).Values(); got != c.recommended {
			t.Errorf("%s: recommended %+v", c.vary.Dimension, got)
		}
	}
}
