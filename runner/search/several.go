package search

// followBorder follows the border between what passes and what fails: from the least of one
// dimension with the most of another, it goes down after a pass and up after a
// failure. It finds every cell that passes with nothing below it, in at most as many
// trials as the two dimensions have values together, for each value of the others.
func followBorder(k *known, _ bool) Step {
	return k.border(func(c Cell) bool { return !k.passed(c) && k.fits(c) },
		"the border between what passes and what fails")
}

// border returns the first cell on the border that is undecided; done where there is
// none. A cell that is neither undecided nor failed has no undecided one above it.
func (k *known) border(undecided func(Cell) bool, why string) Step {
	across, up := k.longest()
	for _, b := range k.boxes() {
		var next *Cell
		rest := b
		rest.hi[across], rest.hi[up] = b.lo[across], b.lo[up]
		rest.cells(func(c Cell) {
			c = c.On(up, b.hi[up])
			for next == nil && c[across] <= b.hi[across] && c[up] >= b.lo[up] {
				switch {
				case k.fails(c):
					c[across]++
				case undecided(c):
					next = &c
				default:
					c[up]--
				}
			}
		})
		if next != nil {
			return Step{Cell: *next, Why: why}
		}
	}
	return Step{Done: true, LimitIndependent: k.limitIndependent()}
}

// mostBorder is the most trials along all borders: each goes one value across, or one down.
func (g Grid) mostBorder() int {
	across, up := g.longest()
	return (g.Sizes[across] + g.Sizes[up] - 1) * g.lines()
}

// lines returns how many borders there are: one for each value of the other axes.
func (g Grid) lines() int {
	across, up := g.longest()
	return g.count() / (g.Sizes[across] * g.Sizes[up])
}

// longest returns the two ordered axes with the most values.
func (g Grid) longest() (across, up int) {
	across, up = 0, 1
	for axis := 2; axis < Setting; axis++ {
		shorter := &up
		if g.Sizes[across] < g.Sizes[up] {
			shorter = &across
		}
		if g.Sizes[axis] > g.Sizes[*shorter] {
			*shorter = axis
		}
	}
	return across, up
}

// tryAll tries every cell, those that are preferred first.
func tryAll(k *known, _ bool) Step {
	var next *Cell
	for _, c := range k.untried(k.tried) {
		if next == nil || k.before(c, *next) {
			next = &c
		}
	}
	if next == nil {
		return Step{Done: true, LimitIndependent: k.limitIndependent()}
	}
	return Step{Cell: *next, Why: "the cheapest combination that was not tried"}
}

// untried returns the cells that may be tried and had no trial in full.
func (g Grid) untried(tried []Tried) []Cell {
	full := map[Cell]bool{}
	for _, t := range tried {
		full[t.Cell] = full[t.Cell] || !t.FirstLook
	}
	var all []Cell
	for _, b := range g.boxes() {
		b.cells(func(c Cell) {
			if !full[c] && g.fits(c) {
				all = append(all, c)
			}
		})
	}
	return all
}
