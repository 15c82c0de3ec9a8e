package runner

import (
	"context"
	"time"

	"plan/internal/units"
	"plan/plans"
	"plan/runner/journal"
	"plan/runner/judge"
)

// A load that had too few samples is repeated with a runtime that is long enough,
// with some to spare, since random draws may bring fewer; at most plans.Extended times
// as long as planned.
const spareSamples = 1.1

// missingRuntime returns how much longer the load of a trial has to be to have the
// samples that its thresholds need, or to distinguish a leak from a heap that is filled;
// 0 where it was long enough, and where so long a load is not allowed or does not fit
// into the guard's runtime.
func (r *run) missingRuntime(ctx context.Context, spec trialSpec, t journal.Trial) time.Duration {
	if t.Reason == nil {
		return 0
	}
	var more time.Duration
	switch *t.Reason {
	case journal.Samples:
		neediest, request := judge.Neediest(spec.stage.Threshold, t.Load.JudgedOf)
		needed, have := neediest.Samples(), t.Load.JudgedOf(request).OK
		more = units.Seconds(t.Load.Judged.Seconds * (spareSamples*float64(needed)/float64(have) - 1)).Round(time.Second)
		var extra time.Duration // that the load is longer than planned already
		if spec.extraRuntime != nil {
			extra = *spec.extraRuntime
		}
		if extra+more > (plans.Extended-1)*(spec.load.Runtime-extra) {
			return 0
		}
	case journal.Leak:
		if !spec.load.EndsHighest() {
			return 0
		}
		more = (plans.LeakWindow - t.Load.Steady() + plans.LeakSpare).Round(time.Second)
	default:
		return 0
	}
	if end, bounded := ctx.Deadline(); bounded && time.Until(end) < units.Seconds(t.Seconds.Total)+more {
		return 0
	}
	return more
}
