package search

import "math/rand/v2"

// Expected is how many more trials a search is expected to make: full ones that pass,
// first looks that pass, and trials that fail.
type Expected struct{ Full, Looks, Failures float64 }

// draws is how many services a search is run on to know what to expect of it; fewer once
// these searches have had enough trials: what differs between long ones is small.
const (
	draws  = 10
	enough = 500
)

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
	searches, trials := 0.0, 0
	random := rand.New(rand.NewPCG(1, 2))
	for range 8 * draws {
		needs, is := g.draw(random, tried)
		if !is {
			continue
		}
		e, played := g.rest(strategy, firstLooks, tried, needs, random)
		sum = Expected{sum.Full + e.Full, sum.Looks + e.Looks, sum.Failures + e.Failures}
		trials += played
		if searches++; searches == draws || trials >= enough {
			break
		}
	}
	if searches > 0 {
		sum = Expected{sum.Full / searches, sum.Looks / searches, sum.Failures / searches}
	}
	return sum
}

// rest returns what a search takes after the trials so far on a service with these needs,
// and how many trials it decided to know that. What a strategy tries whatever the trials
// show is counted without them.
func (g Grid) rest(
	strategy string, firstLooks bool, tried []Tried, needs []Cell, random *rand.Rand,
) (e Expected, played int) {
	s := named(strategy)
	if s.all {
		for _, c := range g.untried(tried) {
			if needs[c[Setting]].Under(c) {
				e.Full++
			} else {
				e.Failures++
			}
		}
		return e, 0
	}
	axis, _ := g.axis()
	later := append([]Tried(nil), tried...)
	for step := g.Next(strategy, firstLooks, later); !step.Done; step = g.Next(strategy, firstLooks, later) {
		need := needs[step.Cell[Setting]]
		if below := need[axis] - 1; s.exhaustive && step.Cell[axis] < below { // up to there each fails
			e.Failures += float64(below - step.Cell[axis])
			later = append(later, Tried{Cell: step.Cell})
			step.Cell = step.Cell.On(axis, below)
		}
		t := Tried{Cell: step.Cell, FirstLook: step.FirstLook, Probe: step.Probe, Passed: need.Under(step.Cell)}
		for axis := range t.Needs {
			t.Needs[axis] = Need{-1, -1}
			if t.Passed && axis < shown {
				t.Needs[axis] = Need{min(need[axis]+random.IntN(2), g.Sizes[axis]-1), need[axis] + 1}
			}
		}
		switch later = append(later, t); {
		case !t.Passed:
			e.Failures++
		case t.FirstLook:
			e.Looks++
		default:
			e.Full++
		}
	}
	return e, len(later) - len(tried)
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
