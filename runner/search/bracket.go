package search

import "math/bits"

// bracket is the values that trials leave open: those between low and high.
type bracket struct {
	n    int
	low  int  // the highest that failed; -1: none
	high int  // the lowest that passed a full trial above low; n: none
	look bool // the top passed a first look, and no full trial yet
	// passing and failing are the seconds of a trial that passes, and of one that fails;
	// 0 where they are not known.
	passing, failing float64
}

func bracketOf(n int, tried []Tried) bracket {
	b := bracket{n: n, low: -1, high: n}
	failures := tried
	if len(tried) > 1 && endedByItself(tried) && tried[0].Index == n-1 && tried[1].Index == n-1 && tried[1].Passed {
		failures = tried[1:] // the first trial exited at the top, which then passed: the limit was not its cause
	}
	for _, t := range failures {
		if !t.Passed && !t.Undecided {
			b.low = max(b.low, t.Index)
		}
	}
	for _, t := range tried {
		switch {
		case !t.Passed || t.Index <= b.low:
		case t.FirstLook:
			b.look = b.look || t.Index == n-1
		default:
			b.high = min(b.high, t.Index)
		}
	}
	b.look = b.look && b.high == n
	return b
}

// closed reports whether nothing is left to try: the answer is known, or even the
// top failed.
func (b bracket) closed() bool { return b.high == b.low+1 }

// ceiling returns the lowest value that is expected to pass; n where none is.
func (b bracket) ceiling() int {
	if b.look {
		return b.n - 1
	}
	return b.high
}

// middle returns the value that divides the open ones, never low or high: the middle;
// or where failures are known to be shorter or longer than passes, the value with the
// least expected seconds among those after which halving needs no more trials than
// after the middle.
func (b bracket) middle() int {
	gap := b.ceiling() - b.low
	if gap < 3 || gap > mostWeighed || b.passing == b.failing {
		return b.low + max(1, gap/2)
	}
	return b.low + b.weigh(gap)
}

// mostWeighed is the most values for which expected seconds are computed.
const mostWeighed = 256

// weigh returns how far above low the next value lies where one of gap values is the
// least that passes, each with equal probability. least has the expected seconds until
// one of so many values is found.
func (b bracket) weigh(gap int) (chosen int) {
	least := make([]float64, gap+1)
	for g := 2; g <= gap; g++ {
		chosen = 0
		for k := range g {
			if max(log2(k), log2(g-k)) >= log2(g) {
				continue // more trials than after the middle, also at 0
			}
			passes := float64(k) / float64(g)
			expected := passes*(b.passing+least[k]) + (1-passes)*(b.failing+least[g-k])
			if chosen == 0 || expected < least[g] {
				least[g], chosen = expected, k
			}
		}
	}
	return chosen
}

// halve tries the middle.
func (b bracket) halve() Step {
	return Step{Index: b.middle(), Why: "the middle of the open range"}
}

// open reports whether a full trial at x would show something new.
func (b bracket) open(x int) bool { return x > b.low && x < b.high }

// left returns the most trials that halving still needs.
func (b bracket) left() int {
	switch {
	case b.closed():
		return 0
	case b.look:
		return log2(b.n-1-b.low) + 1
	}
	return log2(b.high - b.low)
}

// after returns the bracket after a full trial at x.
func (b bracket) after(x int, passed bool) bracket {
	if passed {
		b.high, b.look = x, false
		return b
	}
	b.low = x
	b.look = b.look && x < b.n-1
	return b
}

// log2 returns the logarithm to base 2, rounded up.
func log2(x int) int { return bits.Len(uint(max(x, 1) - 1)) }
