package watch

import (
	"context"
	"time"

	"plan/internal/wait"
	"plan/runner/journal"
)

// A host is quiet when others used no more CPU than allowed for quietFor.
const (
	quietFor   = 3 * time.Second
	quietEvery = time.Second
)

// WaitForQuiet waits until others use no more than a share of the CPUs of the host, at
// most so long. It returns at once where the host is not known.
func WaitForQuiet(ctx context.Context, from Sources, most time.Duration, share, cpus float64) {
	var host []journal.HostSample
	var beside []journal.Watched
	for begun := time.Now(); time.Since(begun) < most && ctx.Err() == nil; wait.For(ctx, quietEvery) {
		f, known := from.Guard.Figures()
		if !known {
			return
		}
		host, beside = append(host, sampleOf(f)), appendReadings(beside, from.Stats())
		since := f.At.Add(-quietFor)
		if host[0].At.After(since) { // the samples do not cover quietFor yet
			continue
		}
		used := journal.HostCPUOf(host, beside, since, f.At, cpus)
		if used != nil && used.Foreign() <= share*used.CPUs {
			return
		}
	}
}
