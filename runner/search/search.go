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
// contradiction is told.
package search

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
}

// Step is what to do next: try Index, or stop.
type Step struct {
	Index     int
	FirstLook bool // a shortened load will do
	Done      bool
	NotMemory bool // done: the service ends by itself with the same code at any limit
}

// Next gives the next step of a search over n values by the strategy of that
// name. firstLooks allows to shorten the load where a full one proves nothing
// more. It panics where no strategy has the name: plans are checked before they
// run.
func Next(name string, n int, firstLooks bool, tried []Tried) Step {
	strategy, top := named(name), n-1
	if endedByItself(tried) {
		if len(tried) == 1 {
			return Step{Index: top, FirstLook: tried[0].FirstLook}
		}
		if sameEnd(tried[0], tried[1]) {
			return Step{Done: true, NotMemory: true}
		}
	}
	b := bracketOf(n, tried)
	switch {
	case b.closed():
		return Step{Done: true}
	case b.low == top-1:
		return Step{Index: top}
	}
	return strategy.next(b, firstLooks, tried)
}

// endedByItself reports whether the first trial exited without a witness: it
// is tried once more, at the top, before its failure is believed to be due to
// the limit.
func endedByItself(tried []Tried) bool { return len(tried) > 0 && tried[0].Exited }

// sameEnd reports whether both trials exited, with the same code.
func sameEnd(a, b Tried) bool { return a.Exited && b.Exited && a.ExitCode == b.ExitCode }
