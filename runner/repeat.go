package runner

import (
	"context"
	"fmt"
	"time"

	"plan/internal/units"
	"plan/internal/wait"
	"plan/runner/journal"
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
	switch *t.Reason {
	case journal.Killed, journal.Interfered:
		return true
	case journal.Disturbed:
		r.waitForQuietHost(ctx, *spec, t)
		return true
	case journal.Samples: // make the loads of a search long enough for their thresholds, once
		more := r.missingRuntime(ctx, *spec, t)
		if spec.extraRuntime == nil || *spec.extraRuntime > 0 || more == 0 {
			return false
		}
		*spec.extraRuntime = more
		spec.load.Runtime += more
		r.Observer.Note(fmt.Sprintf("%s: %s: once more for %s", t.ID, t.Why, units.Duration(spec.load.Runtime)))
		return true
	}
	return false
}

// A host is quiet when others used no more CPU than the guard allows for quietFor.
const (
	quietFor   = 3 * time.Second
	quietWait  = 60 * time.Second // the longest wait, plus one runtime
	quietEvery = time.Second
)

// waitForQuietHost waits until the host is quiet, at most for quietWait and the
// runtime of the load.
func (r *run) waitForQuietHost(ctx context.Context, spec trialSpec, t journal.Trial) {
	most := quietWait
	if spec.load != nil {
		most += spec.load.Runtime
	}
	r.Observer.Note(fmt.Sprintf("%s: %s: once more when others use no more than %s of the host's CPUs, after %s at the latest",
		t.ID, t.Why, units.Percent(r.Plan.Guard.Others()), units.Duration(most)))
	r.progress.inTrial(spec, "waiting until the host is quiet")
	var host []journal.HostSample
	var beside []journal.Watched
	for begun := time.Now(); time.Since(begun) < most && ctx.Err() == nil; wait.For(ctx, quietEvery) {
		f, known := r.guard.figures()
		if !known {
			return
		}
		host, beside = append(host, sampleOf(f)), appendReadings(beside, r.stats.Readings())
		from := f.At.Add(-quietFor)
		if host[0].At.After(from) { // the samples do not cover quietFor yet
			continue
		}
		used := journal.HostCPUOf(host, beside, from, f.At, r.Header.Host.CPUs)
		if used != nil && used.Foreign() <= r.Plan.Guard.Others()*used.CPUs {
			return
		}
	}
}
