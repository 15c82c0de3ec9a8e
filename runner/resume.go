package runner

import (
	"context"
	"fmt"
	"reflect"

	"plan/plans"
	"plan/runner/journal"
	"plan/runner/record"
)

// recorded returns the trial of the past that ran as the spec says; nil where the
// past has none left.
func recorded(r *record.Record, spec trialSpec) (*journal.Trial, error) {
	past := r.Next()
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
		return nil, r.Refuse(fmt.Sprintf("its journal has the trial %s at %s, where this command runs %s at %s",
			was.ID, limitsText(was.Set.Values(), was.Set.Vary), is.ID, limitsText(is.Set.Values(), is.Set.Vary)))
	}
	return was, nil
}

// ready ends the past of a run that is resumed, and starts the helpers that a stage
// needs, unless they restart before each trial.
func (r *run) ready(ctx context.Context, stage plans.Stage) error {
	if err := r.record.Resume(); err != nil {
		return err
	}
	if stage.Service.RestartHelpers {
		return nil
	}
	return r.steadily(ctx, func() error { return r.helpers.Ensure(ctx, stage) })
}
