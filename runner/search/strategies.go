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
	// next chooses among the values that b leaves open. It is not called where only
	// the top is left.
	next func(b bracket, firstLooks bool, tried []Tried) Step
}

// table has every strategy, the default first. Plans, the manual, bounds and the
// tests of searches come from it.
var table = []Strategy{
	{Name: "anchored", Doc: "measures the need first", most: mostAnchored, next: anchored},
	{Name: "bisect", Doc: "halves the range", most: mostBisect, next: bisect},
	{Name: "ladder", Doc: "tries every value upwards", next: ladder, exhaustive: true,
		most: func(n int) int { return max(n, 2) }}, // a single value is tried twice where its first trial exits
}

// Strategies returns every strategy, the default first.
func Strategies() []Strategy { return slices.Clone(table) }

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

// leastProbed is the least number of values that can have a probe.
const leastProbed = 4

func named(name string) Strategy {
	i := slices.IndexFunc(table, func(s Strategy) bool { return s.Name == name })
	if i < 0 {
		panic("runner/search: no strategy is called " + strconv.Quote(name))
	}
	return table[i]
}

func bisect(b bracket, _ bool, _ []Tried) Step { return Step{Index: b.middle()} }

// mostBisect: after a first trial that exits the top is tried, or a single value
// again, and the values between are halved.
func mostBisect(n int) int {
	whole := bracket{n: n, low: -1, high: n}
	above := bracket{n: n, low: whole.middle(), high: n - 1}
	return max(whole.left(), 2+above.left())
}

func ladder(b bracket, _ bool, _ []Tried) Step { return Step{Index: b.low + 1} }
