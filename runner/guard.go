package runner

import (
	"context"
	"fmt"
	"time"

	"plan/internal/host"
	"plan/internal/units"
	"plan/internal/wait"
	"plan/plans"
	"plan/runner/journal"
	"plan/runner/judge"
)

// admit is the guard before a trial: limits, generator and floor must fit into
// what the host has left.
func (r *run) admit(o order) judge.Stop {
	free, known := r.admitted(o.users)
	if !known || reserved(o.limits) <= free {
		return judge.Stop{}
	}
	limit := o.limits.Memory.String()
	if n := replicas(o.limits); n > 1 {
		limit = fmt.Sprintf("%s for each of %d replicas", limit, n)
	}
	return judge.Stop{Reason: journal.GuardStop, Why: fmt.Sprintf("the guard did not let it start: a limit of %s does not fit into the %s that the host can spare above %s", limit, free, r.floor)}
}

// reserved is the memory that the host must hold where all replicas use what they
// may; 0 where they have no limit.
func reserved(limits plans.Settings) units.Bytes {
	return limits.Memory * units.Bytes(replicas(limits))
}

// What the agent may need beside the service: 10,000 users over net/http were
// seen to take 422 MB. Those of event loops take an eighth of it.
const (
	agentMemory = 32 * units.MiB
	userMemory  = 40 * units.KiB
)

// admitted is the greatest memory limit that the host can hold now, beside a
// load of that many users.
func (r *run) admitted(users int) (units.Bytes, bool) {
	f, ok := r.figures()
	return units.Bytes(f.MemoryAvailable) - r.floor - agentMemory - units.Bytes(users)*userMemory, ok
}

// low is the guard while something runs: the host has less left than its floor.
func low(f host.Figures, floor units.Bytes) judge.Stop {
	if f.MemoryAvailable >= int64(floor) {
		return judge.Stop{}
	}
	return judge.Stop{Reason: journal.GuardStop, Why: fmt.Sprintf("the guard stopped it: %s of memory left on the host, under %s", units.Bytes(f.MemoryAvailable), floor)}
}

// keepFree ends ctx by cancel when the host gets low, where no trial watches it.
func (r *run) keepFree(ctx context.Context, cancel context.CancelCauseFunc) {
	for wait.For(ctx, time.Second); ctx.Err() == nil; wait.For(ctx, time.Second) {
		f, ok := r.figures()
		if s := low(f, r.floor); ok && s != (judge.Stop{}) {
			cancel(s)
		}
	}
}

// affordable cuts the grid of a search to what the guard admits, where its
// values are part of what the host must hold.
func (r *run) affordable(stage plans.Stage, grid []int64) ([]int64, string) {
	free, known := r.admitted(loadUsers(stage))
	limits := stage.Limits()
	holds := func(value int64) units.Bytes {
		limits.Put(stage.Vary.Dimension, value)
		return reserved(limits)
	}
	n := 0
	for n < len(grid) && holds(grid[n]) <= free {
		n++
	}
	if !known || n == len(grid) || holds(grid[n]) == holds(0) {
		return grid, ""
	}
	return grid[:n], fmt.Sprintf("the host can spare %s above the guard's %s: no value above that was tried", free, r.floor)
}
