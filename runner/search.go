package runner

import (
	"context"
	"fmt"

	"plan/internal/wait"
	"plan/plans"
	"plan/runner/answer"
	"plan/runner/journal"
	"plan/runner/judge"
	"plan/runner/search"
)

// search runs a search until it has an answer.
func (r *run) search(ctx context.Context, stage plans.Stage, s *journal.Stage) error {
	s.Margin = stage.Margin
	if only := stage.Only(); only != "" {
		s.Dimension, s.Grid = only, stage.Vary[0].Numbers()
	} else {
		s.Prefer = stage.Prefer
		for _, v := range stage.Vary {
			axis := journal.Axis{Dimension: v.Dimension, Values: v.Values}
			if !v.Setting() {
				for _, n := range v.Numbers() {
					axis.Values = append(axis.Values, n)
				}
			}
			s.Axes = append(s.Axes, axis)
		}
	}
	if stage.Price != nil {
		s.Price = new(journal.Price(*stage.Price))
	}
	s.Admits = r.guard.Admits(loadUsers(stage), stage.AgentsOf())
	if err := r.record.Begin(*s); err != nil {
		return err
	}
	s.Admits = r.record.Run.Stages[r.record.Index(s.Address)].Admits // as it was when a resumed run began the stage
	h := answer.New(stage, s)
	if fits, cut := r.guard.Affordable(stage, s.Admits); cut != "" {
		h.Bound(fits, cut)
	}
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
				if err := r.record.Append(journal.Line{Type: journal.TrialLine, Trial: &t}); err != nil {
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
		t, disproved := r.record.Run.Disproof(*h.Record)
		if !disproved {
			return nil
		}
		r.Observer.Note(h.Disprove(t))
	}
}

// runStrategy runs the trials that the strategy asks for, until it is done or the
// budget is used up. It returns false where the stage ended before.
func (r *run) runStrategy(ctx context.Context, h *answer.Search) (answered bool, err error) {
	for next := h.Next(r.usesFirstLook(h)); !next.Done && !h.Spend(); next = h.Next(r.usesFirstLook(h)) {
		t, err := r.tryCell(ctx, h, next.Cell, next.FirstLook, next.Why)
		switch {
		case err != nil: // also where the trial itself passed, as when it could not be removed
			h.Record.Verdict, h.Record.Reason = journal.Aborted, t.Why
			return false, err
		case h.Counts():
			h.Add(next, t)
		case t.StoppedByGuard() && ctx.Err() == nil && h.Above(next.Cell):
			h.Bound(func(c search.Cell) bool { return !next.Cell.Under(c) }, t.Why) // continue below what the host cannot hold
			if r.record.Live() {
				wait.For(ctx, plans.Recover)
			}
		case h.Answered(): // trials below an answer do not change it
			h.Open = fmt.Sprintf("lower values are undecided: %s at %s: %s", t.ID, limitsText(t.Set.Values(), t.Set.Vary), t.Why)
			return true, nil
		default:
			h.Record.Verdict, h.Record.Reason = t.Verdict, t.Why
			h.Stop(t.StoppedByGuard())
			return false, nil
		}
	}
	return true, nil
}

// usesFirstLook reports whether a first look is shorter than the load.
func (r *run) usesFirstLook(h *answer.Search) bool {
	load := h.Stage.Load
	return load != nil && plans.FirstLook(load.Load(load.Users, r.Seed)) < load.Runtime+h.Longer
}

// tryCell runs a trial at a cell. Why is for people.
func (r *run) tryCell(ctx context.Context, h *answer.Search, c search.Cell, firstLook bool,
	why string) (journal.Trial, error) {
	spec := r.newTrialSpec(h.Stage, loadUsers(h.Stage), firstLook)
	at := h.Stage.At(c)
	stage, err := r.Plan.ResolveAt(h.Stage.Address, r.record.Known, at)
	if err != nil { // what set overrides has no value there
		return journal.Trial{Why: err.Error()}, err
	}
	spec.stage.Service, spec.limits, spec.vary, spec.chosen = stage.Service, h.Stage.LimitsAt(c), at.Values, why
	if spec.load != nil && !spec.firstLook {
		spec.load.Runtime, spec.extraRuntime = spec.load.Runtime+h.Longer, &h.Longer
	}
	return r.runWithRetry(ctx, h.Record, spec)
}
