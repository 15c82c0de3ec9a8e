package runner

import (
	"context"
	"fmt"

	"plan/internal/units"
	"plan/plans"
	"plan/runner/journal"
	"plan/runner/judge"
	"plan/runner/watch"
)

// runWithRetry runs a trial, and runs it again where it is inconclusive and a retry
// may decide: once for each reason. Each trial has its line in the journal.
func (r *run) runWithRetry(ctx context.Context, s *journal.Stage, spec trialSpec) (journal.Trial, error) {
	t, err := r.runAndRecord(ctx, s, spec)
	for had := map[journal.Reason]bool{}; err == nil && t.Reason != nil && !had[*t.Reason] && r.prepareRetry(ctx, &spec, t); {
		had[*t.Reason] = true
		spec.repeats = t.ID
		t, err = r.runAndRecord(ctx, s, spec)
	}
	return t, err
}

// prepareRetry reports whether a trial is to be repeated, and prepares the spec and
// the host for that.
func (r *run) prepareRetry(ctx context.Context, spec *trialSpec, t journal.Trial) bool {
	if t.Verdict.Counts() {
		return false
	}
	past := r.record.Next()
	if past != nil && (past.Trial == nil || past.Trial.Repeats != t.ID) { // a resumed run does what it did
		return false
	}
	switch *t.Reason {
	case journal.Disturbed:
		if past == nil {
			r.waitForQuietHost(ctx, *spec, t)
		}
	case journal.Samples, journal.Leak: // make the loads of a search long enough
		if past != nil { // the guard had time for it
			ctx = context.WithoutCancel(ctx)
		}
		more := r.missingRuntime(ctx, *spec, t)
		if more == 0 || spec.extraRuntime == nil && *t.Reason == journal.Samples {
			return false
		}
		if spec.extraRuntime != nil {
			*spec.extraRuntime += more
		}
		spec.load.Runtime += more
		r.Observer.Note(fmt.Sprintf("%s: %s: the trial runs again, for %s", t.ID, t.Why, units.Duration(spec.load.Runtime)))
	}
	return plans.Repeated(string(*t.Reason))
}

// waitForQuietHost waits until others use no more CPU than the guard allows, at most for
// plans.QuietWait and the runtime of the load.
func (r *run) waitForQuietHost(ctx context.Context, spec trialSpec, t journal.Trial) {
	most := plans.QuietWait
	if spec.load != nil {
		most += spec.load.Runtime
	}
	r.Observer.Note(fmt.Sprintf("%s: %s: the trial runs again when other programs use at most %s of the host's CPUs, or after %s",
		t.ID, t.Why, units.Percent(r.Plan.Guard.Others()), units.Duration(most)))
	spec.repeats = t.ID
	r.progress.inTrial(spec, "waiting until the host is quiet")
	from := watch.Sources{Stats: r.stats.Readings, Guard: r.guard}
	watch.WaitForQuiet(ctx, from, most, r.Plan.Guard.Others(), r.Header.Host.CPUs)
}

// steadily does a step outside of the loads. If it fails and the process stood still meanwhile, or the agent has ended,
// as it does then, all agents that have ended are started again, and the step is done once more.
func (r *run) steadily(ctx context.Context, step func() error) error {
	clock := watch.StartClock()
	defer clock.Stop()
	return r.onceMore(ctx, clock.Stood, step)
}

func (r *run) onceMore(ctx context.Context, stood func() judge.Stop, step func() error) error {
	err := step()
	if err == nil || ctx.Err() != nil {
		return err
	}
	switch s := stood(); {
	case s != (judge.Stop{}):
		r.Observer.Note(s.Why + ": the last step is repeated")
	case !r.agent.Lost():
		return err
	}
	if err := r.agents.renew(ctx, max(1, len(r.agents.all)), r.Observer.Note); err != nil {
		return err
	}
	return step()
}

// afterAbsence returns the trial as it ended, or, where the engine was away meanwhile and
// is back, as one that says nothing of the service; what the next trial needs is started
// again then.
func (r *run) afterAbsence(ctx context.Context, spec trialSpec, t journal.Trial, fault error) (journal.Trial, error) {
	away, err := r.Platform.Away(ctx, t.Started)
	if !away || ctx.Err() != nil {
		return t, fault
	}
	if err == nil {
		err = r.agents.renew(ctx, 1, func(string) {})
	}
	if err == nil && !spec.stage.Service.RestartHelpers {
		err = r.helpers.Ensure(ctx, spec.stage)
	}
	if err != nil {
		return abortTrial(t, err)
	}
	return conclude(t, judge.Because(journal.Away, "the engine was away")), nil
}
