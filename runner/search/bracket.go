package search

import "math/bits"

// bracket is the values that trials leave open: those between low and high.
type bracket struct {
	n    int
	low  int  // the highest that failed; -1: none
	high int  // the lowest that passed a full trial above low; n: none
	look bool // the top passed a first look, and no full trial yet
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

// middle returns the middle of the open values, never low or high.
func (b bracket) middle() int { return b.low + max(1, (b.ceiling()-b.low)/2) }

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
