// Package search decides which value of a grid a search tries next, and what
// the trials so far prove.
//
// It is pure: the next step is a function of the trials alone, so a search
// that was cut off goes on where it stopped. It knows nothing of memory, CPUs,
// containers, load or time; a value is its index in the grid, from 0 for the
// least to n-1, the top.
//
// What passes at a value is taken to pass at every greater one. Where trials
// say otherwise the answer lies above the highest failure, and the
// contradiction is told. What nobody tried may be otherwise too: a service that
// sizes itself by its limit can fail at 500M and pass at 300M. So once an answer
// is known, one trial in the middle below it, the probe, looks for that; where
// it passes, the values up to it are searched by themselves.
package search

import "slices"

// Tried is a trial that passed or failed.
type Tried struct {
	Index     int
	Passed    bool
	FirstLook bool // a shortened load: its pass certifies nothing, its failure is one
	Undecided bool // a failure that a full load might not show: the value is tried in full
	// Low and High are what this trial shows of the need, as indexes: of the
	// highest working set with some slack, and of the peak counter. -1 where
	// that is not known.
	Low, High int
	Exited    bool // ended by itself, with no witness of out-of-memory
	ExitCode  int  // of a trial that Exited
	Probe     bool // below an answer, as a step with Probe asked for
	Disproves bool // a failure where an answer was: nothing at or below it counts any more
}

// Step is what to do next: try Index, or stop.
type Step struct {
	Index            int
	FirstLook        bool // a shortened load will do
	Probe            bool // below an answer that is known
	Done             bool
	LimitIndependent bool // done: the service ends by itself with the same code at any limit
}

// Next gives the next step of a search over n values by the strategy of that
// name. firstLooks allows to shorten the load where a full one proves nothing
// more. It panics where no strategy has the name: plans are checked before they
// run.
func Next(name string, n int, firstLooks bool, tried []Tried) Step {
	strategy := named(name)
	for _, r := range regions(n, tried) {
		step := strategy.pair(r, firstLooks)
		if !step.Done || step.LimitIndependent {
			return step
		}
		if b := bracketOf(r.n, r.tried); b.high < r.n {
			return b.probe(firstLooks, tried)
		}
	}
	return Step{Done: true}
}

// pair gives the next step to a value that passes and the one below it that
// fails.
func (s Strategy) pair(r region, firstLooks bool) Step {
	top := r.n - 1
	if len(r.tried) == 1 && r.tried[0].Probe && r.tried[0].FirstLook { // it may fail in full, as what lies above it did
		return Step{Index: top}
	}
	if endedByItself(r.tried) {
		if len(r.tried) == 1 {
			return Step{Index: top, FirstLook: r.tried[0].FirstLook}
		}
		if sameEnd(r.tried[0], r.tried[1]) {
			return Step{Done: true, LimitIndependent: true}
		}
	}
	b := bracketOf(r.n, r.tried)
	switch {
	case b.closed():
		return Step{Done: true}
	case b.low == top-1:
		return Step{Index: top}
	case slices.ContainsFunc(r.tried, func(t Tried) bool { return t.Disproves && t.Index == b.low }):
		return Step{Index: b.low + 1} // it passed by itself, and so will the next one
	}
	return s.next(b, firstLooks, r.tried)
}

// probe is the trial in the middle between the least value and the answer, once
// in a search. It is left out where it would say nothing new: where a value at
// or below the middle has failed, as with a ladder, which tries them all, and
// as most often where a range was halved; and where an answer was disproved,
// since what passes below that counts no more.
func (b bracket) probe(firstLooks bool, tried []Tried) Step {
	middle := b.high / 2
	idle := func(t Tried) bool {
		return t.Probe || t.Disproves || !t.Passed && !t.Undecided && t.Index <= middle
	}
	if b.high == 0 || slices.ContainsFunc(tried, idle) {
		return Step{Done: true}
	}
	return Step{Index: middle, FirstLook: firstLooks, Probe: true}
}

// endedByItself reports whether the first trial exited without a witness: it
// is tried once more, at the top, before its failure is believed to be due to
// the limit.
func endedByItself(tried []Tried) bool { return len(tried) > 0 && tried[0].Exited }

// sameEnd reports whether both trials exited, with the same code.
func sameEnd(a, b Tried) bool { return a.Exited && b.Exited && a.ExitCode == b.ExitCode }
