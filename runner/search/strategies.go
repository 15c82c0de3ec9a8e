package search

import (
	"slices"
	"strconv"
)

// Strategy is a way to choose the next value. Where more never hurts, all give
// the same answer, at different cost.
type Strategy struct {
	Name string
	Doc  string // what it does, to follow its name: "halves the range"
	// most is the most trials that it takes for a pair among n values, n at least
	// 1, however they end.
	most func(n int) int
	// exhaustive is true of a strategy that tries all values below its answer: a probe
	// says nothing new.
	exhaustive bool
	// next chooses among the values that b leaves open. It is not asked where
	// only the top is left.
	next func(b bracket, firstLooks bool, tried []Tried) Step
}

// table has every strategy, the default first. Plans, the manual, bounds and
// the tests of searches are made from it.
var table = []Strategy{
	{Name: "anchored", Doc: "measures the need first", most: mostAnchored, next: anchored},
	{Name: "bisect", Doc: "halves the range", most: mostBisect, next: bisect},
	{Name: "ladder", Doc: "tries every value upwards", most: mostLadder, next: ladder, exhaustive: true},
}

// Strategies returns all of them, the default first.
func Strategies() []Strategy { return slices.Clone(table) }

// Most is the most trials that a strategy takes for n values, where a probe
// passes too. It panics where no strategy has the name.
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

// leastProbed is the least number of values with a middle below an answer that
// nothing was tried at or below.
const leastProbed = 4

func named(name string) Strategy {
	i := slices.IndexFunc(table, func(s Strategy) bool { return s.Name == name })
	if i < 0 {
		panic("runner/search: no strategy is called " + strconv.Quote(name))
	}
	return table[i]
}

func bisect(b bracket, _ bool, _ []Tried) Step { return Step{Index: b.middle()} }

// mostBisect: after a first trial that ends by itself the top is tried, of a
// single value again, and what is between them is halved.
func mostBisect(n int) int {
	whole := bracket{n: n, low: -1, high: n}
	above := bracket{n: n, low: whole.middle(), high: n - 1}
	return max(whole.left(), 2+above.left())
}

func ladder(b bracket, _ bool, _ []Tried) Step { return Step{Index: b.low + 1} }

// mostLadder: a single value is tried twice where its first trial ends by itself.
func mostLadder(n int) int { return max(n, 2) }
