package readiness

import (
	"context"
	"fmt"
	"time"

	"plan/containers"
	"plan/internal/units"
	"plan/internal/wait"
	"plan/plans"
)

// Memory is stable when the anonymous memory grew by less than settleGrowth over
// settleOver.
const (
	settleOver   = 3 * time.Second
	settleGrowth = 0.01
	settleEvery  = 100 * time.Millisecond
)

// level is the anonymous memory at one moment.
type level struct {
	at   time.Time
	used units.Bytes
}

// Settle waits until the memory of containers is stable in sum, at most for
// plans.Settle. Where it is not, or is not known, a note says so. The first sample
// of an engine on another machine may come only seconds after a port opened.
func Settle[C interface {
	Usage() (containers.Usage, bool)
}](ctx context.Context, all []C) (notes []string) {
	const notKnown = "it accepts connections but does not speak HTTP, and its memory is not known: it may not have started completely"
	var levels []level
look:
	for begun := time.Now(); time.Since(begun) < plans.Settle && ctx.Err() == nil; wait.For(ctx, settleEvery) {
		var used units.Bytes // anonymous memory of all containers
		for _, one := range all {
			usage, sampled := one.Usage()
			if !sampled {
				continue look
			}
			if usage.Anonymous == nil {
				return []string{notKnown}
			}
			used += *usage.Anonymous
		}
		levels = append(levels, level{time.Now(), used})
		if atRest(levels) {
			return nil
		}
	}
	if ctx.Err() != nil {
		return nil
	}
	if len(levels) == 0 {
		return []string{notKnown}
	}
	return []string{fmt.Sprintf("it accepts connections but does not speak HTTP, and its memory still grew after %s: it may not have started completely",
		units.Duration(plans.Settle))}
}

// atRest compares the newest level with that of settleOver before.
func atRest(levels []level) bool {
	newest := levels[len(levels)-1]
	for i := len(levels) - 1; i >= 0; i-- {
		if newest.at.Sub(levels[i].at) >= settleOver {
			return float64(newest.used-levels[i].used) < settleGrowth*float64(levels[i].used) || newest.used <= levels[i].used
		}
	}
	return false
}
