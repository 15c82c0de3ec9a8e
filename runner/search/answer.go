package search

import "slices"

// Answer is what trials prove. Positions are indexes into these trials.
type Answer struct {
	Found          int  // lowest value that passed with nothing open below it; -1: none
	AtMost         bool // found is the lowest value of the grid
	Passed         int  // position of the trial that passed at Found; -1 without one
	Failed         int  // position of the trial that failed one step below; -1 without one
	Contradictions []Contradiction
}

// Contradiction is a trial that passed although another one at the same value or
// above failed. Positions are indexes into the trials.
type Contradiction struct{ Passed, Failed int }

// Conclude returns what trials over n values prove. A first look that passed proves
// nothing.
func Conclude(n int, tried []Tried) Answer {
	var a Answer
	for _, r := range regions(n, tried) {
		b := bracketOf(r.n, r.tried)
		a = Answer{Found: -1, Passed: -1, Failed: -1}
		if !b.closed() || b.high == r.n {
			continue
		}
		a.Found = b.high
		a.AtMost = b.high == 0
		for i, t := range r.tried {
			switch {
			case t.Passed && !t.FirstLook && t.Index == b.high:
				a.Passed = r.at[i]
			case !t.Passed && !t.Undecided && t.Index == b.low:
				a.Failed = r.at[i]
			}
		}
		break
	}
	a.Contradictions = contradictions(tried, func(passed, failed Tried) bool { return failed.Index >= passed.Index })
	return a
}

// contradictions returns each contradicted failure once, with the first trial that
// contradicts it. Left out are a full load that failed where a first look passed, and
// what disproves an answer, which is reported as that.
func contradictions(tried []Tried, contradicts func(passed, failed Tried) bool) []Contradiction {
	var all []Contradiction
	for f, failed := range tried {
		p := slices.IndexFunc(tried, func(passed Tried) bool {
			return passed.Passed && !failed.Passed && !failed.Undecided && !failed.Disproves && contradicts(passed, failed) &&
				(!passed.FirstLook || failed.FirstLook)
		})
		if p >= 0 {
			all = append(all, Contradiction{Passed: p, Failed: f})
		}
	}
	return all
}
