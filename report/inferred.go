package report

import (
	"cmp"
	"math"
	"slices"

	"plan/plans"
	"plan/runner/journal"
)

// cell is a value of a search's grid, with its trials.
type cell struct {
	value     float64
	trials    []journal.Trial
	disproofs []journal.Disproof
}

// decided returns the verdict of the last trial at this value that passed or
// failed; "" where there is none, or it is a first look that passed. A disproof
// makes it failed.
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

// cellsOf returns all values of a search with their trials, in rising order.
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
		c := at(searchedValue(s.Dimension, t))
		c.trials = append(c.trials, t)
	}
	for _, d := range s.Disproved {
		c := at(s.Dimension.Number(journal.Settings(d.At).Values().Get(s.Dimension)))
		c.disproofs = append(c.disproofs, d)
	}
	slices.SortStableFunc(cells, func(a, b cell) int { return cmp.Compare(a.value, b.value) })
	return cells
}

// searchedValue returns the value of a trial in the dimension of its search.
func searchedValue(d plans.Dimension, t journal.Trial) float64 {
	return d.Number(t.Set.Values().Get(d))
}

// span is a row of a search's table: the trials at one value, or adjacent values
// without trials and with the same inferred verdict.
type span struct {
	from, to  float64
	trials    []journal.Trial
	disproofs []journal.Disproof
	verdict   journal.Verdict // inferred, of values without trials; "" where nothing is known
	source    float64         // the value that it is inferred from
}

func (s span) isUntried() bool { return len(s.trials)+len(s.disproofs) == 0 }

// spansOf returns the rows. It joins adjacent values without trials that have the
// same inferred verdict: a value fails if the nearest greater decided one failed, and
// passes if the nearest lesser one passed. Where both hold, nothing is known.
func spansOf(cells []cell) []span {
	isDecided := func(c cell) bool { return c.decided() != "" }
	var spans []span
	for i, c := range cells {
		s := span{from: c.value, to: c.value, trials: c.trials, disproofs: c.disproofs}
		if s.isUntried() { // of the nearest decided values
			var above, below cell
			if n := slices.IndexFunc(cells[i+1:], isDecided); n >= 0 {
				above = cells[i+1+n]
			}
			for _, c := range slices.Backward(cells[:i]) {
				if isDecided(c) {
					below = c
					break
				}
			}
			fails, passes := above.decided() == journal.Failed, below.decided() == journal.Passed
			switch {
			case fails && !passes:
				s.verdict, s.source = journal.Failed, above.value
			case passes && !fails:
				s.verdict, s.source = journal.Passed, below.value
			}
		}
		if n := len(spans); n > 0 && s.isUntried() && spans[n-1].isUntried() && spans[n-1].verdict == s.verdict &&
			spans[n-1].source == s.source {
			spans[n-1].to = s.to
			continue
		}
		spans = append(spans, s)
	}
	return spans
}
