package runner

import (
	"context"
	"fmt"
	"time"

	"plan/internal/units"
	"plan/internal/wait"
	"plan/runner/journal"
)

// runWithRetry runs a trial, and again where it shows nothing and another one may:
// once for each reason that it has. Each is written into the journal.
func (r *run) runWithRetry(ctx context.Context, s *journal.Stage, spec trialSpec) (journal.Trial, error) {
	t, err := r.runAndRecord(ctx, s, spec)
	for had := map[journal.Reason]bool{}; err == nil && t.Reason != nil && !had[*t.Reason] && r.prepareRetry(ctx, &spec, t); {
		had[*t.Reason] = true
		spec.repeats = t.ID
		t, err = r.runAndRecord(ctx, s, spec)
	}
	return t, err
}

// prepareRetry says whether a trial is to be repeated, and readies the order and the
// host for it.
func (r *run) prepareRetry(ctx context.Context, spec *trialSpec, t journal.Trial) bool {
	switch *t.Reason {
	case journal.Killed, journal.Interfered:
		return true
	case journal.Disturbed:
		r.waitForQuietHost(ctx, *spec, t)
		return true
	case journal.Samples:
		return r.extendRuntime(ctx, spec, t)
	}
	return false
}

// extendRuntime makes the loads of a search as long as enough samples take, once.
func (r *run) extendRuntime(ctx context.Context, spec *trialSpec, t journal.Trial) bool {
	more := r.missingRuntime(ctx, *spec, t)
	if spec.extraRuntime == nil || *spec.extraRuntime > 0 || more == 0 {
		return false
	}
	*spec.extraRuntime = more
	spec.load.Runtime += more
	r.Observer.Note(fmt.Sprintf("%s: %s: once more for %s", t.ID, t.Why, units.Duration(spec.load.Runtime)))
	return true
}

// A host is quiet when others used no more than they may for some seconds.
const (
	quietFor   = 3 * time.Second
	quietWait  = 60 * time.Second // that is waited for, and one runtime
	quietEvery = time.Second
)

// waitForQuietHost waits until others leave the host's CPUs to the run again, at most
// for one runtime and a minute.
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
		if r.isQuiet(host, beside) {
			return
		}
	}
}

// isQuiet says whether others used no more of the host's CPUs than they may in the
// newest samples, all of quietFor.
func (r *run) isQuiet(host []journal.HostSample, beside []journal.Watched) bool {
	newest := host[len(host)-1].At
	from := newest.Add(-quietFor)
	if host[0].At.After(from) {
		return false
	}
	used := journal.HostCPUOf(host, beside, from, newest, r.Header.Host.CPUs)
	return used != nil && used.Foreign() <= r.Plan.Guard.Others()*used.CPUs
}
