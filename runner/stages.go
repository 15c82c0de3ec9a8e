package runner

import (
	"context"
	"errors"
	"fmt"
	"time"

	"plan/plans"
	"plan/runner/journal"
	"plan/runner/requests"
)

// runStage runs one stage to its answer. The error is the environment's.
func (r *run) runStage(ctx context.Context, address string) error {
	stage, err := r.Plan.Resolve(address, r.record.known)
	var missing *plans.MissingValue
	switch {
	case errors.As(err, &missing):
		return r.record.skip(stageOf(r.Plan, address), journal.Skipped, missing.Error()+", which it needs")
	case err != nil: // such as a range that ends before it begins, by what was found
		return r.record.skip(stageOf(r.Plan, address), journal.Failed, err.Error())
	}
	if err := r.checkFiles(stage); err != nil {
		return err
	}
	if err := r.helpers.ensure(ctx, stage); err != nil {
		return err
	}
	begun := time.Now()
	s := r.record.newStage(stage)
	switch stage.Kind {
	case plans.Search:
		err = r.search(ctx, stage, &s)
	case plans.Ramp:
		err = r.ramp(ctx, stage, &s)
	default:
		err = r.check(ctx, stage, &s)
	}
	return r.finishStage(&s, begun, err)
}

// finishStage writes the answer of a stage that has run since begun. A stage that
// used an answer which is disproved has none: it runs again.
func (r *run) finishStage(s *journal.Stage, begun time.Time, err error) error {
	if mustRunAgain(err) {
		return err
	}
	s.Seconds += time.Since(begun).Seconds()
	if s.Verdict == journal.Aborted && s.AbortedBy == "" {
		s.AbortedBy = abortedBy(*s, err)
	}
	return firstError(r.record.answer(*s), err)
}

// abortedBy returns why a stage was aborted: the environment where there is an
// error, else the reason of its last trial.
func abortedBy(s journal.Stage, err error) journal.Reason {
	if n := len(s.Trials); err == nil && n > 0 && s.Trials[n-1].Reason != nil {
		return *s.Trials[n-1].Reason
	}
	return journal.EngineLost
}

// check runs one trial, whose verdict is that of the stage.
func (r *run) check(ctx context.Context, stage plans.Stage, s *journal.Stage) error {
	if err := r.record.begin(*s); err != nil {
		return err
	}
	t, err := r.runWithRetry(ctx, s, r.newTrialSpec(stage, loadUsers(stage), false))
	s.Verdict, s.Reason = t.Verdict, t.Why
	if t.Verdict.Counts() {
		met := t.Verdict == journal.Passed
		s.Met = &met
		s.Certificate = &journal.Certificate{Failed: []string{}}
		if met {
			s.Certificate.Passed = t.ID
		} else {
			s.Certificate.Failed = []string{t.ID}
		}
	}
	return err
}

// runAndRecord runs one trial and writes its line. The error is also that of a
// premise of the stage that is disproved by now.
func (r *run) runAndRecord(ctx context.Context, s *journal.Stage, spec trialSpec) (journal.Trial, error) {
	spec.id = fmt.Sprintf("%s/%d", s.Address, s.SetAside+len(s.Trials)+1)
	t, err := r.trial(ctx, spec)
	s.Trials = append(s.Trials, t)
	if err := firstError(r.record.append(journal.Line{Type: journal.TrialLine, Trial: &t}), err); err != nil {
		return t, err
	}
	for _, address := range uses(r.Plan, spec.stage.Address) {
		if i := r.record.index(address); i >= 0 {
			if _, is := r.record.run.Disproof(r.record.run.Stages[i]); is {
				return t, &disprovedError{address}
			}
		}
	}
	return t, nil
}

// loadUsers returns the users of a stage's load; 0 without a load.
func loadUsers(stage plans.Stage) int {
	if stage.Load == nil {
		return 0
	}
	return stage.Load.Users
}

// newTrialSpec returns a trial of the stage at the stage's own limits.
func (r *run) newTrialSpec(stage plans.Stage, users int, firstLook bool) trialSpec {
	spec := trialSpec{stage: stage, limits: stage.Limits(), users: users, firstLook: firstLook}
	if stage.Load == nil {
		return spec
	}
	load := requests.ByName(stage.Load.Load(users, r.Seed), stage.Service)
	if firstLook {
		load.Runtime = firstLookRuntime(load)
	}
	spec.load = &load
	return spec
}
