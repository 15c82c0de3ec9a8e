package search

import (
	"cmp"
	"math/bits"
	"slices"
)

// corner finds the preferred cell that passes. For each dimension it finds the least
// value with the others at their most, and then tries the corner: the least of
// each at once. Where that passes it is the answer: everything else that is
// preferred to it has failed. Where it fails, the box above it is divided in two, and
// each half has a corner of its own. What a trial passed or failed at is never tried
// again above or below; cells that cost more than the best one so far are left out.
//
// Of the trials that could be next, it returns the one with the greatest expected
// saving for each second that it takes. What is open after soon trials, where a service
// has many corners, is decided along its border.
func corner(k *known, firstLooks bool) Step {
	if len(k.tried) >= k.soon() {
		return k.border(k.open, "the border of the open combinations")
	}
	if c, is := k.lastTest(); is {
		return Step{Cell: c, Why: "the highest value of what the last trial was not short of"}
	}
	var moves []move
	for _, b := range k.boxes() {
		moves = append(moves, k.root(b, firstLooks)...)
	}
	if len(moves) == 0 {
		return Step{Done: true, LimitIndependent: k.limitIndependent()}
	}
	pass, fail := seconds(k.tried)
	if pass == 0 {
		pass, fail = 1, 1
	}
	worth := func(m move) float64 { return m.saved / (m.likely*pass + (1-m.likely)*fail) }
	return slices.MaxFunc(moves, func(a, b move) int { return cmp.Compare(worth(a), worth(b)) }).step
}

// lastTest returns the highest open cell above the last trial, on the axes that it was
// not short of, if all open cells are under it: where it fails too, nothing is left.
// False where one above it passed.
func (k *known) lastTest() (Cell, bool) {
	last := len(k.tried) - 1
	if !slices.Contains(k.failures, last) {
		return Cell{}, false
	}
	c := k.tried[last].Cell
	for axis, ample := range k.tried[last].Ample {
		most := k.Sizes[axis] - 1
		if !ample || k.passed(c.On(axis, most)) {
			continue
		}
		for value := most; value > c[axis]; value-- {
			if up := c.On(axis, value); k.open(up) {
				c = up
			}
		}
	}
	all := k.open(c)
	if !all {
		return Cell{}, false
	}
	for _, b := range k.boxes() {
		b.cells(func(other Cell) { all = all && (!k.open(other) || other.Under(c)) })
	}
	return c, all
}

// soon is the number of trials that are enough for a service with one corner on each
// border: both of its axes halved, an estimate, the corner; and the tops.
func (g Grid) soon() int {
	across, up := g.longest()
	halves := bits.Len(uint(g.Sizes[across]-1)) + bits.Len(uint(g.Sizes[up]-1))
	return (halves+2)*g.lines() + g.Sizes[Setting]
}

func (g Grid) mostCorner() int { return g.soon() + g.mostBorder() }

// move is a trial that could be next.
type move struct {
	step   Step
	likely float64 // that it passes
	saved  float64 // number of open cells that it is expected to decide
}

// The likelihood that a trial passes where nothing better is known.
const (
	topPasses      = 0.9
	estimatePasses = 0.7
	cornerPasses   = 0.5
)

// root returns the moves in a box that holds all cells of a setting: its top first,
// whose trial gives the first estimate. One that exits by itself there is tried
// again: where both exit, the limit is not the cause. Where the second one passes, all
// cells are open again.
func (k *known) root(b box, firstLooks bool) []move {
	top, all := at(k.tried, b.hi), k.extent(b).total
	only := func(step Step, likely, saved float64) []move { return []move{{step, likely, saved}} }
	switch {
	case len(top) == 1 && top[0].Exited:
		return only(Step{Cell: b.hi, Why: "the service exited by itself: once more, with the full load"}, topPasses,
			b.count())
	case all == 0:
		return nil
	case len(top) == 1 && top[0].Undecided:
		return only(Step{Cell: b.hi, Why: "with the full load, because the first look decided nothing"}, topPasses, all/2)
	case k.fits(b.hi) && len(top) == 0 && !k.passed(b.hi):
		return only(Step{Cell: b.hi, FirstLook: firstLooks,
			Why: "the highest value of each dimension: whether it passes, and how much it uses"}, topPasses, all/2)
	}
	if c, is := k.estimated(b, top); is {
		return only(Step{Cell: c, Why: "the amounts used at the highest value of each dimension"}, estimatePasses, all)
	}
	return k.moves(b, firstLooks)
}

// estimated returns the cell that the trials at the top of a box show as the need;
// false where they show none, or it decides nothing.
func (k *known) estimated(b box, top []Tried) (Cell, bool) {
	for _, t := range top {
		c, is := b.hi, false
		for axis := range Setting {
			if n := t.Needs[axis]; t.Passed && n.Low >= 0 && n.Low < b.hi[axis] {
				c, is = c.On(axis, n.Low), true
			}
		}
		if is && k.open(c) {
			return c, true
		}
	}
	return Cell{}, false
}

