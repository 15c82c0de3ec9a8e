// Package ramp decides how a ramp goes on, and what its trials prove: how many users
// are held, and which trials are the proof. It is pure, and knows nothing of how trials
// run.
package ramp

import (
	"slices"

	"plan/runner/journal"
	"plan/runner/search"
)

// Steps is a ramp whose users the plan lists.
type Steps struct {
	record *journal.Stage
	most   int // trials in a row that do not pass, with which it ends
	misses int // trials in a row that did not
}

// NewSteps returns a ramp that has run nothing. It ends after stopAfter steps in a row
// that do not pass, at least one. record has its trials.
func NewSteps(record *journal.Stage, stopAfter int) *Steps {
	return &Steps{record: record, most: max(1, stopAfter)}
}

// Add takes the newest trial, of a step with so many users, and reports whether the ramp
// goes on.
func (r *Steps) Add(users int, t journal.Trial) bool {
	s := r.record
	if t.Verdict == journal.Passed {
		r.misses = 0
		// What is held is the last step that passed before the first failure.
		if !slices.ContainsFunc(s.Trials, func(t journal.Trial) bool { return t.Verdict == journal.Failed }) {
			s.Held, s.Certificate = &users, &journal.Certificate{Passed: t.ID, Failed: []string{}}
		}
		return true
	}
	if *t.Reason == journal.Samples { // never held; a step with more users has more samples
		return true
	}
	r.misses++
	if s.Certificate != nil && t.Verdict == journal.Failed && len(s.Certificate.Failed) == 0 {
		s.Certificate.Failed = []string{t.ID}
	}
	if !t.Verdict.Counts() || r.misses >= r.most {
		s.Reason = t.Why
		return false
	}
	return true
}

// Conclude writes the knee and the verdict into the record. stopped is whether the run
// was stopped.
func (r *Steps) Conclude(last journal.Trial, stopped bool) {
	var loads []search.Window // of trials in full
	for _, t := range r.record.Trials {
		if t.Load != nil && t.Windows == nil {
			loads = append(loads, search.Window{Users: *t.Users, OK: t.Load.Judged.OK, Rate: t.Load.Judged.OKRate})
		}
	}
	if knee := search.Knee(loads); knee > 0 {
		r.record.Knee = &knee
	}
	conclude(r.record, last, stopped)
}

// conclude sets the verdict. After an inconclusive step, such as one with a
// failed dependency, it is unknown whether more would be held: the ramp passes
// only where at_least was reached before, or the guard stopped the step since the host
// cannot hold it. A guard that ends the run itself, as after its time, says nothing of
// the users.
func conclude(s *journal.Stage, last journal.Trial, stopped bool) {
	answered := s.Held != nil && (s.AtLeast == nil || *s.Held >= *s.AtLeast)
	bounded := s.AtLeast != nil || last.Verdict.Counts() || last.StoppedByGuard() && !stopped
	aborted := last.Verdict == journal.Aborted && !last.StoppedByGuard()
	switch {
	case answered && bounded && !aborted:
		s.Verdict = journal.Passed
	case last.Verdict.Counts():
		s.Verdict = journal.Failed
	default:
		s.Verdict = last.Verdict
	}
}
