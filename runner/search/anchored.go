package search

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
		return Step{Index: b.n - 1, FirstLook: firstLooks}
	case len(tried) == 1 && tried[0].Undecided:
		return Step{Index: tried[0].Index}
	}
	x := b.followEstimates(tried)
	if !b.open(x) {
		return Step{Index: b.middle()}
	}
	left := max(b.after(x, true).left(), b.after(x, false).left()) // that halving needs after a trial at x
	if len(tried)+1+left > budget(b.n) {
		return Step{Index: b.middle()}
	}
	return Step{Index: x}
}

// followEstimates picks the value that the estimates point at, which may be known
// already: first where the need was seen to lie (a), then one below it; if
// that passes too, the service sizes itself by its limit and each pass gives
// an estimate of its own. If a fails the peak is next, from where it walks
// down after a pass and gallops up after a failure.
func (b bracket) followEstimates(tried []Tried) int {
	a, peak, known := estimate(b.n, tried)
	high := b.ceiling()
	switch {
	case !known:
		return b.middle()
	case b.low < a && high > a:
		return a
	case high == a:
		return a - 1
	case high < a:
		return min(b.middle(), ownEstimate(b, tried))
	case b.low < peak && high > peak:
		return peak
	case b.low == a && high <= peak:
		return peak - max(1, 2*(peak-high))
	case b.low >= peak && high >= b.n-1: // by 1, 2, 4, ..., below the top, which is expected to pass
		if x := peak + max(1, 2*(b.low-peak)); x < b.n-1 {
			return x
		}
	}
	return b.middle()
}

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
