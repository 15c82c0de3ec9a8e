package runner

import (
	"context"
	"time"

	"plan/internal/wait"
	"plan/plans"
	"plan/runner/journal"
	"plan/runner/ramp"
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
	steps := ramp.NewSteps(s, stage.StopAfter)
	var last journal.Trial
	for _, users := range stage.Users {
		t, err := r.runWithRetry(ctx, s, r.newTrialSpec(stage, users, false))
		if err != nil {
			s.Verdict, s.Reason = journal.Aborted, t.Why
			return err
		}
		if last = t; !steps.Add(users, t) {
			break
		}
	}
	steps.Conclude(last, ctx.Err() != nil)
	return nil
}

// findUsers runs the trials of a ramp that finds its users itself.
func (r *run) findUsers(ctx context.Context, stage plans.Stage, s *journal.Stage) error {
	admitted, known := r.guard.Users(stage.AgentsOf(), stage.Limits())
	s.Auto = ramp.Range(stage, admitted, known, r.agent.Hello().Files)
	if err := r.record.Begin(*s); err != nil {
		return err
	}
	*s.Auto = *r.record.Run.Stages[r.record.Index(s.Address)].Auto // as it was when a resumed run began the stage
	users := ramp.NewUsers(s, stage.AtLeast)
	var last journal.Trial
	var err error
	var longer time.Duration // of each load, to have enough samples
	for step := users.Next(); !step.Done; step = users.Next() {
		last, err = r.runWithRetry(ctx, s, r.usersSpec(stage, step, &longer))
		switch {
		case err != nil:
			users.Answer()
			s.Verdict, s.Reason = journal.Aborted, last.Why
			return err
		case last.Verdict.Counts():
			users.Add(step, last)
		case last.StoppedByGuard() && ctx.Err() == nil && users.Bound(step, last): // continue below what the host cannot hold
			if r.record.Live() {
				wait.For(ctx, plans.Recover)
			}
		default:
			s.Reason = last.Why
			users.Conclude(last, ctx.Err() != nil)
			return nil
		}
	}
	users.Conclude(last, ctx.Err() != nil)
	return nil
}

// usersSpec returns the trial of a step.
func (r *run) usersSpec(stage plans.Stage, step search.UsersStep, longer *time.Duration) trialSpec {
	if step.Grow == nil {
		spec := r.newTrialSpec(stage, step.Users, false)
		spec.chosen, spec.extraRuntime = step.Why, longer
		spec.load.Runtime += *longer
		return spec
	}
	spec := r.newTrialSpec(stage, step.Grow[len(step.Grow)-1], false)
	load, windows := stage.Load.Grow(step.Grow, r.Seed)
	spec.load.Stages, spec.load.Runtime, spec.load.SpawnRate, spec.load.WarmUp = load.Stages, load.Runtime, 0, 0
	spec.firstLook, spec.chosen = true, step.Why
	spec.growth = &ramp.Growth{Windows: windows, Threshold: stage.Threshold}
	return spec
}
