package answer

import (
	"slices"

	"plan/internal/units"
	"plan/plans"
	"plan/runner/journal"
)

// Levels returns the least values at which a service does a part of what a search demands,
// where its trials show that they are below its answer; without an answer, at most the
// most that failed. It starts at one, and responds at one if the search has a load.
//
// Of several dimensions they lie on the line through the answer along which the memory
// varies, else the first dimension. A trial with more of everything else shows what is too
// little, one with less what is enough. Settings have no order: they are the same.
func Levels(s journal.Stage) []journal.Level {
	axis, others, ordered := s.LevelAxis()
	at := s.HighestFailed()
	if s.Certificate != nil {
		at = journal.Trial{}
		if i := s.Find(s.Certificate.Passed); i >= 0 {
			at = s.Trials[i]
		}
	}
	if !ordered || at.ID == "" || s.LimitIndependent || !s.HasLoad && !s.HasScenario {
		return nil
	}
	line := levelLine{axis: axis, others: others, at: at, answered: s.Certificate != nil}
	names := []journal.LevelName{journal.Starts}
	if s.HasLoad { // else the search itself asks no more than first requests
		names = append(names, journal.Responds)
	}
	var all []journal.Level
	for _, name := range names {
		missed, reached := line.pair(s.Trials, name)
		if missed.ID == "" || reached.ID == "" {
			continue
		}
		all = append(all, journal.Level{
			Name: name, Found: s.Point(reached), Reached: reached.ID, Missed: missed.ID,
			Undecided: line.index(reached) - line.index(missed) - 1,
		})
	}
	return all
}

// levelLine is the line on which levels lie: below a trial, or at it where that is no answer.
type levelLine struct {
	axis     journal.Axis
	others   []journal.Axis
	at       journal.Trial
	answered bool
}

func (l levelLine) value(t journal.Trial) float64 { return l.axis.Value(t.Set).(float64) }

func (l levelLine) index(t journal.Trial) int { return slices.Index(l.axis.Values, any(l.value(t))) }

// pair returns the trial with the most at which the service does not reach a level, and the
// one with the least above that at which it does; zero ones where there is none.
func (l levelLine) pair(trials []journal.Trial, name journal.LevelName) (missed, reached journal.Trial) {
	for _, t := range trials {
		below := l.decides(t) && !reaches(t, name) && journal.NoMore(l.others, l.at.Set, t.Set)
		if below && (missed.ID == "" || l.value(t) > l.value(missed)) {
			missed = t
		}
	}
	for _, t := range trials {
		enough := l.decides(t) && reaches(t, name) && journal.NoMore(l.others, t.Set, l.at.Set)
		if enough && missed.ID != "" && l.value(t) > l.value(missed) && (reached.ID == "" || l.value(t) < l.value(reached)) {
			reached = t
		}
	}
	return missed, reached
}

// decides reports whether a trial shows what the service does with the value that it has on
// the line. It does not where others were charged for files that would exceed its memory.
func (l levelLine) decides(t journal.Trial) bool {
	within := l.value(t) < l.value(l.at) || !l.answered && l.value(t) == l.value(l.at)
	if l.axis.Dimension == plans.Memory {
		alone, _ := Alone(t)
		within = within && alone <= units.Bytes(l.value(t))
	}
	return within && t.Verdict.Counts()
}

// reaches reports whether a service did in a trial what is at a level.
func reaches(t journal.Trial, name journal.LevelName) bool {
	switch {
	case t.Verdict == journal.Passed:
		return true
	case t.Phase == journal.PhaseStart:
		return false
	case name == journal.Starts:
		return true
	}
	// A driver whose requests are not known has no first ones.
	return t.Phase != journal.PhaseFirst &&
		(t.Load != nil && t.Load.OK > 0 || t.Evidence != nil && len(t.Evidence.First) > 0)
}
