package search

import "slices"

// Axes is how many dimensions a grid has. On all but the last, more never hurts: what
// passes at a cell is assumed to pass at every cell above it, which has no less on
// any of them. The values of the last one, Setting, have no order: cells with
// different settings say nothing of each other.
const (
	Axes    = 4
	Setting = Axes - 1
)

// Cell is a combination of values: an index on each axis, from 0 for the least.
type Cell [Axes]int

// On returns the cell with another value on an axis.
func (c Cell) On(axis, value int) Cell {
	c[axis] = value
	return c
}

// Under reports whether the cell is d, or has the same setting and no more of
// anything.
func (c Cell) Under(d Cell) bool {
	for axis := range Setting {
		if c[axis] > d[axis] {
			return false
		}
	}
	return c[Setting] == d[Setting]
}

// Grid is the cells of a search.
type Grid struct {
	Sizes Cell // number of values on each axis; 1 of one that is not searched, 0: there is no cell
	All   Cell // the same with the values of which the host can hold no cell; zero: Sizes
	// Before reports whether a is preferred to b: it costs less. It is a total order of
	// the cells, in which each is before all others that it is under. nil: less on
	// the first axis.
	Before func(a, b Cell) bool
	Fits   func(Cell) bool // the host can hold it, and all that is under it; nil: all cells
}

// Line returns a grid of one dimension.
func Line(n int) Grid { return Grid{Sizes: Cell{n, 1, 1, 1}} }

// axis returns the only axis that a grid has more than one value on; false where
// there are several, or the values have no order.
func (g Grid) axis() (only int, is bool) {
	for axis, n := range g.Sizes {
		if n > 1 && (only > 0 || g.Sizes[0] > 1 && axis > 0) {
			return 0, false
		}
		if n > 1 {
			only = axis
		}
	}
	return only, only != Setting
}

// whole returns the grid with the values of which the host can hold no cell.
func (g Grid) whole() Grid {
	if g.All != (Cell{}) {
		g.Sizes = g.All
	}
	return g
}

// count returns how many cells there are, also those that the host cannot hold.
func (g Grid) count() int {
	cells := 1
	for _, n := range g.Sizes {
		cells *= n
	}
	return cells
}

// Has reports whether a cell may be tried.
func (g Grid) Has(c Cell) bool {
	for axis, n := range g.Sizes {
		if c[axis] >= n {
			return false
		}
	}
	return g.fits(c)
}

// Top reports whether a cell has the most of everything.
func (g Grid) Top(c Cell) bool {
	for axis := range Setting {
		if c[axis] != g.Sizes[axis]-1 {
			return false
		}
	}
	return true
}

func (g Grid) before(a, b Cell) bool {
	if g.Before == nil {
		return a[0] < b[0]
	}
	return g.Before(a, b)
}

func (g Grid) fits(c Cell) bool { return g.Fits == nil || g.Fits(c) }

// box is the cells between lo and hi, of one setting.
type box struct{ lo, hi Cell }

// boxes returns the whole grid, one box for each setting.
func (g Grid) boxes() []box {
	if slices.Contains(g.Sizes[:], 0) {
		return nil
	}
	var all []box
	for setting := range g.Sizes[Setting] {
		b := box{lo: Cell{Setting: setting}, hi: Cell{Setting: setting}}
		for axis := range Setting {
			b.hi[axis] = g.Sizes[axis] - 1
		}
		all = append(all, b)
	}
	return all
}

// count returns how many cells the box has.
func (b box) count() float64 {
	cells := 1
	for axis := range Setting {
		cells *= b.hi[axis] - b.lo[axis] + 1
	}
	return float64(cells)
}

// cells calls f for every cell of the box.
func (b box) cells(f func(Cell)) {
	c := b.lo
	for {
		f(c)
		axis := 0
		for ; axis < Setting && c[axis] == b.hi[axis]; axis++ {
			c[axis] = b.lo[axis]
		}
		if axis == Setting {
			return
		}
		c[axis]++
	}
}

// Next returns the next step of a search by the strategy of that name; done where
// there is no cell. It panics where no strategy has the name.
func (g Grid) Next(name string, firstLooks bool, tried []Tried) Step {
	strategy := named(name)
	if g.count() == 0 {
		return Step{Done: true}
	}
	if strategy.next == nil {
		return strategy.several(newKnown(g, tried), firstLooks)
	}
	axis, _ := g.axis()
	step := Next(name, g.Sizes[axis], firstLooks, onAxis(axis, tried))
	if !step.Done {
		step.Cell = Cell{}.On(axis, step.Index)
	}
	return step
}

// onAxis returns trials as a line along an axis has them.
func onAxis(axis int, tried []Tried) []Tried {
	line := slices.Clone(tried)
	for i := range line {
		line[i].Index, line[i].Low, line[i].High = line[i].Cell[axis], line[i].Needs[axis].Low, line[i].Needs[axis].High
	}
	return line
}

// known is what trials say of the cells of a grid.
type known struct {
	Grid
	tried    []Tried
	failures []int  // positions of trials that failed
	passes   []int  // positions of full trials that passed, and that no failure contradicts
	best     int    // position of the trial that passed at the preferred cell; -1: none
	answers  []int8 // of open, by the place of the cell; 0: not asked yet
}

func newKnown(g Grid, tried []Tried) *known {
	k := &known{Grid: g, tried: tried, best: -1, answers: make([]int8, g.count())}
	for i, t := range tried {
		if !t.Passed && !t.Undecided && !k.byChance(i) {
			k.failures = append(k.failures, i)
		}
	}
	for i, t := range tried {
		if !t.Passed || t.FirstLook || k.fails(t.Cell) {
			continue
		}
		k.passes = append(k.passes, i)
		if k.best < 0 || g.before(t.Cell, tried[k.best].Cell) {
			k.best = i
		}
	}
	return k
}

// byChance reports whether the limit was not the cause of a failure: the first trial at
// the top of its setting exited by itself, and the second one there passed.
func (k *known) byChance(failure int) bool {
	t := k.tried[failure]
	if !t.Exited || !k.Top(t.Cell) || len(at(k.tried[:failure], t.Cell)) > 0 {
		return false
	}
	again := at(k.tried[failure+1:], t.Cell)
	return len(again) > 0 && again[0].Passed
}

// fails reports whether a trial failed at the cell, or above it.
func (k *known) fails(c Cell) bool {
	return slices.ContainsFunc(k.failures, func(i int) bool { return c.Under(k.tried[i].Cell) })
}

// passed reports whether a full trial passed at the cell, or below it.
func (k *known) passed(c Cell) bool {
	return slices.ContainsFunc(k.passes, func(i int) bool { return k.tried[i].Cell.Under(c) })
}

// cheaper reports whether a cell is before all that passed.
func (k *known) cheaper(c Cell) bool { return k.best < 0 || k.before(c, k.tried[k.best].Cell) }

// open reports whether the answer may be this cell. It is asked for every cell again
// and again.
func (k *known) open(c Cell) bool {
	place := 0
	for axis, n := range k.Sizes {
		place = place*n + c[axis]
	}
	if k.answers[place] == 0 {
		k.answers[place] = -1
		if k.cheaper(c) && k.fits(c) && !k.fails(c) {
			k.answers[place] = 1
		}
	}
	return k.answers[place] > 0
}

// at returns the trials at a cell.
func at(tried []Tried, c Cell) []Tried {
	var all []Tried
	for _, t := range tried {
		if t.Cell == c {
			all = append(all, t)
		}
	}
	return all
}
