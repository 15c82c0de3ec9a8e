package search

import (
	"slices"
	"strconv"
)

// Strategy chooses the next value. Where every value above a pass passes, all
// strategies find the same answer, with different numbers of trials.
type Strategy struct {
	Name string
	Doc  string // what it does, to follow its name: "halves the range"
	// most returns the most trials that it takes for a pair among n values, n at
	// least 1.
	most func(n int) int
	// exhaustive is true where the strategy tries all values below its answer: a probe
	// shows nothing new.
	exhaustive bool
	all        bool // every cell is tried, whatever the trials show
	// next chooses among the values that b leaves open. It is not called where only
	// the top is left. nil: the strategy is one of several dimensions.
	next func(b bracket, firstLooks bool, tried []Tried) Step
	// several chooses the next step on a grid of several dimensions; mostOf is the most
	// that it takes on one that has cells.
	several func(k *known, firstLooks bool) Step
	mostOf  func(g Grid) int
}

// table has every strategy, the default first. Plans, the manual, bounds and the
// tests of searches come from it.
var table = []Strategy{
	{Name: "anchored", Doc: "measures the need of the service first", most: mostAnchored, next: anchored},
	{Name: "bisect", Doc: "halves the range", most: mostBisect, next: bisect},
	{Name: "ladder", Doc: "tries every value from the smallest up", next: ladder, exhaustive: true,
		most: func(n int) int { return max(n, 2) }}, // a single value is tried twice where its first trial exits
	{Name: "corner", Doc: "finds the least of each, and tries them together", several: corner, mostOf: Grid.mostCorner},
	{Name: "walk", Doc: "follows the border of what passes", several: followBorder, mostOf: Grid.mostBorder},
	{Name: "full", Doc: "tries every combination", several: tryAll, mostOf: Grid.count, all: true},
}

// Strategies returns every strategy of one dimension, the default first.
func Strategies() []Strategy { return chosen(func(s Strategy) bool { return s.next != nil }) }

// OfSeveral returns every strategy of several dimensions, the default first.
func OfSeveral() []Strategy { return chosen(func(s Strategy) bool { return s.several != nil }) }

func chosen(is func(Strategy) bool) []Strategy {
	return slices.DeleteFunc(slices.Clone(table), func(s Strategy) bool { return !is(s) })
}

// Most returns the most trials that a strategy takes for n values, also where a
// probe passes. It panics where no strategy has the name.
func Most(strategy string, n int) int {
	s := named(strategy)
	if n < 1 {
		return 0
	}
	if n < leastProbed || s.exhaustive {
		return s.most(n)
	}
	return s.most(n) + 1 + s.most((n-1)/2+1) // the probe, and what it opens
}

// Most returns the most trials that a strategy takes on the grid.
func (g Grid) Most(strategy string) int {
	axis, _ := g.axis()
	s := named(strategy)
	if s.several == nil {
		return Most(strategy, g.Sizes[axis])
	}
	if g.count() == 0 {
		return 0
	}
	return min(s.mostOf(g), g.count()+g.Sizes[Setting]) // no cell is tried twice but a top
}

// leastProbed is the least number of values that can have a probe.
const leastProbed = 4

func named(name string) Strategy {
	i := slices.IndexFunc(table, func(s Strategy) bool { return s.Name == name })
	if i < 0 {
		panic("runner/search: no strategy is called " + strconv.Quote(name))
	}
	return table[i]
}

func bisect(b bracket, _ bool, _ []Tried) Step { return b.halve() }

// mostBisect: after a first trial that exits the top is tried, or a single value
// again, and the values between are halved.
func mostBisect(n int) int {
	whole := bracket{n: n, low: -1, high: n}
	above := bracket{n: n, low: whole.middle(), high: n - 1}
	return max(whole.left(), 2+above.left())
}

func ladder(b bracket, _ bool, _ []Tried) Step {
	return Step{Index: b.low + 1, Why: "the lowest that was not tried"}
}
