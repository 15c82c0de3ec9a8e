package runner

import (
	"context"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"time"

	"plan/containers"
	"plan/plans"
	"plan/runner/journal"
)

// A run that was cut off is resumed by running its plan again: what its journal has
// is the answer to each question that the run asked before, and only what follows is
// run and written: docs/decisions/0021-resume.md.

// next returns the line of the past that is to be repeated next; nil where none is
// left, and in a new run.
func (r *record) next() *journal.Line {
	for len(r.past) > 0 && r.past[0].Resume != nil {
		journal.Apply(&r.run, r.past[0])
		r.pop()
	}
	if len(r.past) == 0 {
		return nil
	}
	return &r.past[0]
}

func (r *record) pop() { r.past, r.repeated = r.past[1:], r.repeated+1 }

// repeat returns the line of the past that has the same event as a line; nil where
// the past has another one, or none.
func (r *record) repeat(line journal.Line) (*journal.Line, error) {
	past := r.next()
	if past == nil || !sameEvent(*past, line) {
		return nil, nil
	}
	if past.Inputs != nil {
		if changed := past.Inputs.ChangedImages(line.Inputs.Images); len(changed) > 0 {
			return nil, r.notResumable(strings.Join(changed, "; "))
		}
	}
	r.pop()
	return past, nil
}

// sameEvent reports whether a line of the past says what a run would write now. What
// a trial measured and how long a stage took are the past's.
func sameEvent(past, now journal.Line) bool {
	switch {
	case past.Type != now.Type:
		return false
	case past.Image != nil:
		return past.Image.Address == now.Image.Address
	case past.Trial != nil:
		return past.Trial.ID == now.Trial.ID
	case past.Stage != nil:
		answer := func(s *journal.Stage) []any {
			return []any{s.Address, s.Verdict, s.Found, s.Recommended, s.Held, s.Met, s.Certificate}
		}
		return reflect.DeepEqual(answer(past.Stage), answer(now.Stage))
	}
	return true
}

// recorded returns the trial of the past that ran as the spec says; nil where the
// past has none left.
func (r *record) recorded(spec trialSpec) (*journal.Trial, error) {
	past := r.next()
	if past == nil || past.Trial == nil {
		return nil, nil
	}
	asks := func(t journal.Trial) []any {
		if isShaped(spec.stage) {
			t.Users = nil // measured, not asked for
		}
		return []any{t.ID, t.Set, t.Users, t.Arrivals, t.FirstLook, t.Repeats}
	}
	was, is := past.Trial, newTrial(spec)
	if !reflect.DeepEqual(asks(*was), asks(is)) {
		return nil, r.notResumable(fmt.Sprintf("its journal has the trial %s at %s, where this command runs %s at %s",
			was.ID, limitsText(was.Set.Values(), was.Set.Vary), is.ID, limitsText(is.Set.Values(), is.Set.Vary)))
	}
	return was, nil
}

// resume ends the past of a run: lines are written from here on. What the journal
// has besides is removed: the end of the earlier process, and what it caused.
func (r *record) resume() error {
	if r.live || r.refused != nil {
		return r.refused
	}
	i := slices.IndexFunc(r.past, func(l journal.Line) bool { return l.Trial != nil && l.Trial.Verdict.Counts() })
	if i >= 0 {
		return r.notResumable("its journal has the trial " + r.past[i].Trial.ID + ", which this command would not run")
	}
	if err := r.journal.Keep(r.repeated); err != nil {
		return err
	}
	r.live, r.past = true, nil
	now := journal.Resume{At: time.Now(), After: r.run.Run.Seconds}
	return r.append(journal.Line{Type: journal.ResumeLine, Resume: &now})
}

// notResumable refuses to resume the run: from then on nothing is written.
func (r *record) notResumable(why string) error {
	r.refused = NotResumable(r.run.Run.ID, why)
	return r.refused
}

// NotResumable returns the error of a run that cannot be resumed here.
func NotResumable(id, why string) error {
	return &containers.Error{
		Kind: containers.Other, Summary: fmt.Sprintf("the run %s cannot be resumed: %s", id, why),
		Help: "start a new run, without --resume; the journal of the old one stays",
	}
}

// ready ends the past of a run that is resumed, and starts the helpers that a stage
// needs, unless they restart before each trial.
func (r *run) ready(ctx context.Context, stage plans.Stage) error {
	if err := r.record.resume(); err != nil {
		return err
	}
	if stage.Service.RestartHelpers {
		return nil
	}
	return r.helpers.Ensure(ctx, stage)
}
