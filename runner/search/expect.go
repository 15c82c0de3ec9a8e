package search

import "math/rand/v2"

// Expected is how many more trials a search is expected to make: full ones that pass,
// first looks that pass, and trials that fail.
type Expected struct{ Full, Looks, Failures float64 }

// draws is how many services a search is run on to know what to expect of it.
const draws = 10

// Expect returns what a search is expected to take after the trials so far: the mean
// of searches on services with one corner for each setting, which agree with the
// trials, are drawn with equal probability, and show what they need as exactly as one
// value. It is zero where no such service agrees with the trials, and where nothing is
// left.
func (g Grid) Expect(strategy string, firstLooks bool, tried []Tried) Expected {
	var sum Expected
	if g.count() == 0 {
		return sum
	}
	searches := 0.0
	random := rand.New(rand.NewPCG(1, 2))
	for range 8 * draws {
		needs, is := g.draw(random, tried)
		if !is {
			continue
		}
		later := append([]Tried(nil), tried...)
		for step := g.Next(strategy, firstLooks, later); !step.Done; step = g.Next(strategy, firstLooks, later) {
			need := needs[step.Cell[Setting]]
			t := Tried{Cell: step.Cell, FirstLook: step.FirstLook, Probe: step.Probe, Passed: need.Under(step.Cell)}
			for axis := range t.Needs {
				t.Needs[axis] = Need{-1, -1}
				if t.Passed && axis < shown {
					t.Needs[axis] = Need{min(need[axis]+random.IntN(2), g.Sizes[axis]-1), need[axis] + 1}
				}
			}
			switch later = append(later, t); {
			case !t.Passed:
				sum.Failures++
			case t.FirstLook:
				sum.Looks++
			default:
				sum.Full++
			}
		}
		if searches++; searches == draws {
			break
		}
	}
	if searches > 0 {
		sum = Expected{sum.Full / searches, sum.Looks / searches, sum.Failures / searches}
	}
	return sum
}

// seenWithin is how far below where it was seen a need is expected to lie.
const seenWithin = 2

// shown is on how many axes, the first ones, a trial shows the need.
const shown = 2

// draw returns the need for each setting of a service that agrees with the trials;
// false where the one that it drew does not.
func (g Grid) draw(random *rand.Rand, tried []Tried) ([]Cell, bool) {
	var needs []Cell
	for _, b := range g.boxes() {
		need := b.lo
		for axis := range Setting {
			lo, hi := b.lo[axis], b.hi[axis]
			for _, t := range tried { // what one axis alone says
				switch beside := t.Cell.On(axis, b.hi[axis]) == b.hi; {
				case t.Cell[Setting] != need[Setting] || t.Undecided:
				case t.Passed:
					hi = min(hi, t.Cell[axis])
				case beside:
					lo = max(lo, t.Cell[axis]+1)
				}
			}
			if lo > hi {
				return nil, false
			}
			for _, t := range tried { // where the need was seen to lie
				if n := t.Needs[axis]; t.Passed && n.Low >= 0 && t.Cell[Setting] == need[Setting] {
					if near, far := max(lo, n.Low-seenWithin), min(hi, max(n.Low, n.High)+1); near <= far {
						lo, hi = near, far
					}
				}
			}
			need[axis] = lo + random.IntN(hi-lo+1)
		}
		needs = append(needs, need)
	}
	for _, t := range tried {
		if !t.Undecided && !t.Passed && needs[t.Cell[Setting]].Under(t.Cell) {
			return nil, false
		}
	}
	return needs, len(needs) > 0
}
