package search

import "slices"

// spareTrials is how many trials an anchored search may take beyond those of
// halving, to follow its estimates.
const spareTrials = 5

// budget returns the most trials of an anchored search.
func budget(n int) int { return log2(n) + spareTrials }

// mostAnchored is less for few values: each is tried once, and the top twice more,
// as a first look and again.
func mostAnchored(n int) int {
	if n == 1 {
		return 2
	}
	return min(budget(n), n+2)
}

// anchored tries the top first, whose trial gives the first estimate. It follows the
// estimates as long as halving can still end within the budget, and halves the open
// values otherwise: a wrong estimate costs little.
func anchored(b bracket, firstLooks bool, tried []Tried) Step {
	switch {
	case len(tried) == 0:
		return Step{Index: b.n - 1, FirstLook: firstLooks, Why: "the highest value: whether it passes, and how much it uses"}
	case len(tried) == 1 && tried[0].Undecided:
		return Step{Index: tried[0].Index, Why: "with the full load, because the first look decided nothing"}
	}
	pass, fail := seconds(tried)
	b.passing, b.failing = pass, fail
	x, why := b.followEstimates(tried)
	if !b.open(x) {
		return b.halve()
	}
	left := max(b.after(x, true).left(), b.after(x, false).left()) // that halving needs after a trial at x
	if len(tried)+1+left > budget(b.n) {
		return b.halve()
	}
	return Step{Index: x, Why: why}
}

// followEstimates picks the value that the estimates point at, which may be known
// already, and says why: first where the need was seen to lie (a), then 1, 2 and 4
// below it. If these pass too, or a trial there used far less, the service sizes
// itself by its limit and each pass gives an estimate of its own. If a fails the peak
// is next, from where it walks down after a pass and gallops up after a failure.
func (b bracket) followEstimates(tried []Tried) (x int, why string) {
	a, peak, known := estimate(b.n, tried)
	high := b.ceiling()
	halve := b.halve()
	switch {
	case !known:
	case b.low < a && high > a:
		return a, "the amount used at the highest value"
	case high == a:
		return a - 1, "one step below the amount used, which passed"
	case high < a:
		x = a - 2*(a-high)
		usedLess := func(t Tried) bool { return t.Passed && t.Index == b.high && t.Low >= 0 && t.Low < x }
		if x >= a-furthest && b.open(x) && !slices.ContainsFunc(tried, usedLess) {
			return x, "two or four steps below the amount used, which passed"
		}
		return min(halve.Index, ownEstimate(b, tried)),
			"at most the amount used at the lowest value that passed, or the middle of the open range"
	case b.low < peak && high > peak:
		return peak, "the peak at the highest value"
	case b.low == a && high <= peak:
		return peak - max(1, 2*(peak-high)), "below the peak, which passed"
	case b.low >= peak && high >= b.n-1: // by 1, 2, 4, ..., below the top, which is expected to pass
		if x := peak + max(1, 2*(b.low-peak)); x < b.n-1 {
			return x, "above the peak, which failed"
		}
	}
	return halve.Index, halve.Why
}

// furthest is how far below an estimate that passed the search walks, by 1, 2 and 4,
// before it halves.
const furthest = 4

// estimate returns the need that the passing trial at the top showed, within the
// grid. A missing estimate is taken from the other one.
func estimate(n int, tried []Tried) (a, peak int, known bool) {
	for _, t := range tried {
		if !t.Passed || t.Index != n-1 || max(t.Low, t.High) < 0 {
			continue
		}
		a, peak = t.Low, t.High
		if a < 0 {
			a = peak
		}
		return min(a, n-1), min(max(a, peak), n-1), true
	}
	return 0, 0, false
}

// ownEstimate returns the need that the lowest passing trial showed; the middle
// where that is not open.
func ownEstimate(b bracket, tried []Tried) int {
	for _, t := range tried {
		if t.Passed && t.Index == b.high && t.Low >= 0 && b.open(t.Low) {
			return t.Low
		}
	}
	return b.middle()
}
