package runner

import (
	"context"
	"slices"

	"plan/plans"
	"plan/runner/journal"
	"plan/runner/search"
)

// ramp finds the most users itself, or runs its steps in order, and stops at the first that does not pass, or after
// as many as `stop_after` allows.
func (r *run) ramp(ctx context.Context, stage plans.Stage, s *journal.Stage) error {
	if stage.AtLeast > 0 {
		s.AtLeast = &stage.AtLeast
	}
	if stage.Auto != nil {
		return r.findUsers(ctx, stage, s)
	}
	s.Steps = stage.Users
	if err := r.record.Begin(*s); err != nil {
		return err
	}
	misses := 0
	var last journal.Trial
	for i, users := range stage.Users {
		t, err := r.runWithRetry(ctx, s, r.newTrialSpec(stage, users, false))
		if err != nil {
			s.Verdict, s.Reason = journal.Aborted, t.Why
			return err
		}
		if last = t; t.Verdict == journal.Passed {
			misses = 0
			// What is held is the last step that passed before the first failure.
			if !slices.ContainsFunc(s.Trials, func(t journal.Trial) bool { return t.Verdict == journal.Failed }) {
				s.Held, s.Certificate = &stage.Users[i], &journal.Certificate{Passed: t.ID, Failed: []string{}}
			}
			continue
		}
		if *t.Reason == journal.Samples { // never held; a step with more users has more samples
			continue
		}
		misses++
		if s.Certificate != nil && t.Verdict == journal.Failed && len(s.Certificate.Failed) == 0 {
			s.Certificate.Failed = []string{t.ID}
		}
		if !t.Verdict.Counts() || misses >= max(1, stage.StopAfter) {
			s.Reason = t.Why
			break
		}
	}
	var loads []search.Window // of trials in full
	for _, t := range s.Trials {
		if t.Load != nil && t.Windows == nil {
			loads = append(loads, search.Window{Users: *t.Users, OK: t.Load.Judged.OK, Rate: t.Load.Judged.OKRate})
		}
	}
	if knee := search.Knee(loads); knee > 0 {
		s.Knee = &knee
	}
	concludeRamp(ctx, s, last)
	return nil
}

// concludeRamp sets the verdict. After an inconclusive step, such as one with a
// failed dependency, it is unknown whether more would be held: the ramp passes
// only where at_least was reached before, or the guard stopped the step since the host
// cannot hold it. A guard that ends the run itself, as after its time, says nothing of
// the users.
func concludeRamp(ctx context.Context, s *journal.Stage, last journal.Trial) {
	answered := s.Held != nil && (s.AtLeast == nil || *s.Held >= *s.AtLeast)
	bounded := s.AtLeast != nil || last.Verdict.Counts() || stoppedByGuard(last) && ctx.Err() == nil
	aborted := last.Verdict == journal.Aborted && !stoppedByGuard(last)
	switch {
	case answered && bounded && !aborted:
		s.Verdict = journal.Passed
	case last.Verdict.Counts():
		s.Verdict = journal.Failed
	default:
		s.Verdict = last.Verdict
	}
}
