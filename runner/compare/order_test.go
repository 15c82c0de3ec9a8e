package compare

import (
	"fmt"
	"testing"

	"plan/plans"
	"plan/runner/journal"
)

// tried is a search for memory with these trials, in 100M: "+3" passed at 300M, "?3"
// passed a first look, "-2" failed, "~2" is inconclusive.
func tried(trials ...string) *journal.Stage {
	s := &journal.Stage{Kind: plans.Search, Dimension: plans.Memory, Verdict: journal.Failed}
	for i, text := range trials {
		limit := int64(text[1]-'0') * 100
		t := at(fmt.Sprintf("%d", i+1), limit, limit)
		t.FirstLook = text[0] == '?'
		switch text[0] {
		case '-':
			t.Verdict = journal.Failed
		case '~':
			t.Verdict = journal.Inconclusive
		}
		s.Trials = append(s.Trials, t)
	}
	return s
}

func TestTrialsOutOfOrder(t *testing.T) {
	for _, c := range []struct {
		name      string
		trials    []string
		aside     int
		low, high string // IDs; "" where they are in order
	}{
		{name: "in order", trials: []string{"?9", "-1", "+2"}},
		{name: "a pass below a failure", trials: []string{"+1", "-2"}, low: "1", high: "2"},
		{name: "a failure above a pass", trials: []string{"-2", "+1"}, low: "2", high: "1"},
		{name: "at the same value", trials: []string{"-2", "+2"}},
		{name: "the least that passed is the first one", trials: []string{"+1", "+3", "-2"}, low: "1", high: "3"},
		{name: "the least that passed is the last one", trials: []string{"+3", "-2", "+1"}, low: "3", high: "2"},
		{name: "the most that failed is the first one", trials: []string{"-4", "-2", "+1"}, low: "3", high: "1"},
		{name: "the most that failed is the second one", trials: []string{"-2", "-4", "+1"}, low: "3", high: "2"},
		{name: "the most that failed is the last one", trials: []string{"+1", "-2", "-4"}, low: "1", high: "3"},
		{name: "two passes at a value", trials: []string{"+1", "+1", "-2"}, low: "1", high: "3"},
		{name: "two failures at a value", trials: []string{"-2", "-2", "+1"}, low: "3", high: "1"},
		{name: "two failures, and the pass between them", trials: []string{"+2", "-1", "-3"}, low: "1", high: "3"},
		{name: "a first look", trials: []string{"-3", "?2"}, low: "2", high: "1"},
		{name: "what is inconclusive does not count", trials: []string{"~1", "-2", "+3", "~9"}},
		{name: "what was set aside does not count", trials: []string{"-4", "+1", "-2", "+3"}, aside: 2},
		{name: "nothing failed", trials: []string{"+1", "+2"}},
		{name: "nothing passed", trials: []string{"-1", "-2"}},
		{name: "nothing was tried"},
	} {
		s := tried(c.trials...)
		s.SetAside = c.aside
		low, high, is := outOfOrder(side{stage: s})
		if low.ID != c.low || high.ID != c.high || is != (c.low != "") {
			t.Errorf("%s: %q passed below %q: %v", c.name, low.ID, high.ID, is)
		}
	}
}

// Where a stage has no answer, a search failed at its highest value, and a ramp at its
// first step.
func TestTheTrialThatFailed(t *testing.T) {
	for _, c := range []struct {
		name   string
		trials []string
		kind   plans.Kind
		aside  int
		want   string // ID; "" is none
	}{
		{"at the highest value", []string{"-2", "-9", "-4"}, plans.Search, 0, "2"},
		{"at the first trial", []string{"-9", "-4"}, plans.Search, 0, "1"},
		{"twice at the highest value", []string{"-9", "-9"}, plans.Search, 0, "1"},
		{"not where it is inconclusive", []string{"~9", "-4"}, plans.Search, 0, "2"},
		{"not where it was set aside", []string{"-9", "-4", "-2"}, plans.Search, 1, "2"},
		{"the first step", []string{"-2", "-9"}, plans.Ramp, 0, "1"},
		{"the first check", []string{"-2", "-9"}, plans.Check, 0, "1"},
		{"no trial failed", []string{"~2", "?9"}, plans.Search, 0, ""},
	} {
		s := tried(c.trials...)
		s.Kind, s.SetAside = c.kind, c.aside
		got := ""
		if worst := (side{stage: s}).failed(); worst != nil {
			got = worst.ID
		}
		if got != c.want {
			t.Errorf("%s: %q, want %q", c.name, got, c.want)
		}
	}
	held := &journal.Stage{Kind: plans.Ramp, Held: new(9), Trials: tried("-9").Trials}
	if worst := (side{stage: held}).failed(); worst != nil {
		t.Errorf("a ramp that held, without a failure in its proof: %q", worst.ID)
	}
}

// The hardest trial that passed, and is at least as easy as another one.
func TestTheNearestTrial(t *testing.T) {
	for _, c := range []struct {
		name   string
		trials []string // the first one proves the answer
		aside  int
		want   string
	}{
		{"the proof alone", []string{"+2", "-9"}, 0, "1"},
		{"nearer", []string{"+2", "+4", "+6", "+3"}, 0, "2"},
		{"at the same value", []string{"+2", "+5", "+6"}, 0, "2"},
		{"one like the proof", []string{"+2", "+2"}, 0, "1"},
		{"two at a value", []string{"+2", "+4", "+4"}, 0, "2"},
		{"not what failed", []string{"+2", "-4"}, 0, "1"},
		{"not a first look", []string{"+2", "?4"}, 0, "1"},
		{"not what was set aside", []string{"+3", "+5", "+4"}, 2, "3"},
	} {
		s := tried(c.trials...)
		s.SetAside, s.Certificate = c.aside, &journal.Certificate{Passed: "1"}
		if got := nearest(side{stage: s}, tried("-5").Trials[0]); got.ID != c.want {
			t.Errorf("%s: %q, want %q", c.name, got.ID, c.want)
		}
	}
}
