package runner

import (
	"context"
	"errors"
	"slices"
	"time"

	"plan/plans"
	"plan/runner/answer"
	"plan/runner/journal"
	"plan/runner/search"
)

// recommended is why a trial at the recommended value is made. Where it fails, the search
// does not count it; plan verify finds it by this text.
const recommended = "what is recommended"

// tryRecommended runs one short trial at the recommended value, unless that was
// tried already. Where the trial shows nothing, the record says why.
func (r *run) tryRecommended(ctx context.Context, h *answer.Search) error {
	s := h.Record
	cell, may := h.Recommended()
	if id, tried := h.LastAt(cell); tried {
		if id != s.Certificate.Passed {
			s.Certificate.Recommended = id
		}
		return nil
	}
	if !may {
		s.NotTried = h.Cut
		return nil
	}
	if h.Spend() {
		s.NotTried = h.Spent
		return nil
	}
	if ctx.Err() != nil {
		s.NotTried = stopOf(ctx).Why
		return nil
	}
	look := r.usesFirstLook(h)
	t, err := r.tryCell(ctx, h, cell, look, recommended)
	switch {
	case err != nil:
		h.Clear()
		s.Verdict, s.Reason = journal.Aborted, t.Why
		return err
	case !t.Verdict.Counts():
		s.NotTried = t.Why
		return nil
	case t.Verdict == journal.Passed:
		h.Add(search.Step{Cell: cell, FirstLook: look}, t)
	}
	s.Certificate.Recommended = t.ID
	return nil
}

// disprovedError ends a stage whose trial disproves the answer of a search that
// the stage used.
type disprovedError struct{ search string }

func (d *disprovedError) Error() string { return "the answer of " + d.search + " is disproved" }

// uses returns the stages whose results a stage uses, directly or through others.
func uses(plan *plans.Plan, address string) []string {
	var all []string
	for _, stage := range plan.Stages {
		if stage.Address != address {
			continue
		}
		for _, needed := range stage.Needs {
			all = append(append(all, needed), uses(plan, needed)...)
		}
	}
	return all
}

// runWithReruns runs a stage. Where its trials disprove the answer of a search, it
// resumes that search and runs every stage again that used the answer.
func (r *run) runWithReruns(ctx context.Context, address string) error {
	due := []string{address}
	for len(due) > 0 && ctx.Err() == nil {
		err := r.runStage(ctx, due[0])
		if !mustRunAgain(err) {
			due = due[1:]
		} else {
			err = nil
		}
		if err == nil {
			due, err = r.resumeDisproved(ctx, due)
		}
		if err != nil {
			return err
		}
	}
	// The run was stopped: abort stages that were due to run again, whose answers used
	// one that is disproved. Stages that have not begun are left alone.
	for _, address := range due {
		if r.record.Index(address) < 0 {
			continue
		}
		s, stop := r.record.NewStage(stageOf(r.Plan, address)), stopOf(ctx)
		s.Verdict, s.AbortedBy = journal.Aborted, stop.Reason
		s.Reason = "an answer that it used is disproved, and the run was stopped before it ran again: " + stop.Why
		if err := firstError(r.record.Begin(s), r.record.Answer(s)); err != nil {
			return err
		}
	}
	return nil
}

// mustRunAgain reports whether a stage ended because it used an answer that is
// disproved.
func mustRunAgain(err error) bool {
	_, is := errors.AsType[*disprovedError](err)
	return is
}

// resumeDisproved resumes every search whose answer is disproved, and returns the
// stages that are due after that, in the order of the plan. Searches that are due
// anyway are left until they run.
func (r *run) resumeDisproved(ctx context.Context, due []string) ([]string, error) {
	for _, stage := range r.Plan.Stages {
		i := r.record.Index(stage.Address)
		if i < 0 || slices.Contains(due, stage.Address) {
			continue
		}
		t, is := r.record.Run.Disproof(r.record.Run.Stages[i])
		if !is {
			continue
		}
		h, begun := r.searches[stage.Address], time.Now()
		if r.record.Live() { // a resumed run may not have needed them yet
			if err := r.ready(ctx, h.Stage); err != nil {
				return nil, err
			}
		}
		r.Observer.Note(h.Disprove(t))
		err := r.finishStage(h.Record, begun, r.findAnswer(ctx, h))
		if mustRunAgain(err) {
			due, err = append(due, stage.Address), nil
		}
		if err != nil {
			return nil, err
		}
		for _, other := range r.Plan.Stages {
			if r.record.Index(other.Address) >= 0 && slices.Contains(uses(r.Plan, other.Address), stage.Address) {
				due = append(due, other.Address)
			}
		}
		return r.resumeDisproved(ctx, due)
	}
	var sorted []string // each once
	for _, stage := range r.Plan.Stages {
		if slices.Contains(due, stage.Address) {
			sorted = append(sorted, stage.Address)
		}
	}
	return sorted, nil
}