// moves returns the trials that could be next in a box; none where it has no open
// cell.
func (k *known) moves(b box, firstLooks bool) []move {
	open := k.extent(b)
	if open.total == 0 {
		return nil
	}
	if !k.fits(b.hi) {
		if b = k.fitting(b); k.fits(b.hi) {
			return k.moves(b, firstLooks)
		}
		return k.halves(b, b.hi, firstLooks)
	}
	least := b.lo // the corner
	var all []move
	for axis := range Setting {
		line := k.line(b, axis, open.most[axis])
		least[axis] = line.low + 1
		if line.closed() {
			continue
		}
		x := line.middle()
		if own := k.onLine(b.hi, axis); len(own) > 0 {
			if step := anchored(line, firstLooks, own); line.open(step.Index) {
				x = step.Index
			}
		}
		likely := float64(x-line.low) / float64(line.ceiling()-line.low)
		below := 0.0 // of those at x and less
		for value := b.lo[axis]; value <= x; value++ {
			below += open.at[axis][value-b.lo[axis]]
		}
		all = append(all, move{
			step:   Step{Cell: b.hi.On(axis, x), Why: "the lowest value of one dimension, with the highest of the others"},
			likely: likely, saved: likely*(open.total-below) + (1-likely)*below,
		})
	}
	switch {
	case len(all) > 0:
		return all
	case k.fails(least):
		return k.halves(box{least, b.hi}, open.most, firstLooks)
	}
	return []move{{
		step:   Step{Cell: least, Why: "the lowest value of each dimension together"},
		likely: cornerPasses, saved: cornerPasses*open.total + 1 - cornerPasses,
	}}
}

// extent is the open cells of a box: how many, with each value of each dimension, and
// the most of each dimension that one of them has.
type extent struct {
	total float64
	most  Cell
	at    [Setting][]float64 // from the least value of the box on
}

func (k *known) extent(b box) extent {
	var e extent
	for axis := range e.at {
		e.at[axis] = make([]float64, b.hi[axis]-b.lo[axis]+1)
	}
	b.cells(func(c Cell) {
		if !k.open(c) {
			return
		}
		e.total++
		for axis := range Setting {
			e.most[axis] = max(e.most[axis], c[axis])
			e.at[axis][c[axis]-b.lo[axis]]++
		}
	})
	return e
}

// line returns what is open on the line along an axis through the top of a box.
// Above most nothing has to be decided.
func (k *known) line(b box, axis, most int) bracket {
	l := bracket{n: b.hi[axis] + 1, low: b.lo[axis] - 1, high: most + 1}
	for x := b.lo[axis]; x <= b.hi[axis]; x++ {
		switch c := b.hi.On(axis, x); {
		case k.fails(c):
			l.low = x
		case k.passed(c):
			l.high = min(l.high, x)
		}
	}
	l.high = max(l.high, l.low+1)
	top := func(t Tried) bool { return t.Cell == b.hi && t.Passed }
	l.look = l.high == l.n && l.low < l.n-1 && slices.ContainsFunc(k.tried, top)
	return l
}

// onLine returns the trials on the line along an axis through a cell.
func (k *known) onLine(c Cell, axis int) []Tried {
	var own []Tried
	for _, t := range onAxis(axis, k.tried) {
		if t.Cell.On(axis, 0) == c.On(axis, 0) {
			own = append(own, t)
		}
	}
	return own
}

// halves returns the moves in the halves of a box whose corner failed: it is divided
// along the dimension with the fewest open values.
func (k *known) halves(b box, most Cell, firstLooks bool) []move {
	narrowest := -1
	for axis := range Setting {
		if width := most[axis] - b.lo[axis]; width > 0 && (narrowest < 0 || width < most[narrowest]-b.lo[narrowest]) {
			narrowest = axis
		}
	}
	if narrowest < 0 { // only the corner is left, and it failed
		return nil
	}
	middle := b.lo[narrowest] + (most[narrowest]-b.lo[narrowest])/2
	return append(k.moves(box{b.lo, b.hi.On(narrowest, middle)}, firstLooks),
		k.moves(box{b.lo.On(narrowest, middle+1), b.hi}, firstLooks)...)
}

// fitting returns the box without the values that the host cannot hold even with
// the least of the others.
func (k *known) fitting(b box) box {
	for axis := range Setting {
		for b.hi[axis] > b.lo[axis] && !k.fits(b.lo.On(axis, b.hi[axis])) {
			b.hi[axis]--
		}
	}
	return b
}

// limitIndependent reports whether every trial exited by itself, with the same code, and
// nothing is left to try.
func (k *known) limitIndependent() bool {
	if !allExit(k.tried) {
		return false
	}
	left := false
	for _, b := range k.boxes() {
		b.cells(func(c Cell) { left = left || k.open(c) })
	}
	return !left
}

// seconds returns how long a trial takes that passes, and one that fails: the mean of
// those so far; 0 where there is none of either kind.
func seconds(tried []Tried) (pass, fail float64) {
	var passes, failures float64
	for _, t := range tried {
		if t.FirstLook && t.Passed { // shorter than a trial that proves something
			continue
		}
		if t.Passed {
			pass, passes = pass+t.Seconds, passes+1
		} else {
			fail, failures = fail+t.Seconds, failures+1
		}
	}
	if pass <= 0 || fail <= 0 {
		return 0, 0
	}
	return pass / passes, fail / failures
}
