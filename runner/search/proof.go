package search

import "slices"

// Proof is what trials on a grid prove. Positions are indexes into these trials.
type Proof struct {
	Passed           int   // position of the trial that passed at the answer; -1: there is no answer
	Failed           []int // positions of trials that failed and together cover every cell that is preferred to the answer
	AtMost           bool  // no cell is preferred to the answer
	Best             int   // position of the trial that passed at the preferred cell, also where that is not proven; -1: none
	Open             int   // number of cells preferred to Best that no failure covers
	Points           []int // positions of passes where no other has no more of anything, the preferred first
	LimitIndependent bool  // the service exits with the same code at every limit
	Contradictions   []Contradiction
}

// Conclude returns what trials on the grid prove.
func (g Grid) Conclude(tried []Tried) Proof {
	k := newKnown(g, tried)
	p := Proof{Passed: -1, Best: k.best, Points: k.points(), LimitIndependent: k.limitIndependent()}
	if axis, is := g.whole().axis(); is {
		a := Conclude(g.Sizes[axis], onAxis(axis, tried))
		p.Passed, p.AtMost, p.Contradictions = a.Passed, a.AtMost, a.Contradictions
		if a.Failed >= 0 {
			p.Failed = []int{a.Failed}
		}
		switch {
		case a.Passed >= 0: // a probe may have passed below
			p.Best, p.Points = a.Passed, []int{a.Passed}
		case p.Best >= 0:
			b := bracketOf(g.Sizes[axis], onAxis(axis, tried))
			p.Open = tried[p.Best].Cell[axis] - b.low - 1
		}
		return p
	}
	p.Contradictions = contradictions(tried, func(passed, failed Tried) bool { return passed.Cell.Under(failed.Cell) })
	if k.best < 0 {
		return p
	}
	var cheaper []Cell
	for _, b := range g.whole().boxes() {
		b.cells(func(c Cell) {
			if k.cheaper(c) {
				cheaper = append(cheaper, c)
			}
		})
	}
	for _, c := range cheaper {
		if !k.fails(c) {
			p.Open++
		}
	}
	if p.Open == 0 {
		p.Passed, p.AtMost, p.Failed = k.best, len(cheaper) == 0, k.cover(cheaper)
	}
	return p
}

// cover returns the failures that together lie at or above all of these cells, each
// time the one that covers most of what is left.
func (k *known) cover(cells []Cell) []int {
	var chosen []int
	for len(cells) > 0 {
		best, most := -1, 0
		for _, i := range k.failures {
			n := 0
			for _, c := range cells {
				if c.Under(k.tried[i].Cell) {
					n++
				}
			}
			if n > most {
				best, most = i, n
			}
		}
		if best < 0 {
			return chosen
		}
		chosen = append(chosen, best)
		cells = slices.DeleteFunc(cells, func(c Cell) bool { return c.Under(k.tried[best].Cell) })
	}
	slices.Sort(chosen)
	return chosen
}

// points returns the trials that passed in full where no other one did with no more of
// anything, the preferred one first. Settings are no amounts: of those that passed with
// the same, the preferred one is left.
func (k *known) points() []int {
	var all []int
	for _, i := range k.passes {
		below := func(j int) bool {
			c, d := k.tried[i].Cell, k.tried[j].Cell
			amounts := d.On(Setting, c[Setting])
			return amounts.Under(c) && (amounts != c || k.before(d, c) || d == c && j < i)
		}
		if !slices.ContainsFunc(k.passes, below) {
			all = append(all, i)
		}
	}
	slices.SortFunc(all, func(i, j int) int {
		if k.before(k.tried[i].Cell, k.tried[j].Cell) {
			return -1
		}
		return 1
	})
	return all
}
