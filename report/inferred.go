package report

import (
	"cmp"
	"math"
	"slices"

	"plan/plans"
	"plan/runner/journal"
)

// cell is a value of a search's grid with what its trials say.
type cell struct {
	value     float64
	trials    []journal.Trial
	disproofs []journal.Disproof
}

// decided is what the last trial at this value that passed or failed says; a
// first look that passed decides nothing, and what disproves an answer all.
func (c cell) decided() journal.Verdict {
	var verdict journal.Verdict
	if len(c.disproofs) > 0 {
		return journal.Failed
	}
	for _, t := range c.trials {
		switch {
		case t.Verdict == journal.Failed:
			verdict = journal.Failed
		case t.Verdict == journal.Passed:
			verdict = journal.Passed
			if t.FirstLook {
				verdict = ""
			}
		}
	}
	return verdict
}

// cellsOf gives all values of a search, rising, with their trials.
func cellsOf(s journal.Stage) []cell {
	cells := make([]cell, len(s.Grid))
	for i, value := range s.Grid {
		cells[i].value = value
	}
	at := func(value float64) *cell {
		i := slices.IndexFunc(cells, func(c cell) bool { return math.Abs(c.value-value) < 1e-6 })
		if i < 0 {
			cells, i = append(cells, cell{value: value}), len(cells)
		}
		return &cells[i]
	}
	for _, t := range s.Trials {
		c := at(searched(s.Dimension, t))
		c.trials = append(c.trials, t)
	}
	for _, d := range s.Disproved {
		c := at(pointValue(s.Dimension, d.At))
		c.disproofs = append(c.disproofs, d)
	}
	slices.SortStableFunc(cells, func(a, b cell) int { return cmp.Compare(a.value, b.value) })
	return cells
}

// pointValue is an answer in the dimension of its search.
func pointValue(d plans.Dimension, p journal.Point) float64 {
	return d.Number(journal.Settings(p).Values().Get(d))
}

// searched is the value of a trial in the dimension of its search.
func searched(d plans.Dimension, t journal.Trial) float64 { return d.Number(t.Set.Values().Get(d)) }

// span is a row of a search's table: trials at one value, or neighbours that
// were not tried and of which the same is known.
type span struct {
	from, to  float64
	trials    []journal.Trial
	disproofs []journal.Disproof
	verdict   journal.Verdict // of values that were not tried; "" where nothing is known
	source    float64         // the value whose trial it is inferred from
}

func (s span) untried() bool { return len(s.trials)+len(s.disproofs) == 0 }

// spansOf joins untried neighbours of which the same is known.
func spansOf(cells []cell) []span {
	var spans []span
	for i, c := range cells {
		s := span{from: c.value, to: c.value, trials: c.trials, disproofs: c.disproofs}
		if s.untried() {
			s.verdict, s.source = inferred(cells, i)
		}
		if n := len(spans); n > 0 && s.untried() && spans[n-1].untried() && spans[n-1].verdict == s.verdict && spans[n-1].source == s.source {
			spans[n-1].to = s.to
			continue
		}
		spans = append(spans, s)
	}
	return spans
}

// inferred says what is known of a value that was not tried, from the nearest
// on both sides that were decided: it fails if the greater one failed, it passes
// if the lesser one passed, and nothing is known where both are so.
func inferred(cells []cell, i int) (verdict journal.Verdict, source float64) {
	decided := func(c cell) bool { return c.decided() != "" }
	var above, below cell
	if n := slices.IndexFunc(cells[i+1:], decided); n >= 0 {
		above = cells[i+1+n]
	}
	for _, c := range slices.Backward(cells[:i]) {
		if decided(c) {
			below = c
			break
		}
	}
	fails, passes := above.decided() == journal.Failed, below.decided() == journal.Passed
	switch {
	case fails && !passes:
		return journal.Failed, above.value
	case passes && !fails:
		return journal.Passed, below.value
	}
	return "", 0
}
