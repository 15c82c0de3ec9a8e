package report

import (
	"fmt"
	"slices"

	"plan/internal/english"
	"plan/plans"
	"plan/runner/journal"
)

// level is a least value besides the answer: what a service does there.
type level struct {
	does string
	// reached reports whether a trial that passed or failed shows it.
	reached func(journal.Trial) bool
}

// levels are those of a search, the first that a trial reaches first.
var levels = []level{
	{"starts", func(t journal.Trial) bool { return t.Verdict == journal.Passed || t.Phase != journal.PhaseStart }},
	{"responds", func(t journal.Trial) bool {
		return t.Verdict == journal.Passed || t.Phase != journal.PhaseStart && t.Phase != journal.PhaseFirst
	}},
}

// levelsText returns the least values at which a service starts and responds, where the
// trials of a search show that these are below its answer; without an answer, up to the most
// that failed. Of several dimensions they lie on the line through the answer along which
// the memory varies, else the first dimension; settings have no order.
func levelsText(s journal.Stage) string {
	if !s.HasLoad && !s.HasScenario {
		return ""
	}
	at, answered := s.HighestFailed(), s.Certificate != nil
	if answered {
		i := s.Find(s.Certificate.Passed)
		if i < 0 {
			return ""
		}
		at = s.Trials[i]
	}
	var does, pairs []string
	for _, l := range levels {
		pair := levelPair(s, l, at, answered)
		switch n := len(pairs); {
		case pair == "":
		case n > 0 && pairs[n-1] == pair:
			does[n-1] += " and " + l.does
		default:
			does, pairs = append(does, l.does), append(pairs, pair)
		}
	}
	for i, pair := range pairs {
		pairs[i] = does[i] + " at " + pair
	}
	if len(pairs) == 0 {
		return ""
	}
	return " It " + english.And(pairs) + "."
}

// levelPair returns where a service reaches a level, and the trial below that does not; ""
// where no two trials below a trial show it, or at it where that is not the answer. A trial
// with more of everything else shows what is not reached, one with less what is.
func levelPair(s journal.Stage, l level, at journal.Trial, answered bool) string {
	axis, others, ordered := levelAxis(s)
	if !ordered {
		return ""
	}
	var below, least journal.Trial
	value := func(t journal.Trial) float64 {
		if t.ID == "" {
			return 0
		}
		return axis.Value(t.Set).(float64)
	}
	for _, t := range s.Trials {
		if t.Verdict.Counts() && !l.reached(t) && journal.NoMore(others, at.Set, t.Set) && value(t) > value(below) {
			below = t
		}
	}
	for _, t := range s.Trials {
		within := value(t) > value(below) && (value(t) < value(at) || !answered && value(t) == value(at))
		shows := t.Verdict.Counts() && l.reached(t) && journal.NoMore(others, t.Set, at.Set)
		if shows && within && (least.ID == "" || value(t) < value(least)) {
			least = t
		}
	}
	if least.ID == "" || below.ID == "" {
		return ""
	}
	orLess := " or less"
	if s.Several() {
		orLess = ", or with less " + axis.Dimension.Noun()
	}
	i := slices.Index(axis.Values, any(value(least)))
	if i > 0 && axis.Values[i-1] == any(value(below)) { // nothing lies between them
		orLess = ""
	}
	return fmt.Sprintf("%s%s (%s failed)", trialValue(s, least), orLess, trialValue(s, below))
}

// levelAxis returns the axis on which levels of a search lie, and the others: its memory, else
// its first dimension. It is false where a search varies only settings.
func levelAxis(s journal.Stage) (axis journal.Axis, others []journal.Axis, is bool) {
	if !s.Several() {
		axis = journal.Axis{Dimension: s.Dimension}
		for _, v := range s.Grid {
			axis.Values = append(axis.Values, v)
		}
		return axis, nil, true
	}
	i := slices.IndexFunc(s.Axes, func(a journal.Axis) bool { return a.Dimension == plans.Memory })
	if i < 0 {
		i = slices.IndexFunc(s.Axes, journal.Axis.Ordered)
	}
	if i < 0 {
		return journal.Axis{}, nil, false
	}
	return s.Axes[i], slices.Delete(slices.Clone(s.Axes), i, i+1), true
}
