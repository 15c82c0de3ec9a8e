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
	value  float64
	trials []journal.Trial
}

// decided is what the last trial at this value that passed or failed says; a
// first look that passed decides nothing.
func (c cell) decided() journal.Verdict {
	var verdict journal.Verdict
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
	for _, t := range s.Trials {
		value := searched(s.Dimension, t)
		i := slices.IndexFunc(cells, func(c cell) bool { return math.Abs(c.value-value) < 1e-6 })
		if i < 0 {
			cells, i = append(cells, cell{value: value}), len(cells)
		}
		cells[i].trials = append(cells[i].trials, t)
	}
	slices.SortStableFunc(cells, func(a, b cell) int { return cmp.Compare(a.value, b.value) })
	return cells
}

// searched is the value of a trial in the dimension of its search.
func searched(dimension string, t journal.Trial) float64 {
	switch {
	case dimension == plans.CPUs && t.Set.CPUs != nil:
		return *t.Set.CPUs
	case dimension != plans.CPUs && t.Set.Memory != nil:
		return float64(*t.Set.Memory)
	}
	return 0
}

// span is a row of a search's table: trials at one value, or neighbours that
// were not tried and of which the same is known.
type span struct {
	from, to float64
	trials   []journal.Trial
	verdict  journal.Verdict // of values that were not tried; "" where nothing is known
	source   float64         // the value whose trial it is inferred from
}

// spansOf joins untried neighbours of which the same is known.
func spansOf(cells []cell) []span {
	var spans []span
	for i, c := range cells {
		s := span{from: c.value, to: c.value, trials: c.trials}
		if len(c.trials) == 0 {
			s.verdict, s.source = inferred(cells, i)
		}
		if n := len(spans); n > 0 && len(s.trials) == 0 && len(spans[n-1].trials) == 0 && spans[n-1].verdict == s.verdict && spans[n-1].source == s.source {
			spans[n-1].to = s.to
			continue
		}
		spans = append(spans, s)
	}
	return spans
}

// inferred says what is known of a value that was not tried: it fails if a
// greater one failed, else it passes if a lesser one passed and none above that
// failed.
func inferred(cells []cell, i int) (verdict journal.Verdict, source float64) {
	for _, c := range cells[i+1:] {
		if c.decided() == journal.Failed {
			return journal.Failed, c.value
		}
	}
	for _, c := range slices.Backward(cells[:i]) {
		switch c.decided() {
		case journal.Passed:
			return journal.Passed, c.value
		case journal.Failed:
			return "", 0
		}
	}
	return "", 0
}
