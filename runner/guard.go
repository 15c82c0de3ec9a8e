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

// guard keeps memory of the host free.
type guard struct {
	floor   units.Bytes
	figures func() (host.Figures, bool) // of the engine's machine; false where they are not known
}

// admit returns why a trial may not start; the zero Stop where it may. Limits,
// generator and floor must fit into what the host has left.
func (g *guard) admit(spec trialSpec) judge.Stop {
	free, known := g.spare(spec.users)
	if !known || reserved(spec.limits) <= free {
		return judge.Stop{}
	}
	limit := spec.limits.Memory.String()
	if n := replicaCount(spec.limits); n > 1 {
		limit = fmt.Sprintf("%s for each of %d replicas", limit, n)
	}
	return judge.Stop{Reason: journal.GuardStop, Why: fmt.Sprintf(
		"not started by the guard: a limit of %s exceeds the %s available (it keeps %s free)", limit, free, g.floor)}
}

// reserved returns the memory that all replicas may use together; 0 where they have
// no limit.
func reserved(limits plans.Settings) units.Bytes {
	return limits.Memory * units.Bytes(replicaCount(limits))
}

// What the agent may use beside the service: 10,000 users over net/http took
// 422 MB. Those of event loops take an eighth of that.
const (
	agentMemory = 32 * units.MiB
	userMemory  = 40 * units.KiB
)

// spare returns the greatest memory limit that the host can hold now, beside a
// load of that many users.
func (g *guard) spare(users int) (units.Bytes, bool) {
	f, ok := g.figures()
	return units.Bytes(f.MemoryAvailable) - g.floor - agentMemory - units.Bytes(users)*userMemory, ok
}

// belowFloor returns why the guard stops what runs: the host has less memory left
// than the floor. It returns the zero Stop where it has enough.
func (g *guard) belowFloor(f host.Figures) judge.Stop {
	if f.MemoryAvailable >= int64(g.floor) {
		return judge.Stop{}
	}
	return judge.Stop{Reason: journal.GuardStop, Why: fmt.Sprintf(
		"stopped by the guard: the host has %s of memory left, less than %s", units.Bytes(f.MemoryAvailable), g.floor)}
}

// watch ends ctx by cancel when the host has less memory left than the floor,
// where no trial watches it.
func (g *guard) watch(ctx context.Context, cancel context.CancelCauseFunc) {
	for wait.For(ctx, time.Second); ctx.Err() == nil; wait.For(ctx, time.Second) {
		f, ok := g.figures()
		if s := g.belowFloor(f); ok && s != (judge.Stop{}) {
			cancel(s)
		}
	}
}

// affordable returns the part of a grid that the guard admits, and why it is cut;
// "" where it is not. Only memory is cut.
func (g *guard) affordable(stage plans.Stage, grid []int64) ([]int64, string) {
	free, known := g.spare(loadUsers(stage))
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
	return grid[:n], fmt.Sprintf("the host has %s available above the guard's %s: no higher value was tried", free, g.floor)
}
