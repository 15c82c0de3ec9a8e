package runner

import (
	"context"
	"fmt"
	"time"

	"plan/internal/wait"
	"plan/plans"
	"plan/runner/answer"
	"plan/runner/journal"
	"plan/runner/judge"
)

// search runs a search until it has an answer.
func (r *run) search(ctx context.Context, stage plans.Stage, s *journal.Stage) error {
	s.Dimension, s.Grid, s.Margin = stage.Vary.Dimension, stage.Vary.Numbers(), stage.Margin
	if err := r.record.begin(*s); err != nil {
		return err
	}
	grid, cut := r.guard.affordable(stage, stage.Vary.Grid())
	h := answer.New(stage, s, grid, cut)
	r.searches[stage.Address] = h
	return r.findAnswer(ctx, h)
}

// findAnswer runs trials until there is an answer that no trial of the run
// disproves, or none can be found.
func (r *run) findAnswer(ctx context.Context, h *answer.Search) error {
	for {
		h.Clear()
		if answered, err := r.runStrategy(ctx, h); err != nil || !answered {
			return err
		}
		h.Conclude()
		var proof journal.Certificate
		if h.Record.Certificate != nil {
			proof = *h.Record.Certificate
		}
		// The two trials that were killed without an explanation one step below the
		// answer have failed: their lines are written again.
		for _, failed := range proof.Failed {
			i := h.Record.Find(failed)
			if i < 0 || !h.Record.Trials[i].Unexplained { // it may be a trial of the stage that disproved a lower answer
				continue
			}
			for both := i - 1; both <= i; both++ {
				t := withVerdict(h.Record.Trials[both], judge.DependsOnLimit(h.Record.Trials[both]))
				h.Record.Trials[both] = t
				if err := r.record.append(journal.Line{Type: journal.TrialLine, Trial: &t}); err != nil {
					return err
				}
			}
		}
		if h.Record.Found == nil {
			return nil
		}
		if err := r.tryRecommended(ctx, h); err != nil {
			return err
		}
		t, disproved := r.record.run.Disproof(*h.Record)
		if !disproved {
			return nil
		}
		r.Observer.Note(h.Disprove(t))
	}
}

// runStrategy runs the trials that the strategy asks for, until it is done. It
// returns false where the stage ended before.
func (r *run) runStrategy(ctx context.Context, h *answer.Search) (answered bool, err error) {
	for next := h.Next(r.usesFirstLook(h)); !next.Done; next = h.Next(r.usesFirstLook(h)) {
		t, err := r.tryValue(ctx, h, h.Grid[next.Index], next.FirstLook)
		switch {
		case err != nil: // also where the trial itself passed, as when it could not be removed
			h.Record.Verdict, h.Record.Reason = journal.Aborted, t.Why
			return false, err
		case h.Counts():
			h.Add(next, t)
		case stoppedByGuard(t) && ctx.Err() == nil && h.Above(next.Index):
			h.Grid, h.Cut = h.Grid[:next.Index], t.Why // continue below what the host cannot hold
			wait.For(ctx, recoverTime)
		case h.Answered(): // trials below an answer do not change it
			h.Open = fmt.Sprintf("lower values are undecided: %s at %s: %s", t.ID, limitsText(t.Set.Values()), t.Why)
			return true, nil
		default:
			h.Record.Verdict, h.Record.Reason = t.Verdict, t.Why
			return false, nil
		}
	}
	return true, nil
}

// usesFirstLook reports whether a first look is shorter than the load.
func (r *run) usesFirstLook(h *answer.Search) bool {
	load := h.Stage.Load
	return load != nil && firstLookRuntime(load.Load(load.Users, r.Seed)) < load.Runtime+h.Longer
}

// tryValue runs a trial at a value.
func (r *run) tryValue(ctx context.Context, h *answer.Search, value int64, firstLook bool) (journal.Trial, error) {
	spec := r.newTrialSpec(h.Stage, loadUsers(h.Stage), firstLook)
	spec.limits.Put(h.Stage.Vary.Dimension, value)
	if spec.load != nil && !spec.firstLook {
		spec.load.Runtime, spec.extraRuntime = spec.load.Runtime+h.Longer, &h.Longer
	}
	return r.runWithRetry(ctx, h.Record, spec)
}

// recoverTime is the pause after the guard stopped a trial.
const recoverTime = 5 * time.Second

// stoppedByGuard reports whether the guard aborted a trial.
func stoppedByGuard(t journal.Trial) bool {
	return t.Verdict == journal.Aborted && *t.Reason == journal.GuardStop
}
