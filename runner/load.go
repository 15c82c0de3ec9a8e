package runner

import (
	"context"
	"time"

	"plan/engine"
	"plan/internal/units"
	"plan/runner/journal"
	"plan/runner/judge"
)

// firstLookAtHeight is how long a first look sees the load at its height.
const firstLookAtHeight = 15 * time.Second

// firstLookRuntime is how long the load of a first look lasts. It is the beginning of
// the whole load, up to some time at its height: what fails in it would have
// failed in the whole load too. What is not judged comes on top, as a look at
// nothing else would show nothing.
func firstLookRuntime(l engine.Load) time.Duration {
	return max(l.Rise(), l.JudgedFrom()) + firstLookAtHeight
}

// A load that had too few samples is repeated for as long as brings them, with
// some to spare, as what is drawn at random may bring fewer; at most for ten
// times its runtime.
const (
	spareSamples = 1.1
	mostRuntimes = 10
)

// missingRuntime is how much longer the load of a trial has to be to have the samples
// that its thresholds need; 0 where they were enough, and where so long a load
// does not fit into the guard's runtime.
func (r *run) missingRuntime(ctx context.Context, spec trialSpec, t journal.Trial) time.Duration {
	if t.Reason == nil || *t.Reason != journal.Samples {
		return 0
	}
	neediest, request := judge.Neediest(spec.stage.Threshold, t.Load.JudgedOf)
	needed, have := neediest.Samples(), t.Load.JudgedOf(request).OK
	more := units.Seconds(t.Load.Judged.Seconds * (spareSamples*float64(needed)/float64(have) - 1)).Round(time.Second)
	end, bounded := ctx.Deadline()
	if more > (mostRuntimes-1)*spec.load.Runtime || bounded && time.Until(end) < units.Seconds(t.Seconds.Total)+more {
		return 0
	}
	return more
}
