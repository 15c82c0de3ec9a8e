package runner

import (
	"context"
	"errors"
	"fmt"
	"time"

	"plan/plans"
	"plan/runner/answer"
	"plan/runner/journal"
	"plan/runner/requests"
)

// runStage runs one stage to its answer. The error is the environment's.
func (r *run) runStage(ctx context.Context, address string) error {
	stage, err := r.Plan.Resolve(address, r.record.Known)
	var missing *plans.MissingValue
	switch {
	case errors.As(err, &missing):
		return r.record.Skip(stageOf(r.Plan, address), journal.Skipped, "it needs "+missing.Address+", which has no value")
	case err != nil: // such as a range that ends before it begins, by what was found
		return r.record.Skip(stageOf(r.Plan, address), journal.Failed, err.Error())
	}
	if err := r.checkFiles(stage); err != nil {
		return err
	}
	// A stage that has begun in the past of a resumed run starts its helpers before its next trial, if it has one.
	if past := r.record.Next(); past == nil || past.Type != journal.StageLine || past.Stage.Address != stage.Address {
		if err := r.ready(ctx, stage); err != nil {
			return err
		}
	}
	begun := time.Now()
	s := r.record.NewStage(stage)
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
	// The last trial may have ended before what aborted the stage: then its reason is not that of the stage.
	if n := len(s.Trials); s.Verdict == journal.Aborted && err != nil && n > 0 && s.Trials[n-1].Verdict != journal.Aborted {
		s.Reason, _ = describe(err)
	}
	if s.Verdict == journal.Aborted && s.AbortedBy == "" {
		s.AbortedBy = abortedBy(*s, err)
	}
	if s.Kind == plans.Search {
		s.Levels = answer.Levels(*s)
	}
	if failed := r.record.Answer(*s); failed != nil {
		return failed
	}
	s.Seconds = r.record.Run.Stages[r.record.Index(s.Address)].Seconds // of an answer that is repeated, those that it took
	return err
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
	if err := r.record.Begin(*s); err != nil {
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

// runAndRecord runs one trial and writes its line; it takes the trial from the past of
// a run that is resumed, where that has it. The error is also that of a
// premise of the stage that is disproved by now.
func (r *run) runAndRecord(ctx context.Context, s *journal.Stage, spec trialSpec) (journal.Trial, error) {
	spec.id = fmt.Sprintf("%s/%d", s.Address, s.SetAside+len(s.Trials)+1)
	spec.configuration = r.record.Configuration(spec.stage.Service)
	spec.scenario = r.record.Scenario(spec.stage)
	past, err := recorded(r.record, spec)
	if err == nil && past == nil && !r.record.Live() {
		err = r.ready(ctx, spec.stage)
	}
	if err != nil { // nothing was run, so there is no line
		return abortTrial(newTrial(spec), err)
	}
	var t journal.Trial
	if past != nil {
		t, s.Seconds = *past, s.Seconds+past.Seconds.Total
	} else {
		t, err = r.trial(ctx, spec)
		if ctx.Err() == nil {
			t, err = r.afterAbsence(ctx, spec, t, err)
		}
	}
	s.Trials = append(s.Trials, t)
	if err := firstError(r.record.Append(journal.Line{Type: journal.TrialLine, Trial: &t}), err); err != nil {
		return t, err
	}
	for _, address := range uses(r.Plan, spec.stage.Address) {
		if i := r.record.Index(address); i >= 0 {
			if _, is := r.record.Run.Disproof(r.record.Run.Stages[i]); is {
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
	if stage.Asks != nil {
		spec.asks = new(requests.ByName(plans.Workload{Scenario: *stage.Asks}.Load(1, r.Seed), stage.Service))
	}
	if stage.Load == nil {
		return spec
	}
	load := requests.ByName(stage.Load.Load(users, r.Seed), stage.Service)
	if firstLook {
		load.Runtime = plans.FirstLook(load)
	}
	spec.load = &load
	return spec
}

// stageOf returns a stage as the plan has it, before anything was found.
func stageOf(plan *plans.Plan, address string) plans.Stage {
	for _, stage := range plan.Stages {
		if stage.Address == address {
			return stage
		}
	}
	panic(fmt.Sprintf("no stage %s in the plan", address))
}
