package compare

import (
	"cmp"
	"math"

	"plan/internal/tty"
	"plan/plans"
	"plan/runner/journal"
)

// answers returns the order of the answers of both runs: above 0 where b is worse, 0
// where they are the same. It is false where nothing orders them: combinations of which
// the search prefers neither, and each of which has less of something.
func answers(a, b side) (order int, ordered bool) {
	switch {
	case !a.answered() || !b.answered():
		return cmp.Compare(b.answer(), a.answer()), true
	case a.stage.Several() && combination(a.stage) == combination(b.stage):
		return 0, true
	}
	x, y := a.answer(), b.answer()
	if known := !math.IsNaN(x) && !math.IsNaN(y); !a.stage.Several() || known && !equal(x, y) {
		return cmp.Compare(y, x), true
	}
	has := func(s side) journal.Trial { return journal.Trial{Set: journal.Settings(*s.stage.Found)} }
	switch {
	case asEasy(a.stage, has(b), has(a)):
		return 1, true
	case asEasy(a.stage, has(a), has(b)):
		return -1, true
	}
	return 0, false
}

// equal reports whether two figures are equal but for rounding, such as prices: sums of
// products.
func equal(a, b float64) bool { return math.Abs(a-b) <= 1e-9*max(math.Abs(a), math.Abs(b)) }

// answered reports whether a stage found what it was asked for.
func (s side) answered() bool { return !math.IsInf(s.answer(), 1) }

// answer returns the answer as a number; a higher one is worse: the value that a
// search found, of several dimensions what it prefers the least of, fewer users, not
// met. Without one it is infinite; NaN where a search prefers nothing.
func (s side) answer() float64 {
	switch {
	case s.stage.Kind == plans.Search && s.stage.Found != nil && s.stage.Several():
		return s.preferred()
	case s.stage.Kind == plans.Search && s.stage.Found != nil:
		return value(s.stage.Dimension, journal.Settings(*s.stage.Found))
	case s.stage.Kind == plans.Ramp && s.stage.Held != nil:
		return -float64(*s.stage.Held)
	case s.stage.Kind == plans.Check && tty.OrZero(s.stage.Met):
		return 0
	}
	return math.Inf(1)
}

// preferred returns what the preference of a search of several dimensions counts, at
// its answer; NaN where it prefers nothing, or the price is not known.
func (s side) preferred() float64 {
	if s.stage.Prefer == "" || s.stage.Prefer == plans.ByPrice && s.stage.Price == nil {
		return math.NaN()
	}
	limits := journal.Settings(*s.stage.Found).Values()
	if t := s.passed(); t != nil {
		limits = limits.Over(t.Settings())
	}
	return plans.Preferred(s.stage.Prefer, (*plans.Price)(s.stage.Price), limits)
}

// combination returns the answer of a search of several dimensions, for people.
func combination(s *journal.Stage) string { return journal.Settings(*s.Found).Text() }

// asEasy reports whether a trial is as easy as another one, or easier: where a service
// passes the other one, it passes this one too. A search has more of all dimensions, and
// the same settings, which have no order; a load has fewer users or arrivals.
func asEasy(s *journal.Stage, t, than journal.Trial) bool {
	if s.Kind == plans.Search {
		return journal.NoMore(s.Varied(), than.Set, t.Set)
	}
	return asked(t) <= asked(than)
}

// asked is the load of a trial: its arrivals a second, or its users.
func asked(t journal.Trial) float64 {
	if t.Arrivals != nil {
		return *t.Arrivals
	}
	return float64(tty.OrZero(t.Users))
}

// easier reports whether a trial is easier than another one.
func easier(s *journal.Stage, t, than journal.Trial) bool {
	return asEasy(s, t, than) && !asEasy(s, than, t)
}

// easiest returns the first of the easiest trials; nil where there is none.
func easiest(s *journal.Stage, all []journal.Trial) *journal.Trial {
	var best *journal.Trial
	for i := range all {
		if best == nil || easier(s, all[i], *best) {
			best = &all[i]
		}
	}
	return best
}
