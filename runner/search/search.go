// Package search decides which cell of a grid a search tries next, and what the
// trials so far prove.
//
// It is pure: the next step is a function of the trials alone. It knows nothing of
// memory, CPUs, containers or load; a value is its index on an axis of the grid, from
// 0 for the lowest to n-1, the top. A grid of one dimension is a line. One of several
// is searched along its lines.
//
// What passes at a value is assumed to pass at every higher one. Where trials
// contradict that, the answer is above the highest failure, and the contradiction
// is reported. Values that were not tried may contradict it too: a service that
// sizes itself by its limit can fail at 500M and pass at 300M. So once a line has an
// answer, one trial in the middle below it, the probe, checks that; where it
// passes, the values up to it are searched by themselves.
package search

import "slices"

// Tried is a trial that passed or failed.
type Tried struct {
	Cell      Cell
	Needs     [Axes]Need // that it showed
	Ample     [Axes]bool // of a failure: what it was not short of
	Seconds   float64    // that it took
	Index     int        // of Cell on the line that it is seen on
	Passed    bool
	FirstLook bool // a shortened load: it can fail, and never proves a pass
	Undecided bool // a failure that a full load might not have: the value is tried in full
	Low, High int  // of Needs on that line
	Exited    bool // exited, without a witness of an out-of-memory kill
	ExitCode  int  // of a trial that Exited
	Probe     bool // below an answer, by a step with Probe
	Disproves bool // a failure at an answer: nothing at or below it counts any more
}

// Need is the indexes on an axis at which a trial showed the need to lie: from the
// highest working set with some slack, and from the peak. -1 where it is not known.
type Need struct{ Low, High int }

// Step is the next trial, or the end of the search.
type Step struct {
	Cell             Cell
	Index            int    // of Cell on a line
	Why              string // a clause for people, without values
	FirstLook        bool   // a shortened load is enough
	Probe            bool   // below an answer that is known
	Done             bool
	LimitIndependent bool // done: the service exits with the same code at every limit
}

// Next returns the next step of a search over n values by the strategy of that
// name. firstLooks allows first looks where a full load proves nothing more. It
// panics where no strategy has the name: plans are checked before they run.
func Next(name string, n int, firstLooks bool, tried []Tried) Step {
	strategy := named(name)
	for _, r := range regions(n, tried) {
		step := strategy.pair(r, firstLooks)
		if !step.Done || step.LimitIndependent {
			return step
		}
		b := bracketOf(r.n, r.tried)
		if b.high == r.n {
			continue
		}
		// The probe: the trial in the middle between the lowest value and the answer,
		// once in a search. It is left out where it would show nothing new: where a
		// value at or below the middle has failed, always with a ladder and mostly
		// after halving; and where an answer was disproved, since passes below that do
		// not count any more.
		middle := b.high / 2
		idle := func(t Tried) bool {
			return t.Probe || t.Disproves || !t.Passed && !t.Undecided && t.Index <= middle
		}
		if b.high == 0 || slices.ContainsFunc(tried, idle) {
			return Step{Done: true}
		}
		return Step{Index: middle, FirstLook: firstLooks && !failsLate(tried), Probe: true,
			Why: "halfway below the answer: whether a lower value passes although a higher one failed"}
	}
	return Step{Done: true}
}

// failsLate reports whether a full trial failed later than a first look ends: another
// first look would show nothing.
func failsLate(tried []Tried) bool {
	var look, failure float64
	for _, t := range tried {
		switch {
		case t.FirstLook && t.Passed:
			look = max(look, t.Seconds)
		case !t.FirstLook && !t.Passed:
			failure = max(failure, t.Seconds)
		}
	}
	return look > 0 && failure > look
}

// pair returns the next step towards a value that passes and the one below it that
// fails.
func (s Strategy) pair(r region, firstLooks bool) Step {
	top := r.n - 1
	if len(r.tried) == 1 && r.tried[0].Probe && r.tried[0].FirstLook { // a full load may fail, as values above it did
		return Step{Index: top, Why: "with the full load, because only a first look passed"}
	}
	if endedByItself(r.tried) {
		if len(r.tried) == 1 {
			return Step{Index: top, FirstLook: r.tried[0].FirstLook,
				Why: "the service exited by itself: whether it also does at the highest value"}
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
		return Step{Index: top, Why: "only the highest value is left"}
	case slices.ContainsFunc(r.tried, func(t Tried) bool { return t.Disproves && t.Index == b.low }):
		// That value passed before it was disproved; the next one may pass too.
		return Step{Index: b.low + 1, Why: "one step above the disproved answer"}
	}
	return s.next(b, firstLooks, r.tried)
}

// endedByItself reports whether the first trial exited without a witness. One more
// trial at the top shows whether the limit is the cause.
func endedByItself(tried []Tried) bool { return len(tried) > 0 && tried[0].Exited }

// allExit reports whether there are several trials, and all exited with the same code.
func allExit(tried []Tried) bool {
	return len(tried) > 1 && !slices.ContainsFunc(tried, func(t Tried) bool { return !sameEnd(t, tried[0]) })
}

// sameEnd reports whether both trials exited, with the same code.
func sameEnd(a, b Tried) bool { return a.Exited && b.Exited && a.ExitCode == b.ExitCode }
