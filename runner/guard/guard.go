// Package guard keeps memory of the host free: it says which trials may start, which
// values of a search fit, and when what runs has to be stopped.
package guard

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"plan/containers"
	"plan/internal/host"
	"plan/internal/units"
	"plan/internal/wait"
	"plan/plans"
	"plan/runner/journal"
	"plan/runner/judge"
	"plan/runner/search"
)

// Guard keeps Floor of the host's memory free.
type Guard struct {
	Floor   units.Bytes
	Figures func() (host.Figures, bool) // of the engine's machine; false where they are not known
	Each    plans.Limits                // most that one container gets, on a cluster; zero fields are no bounds
}

// Admit returns why a trial of that many users and agents at these limits may not start; the zero
// Stop where it may. Limits, generator and floor must fit into what the host has left.
func (g *Guard) Admit(users, agents int, limits plans.Settings) judge.Stop {
	free, known := g.spare(users, agents)
	if !known || reserved(limits) <= free {
		return judge.Stop{}
	}
	limit := limits.Memory.String()
	if n := limits.Containers(); n > 1 {
		limit = fmt.Sprintf("%s for each of %d replicas", limit, n)
	}
	return judge.Stop{Reason: journal.GuardStop, Why: fmt.Sprintf(
		"not started by the guard, which keeps %s free: the limit of %s exceeds the %s available", g.Floor, limit, free)}
}

// Refused returns why a trial did not start, where the error is that the platform admits no containers with as much as
// its limits; the zero Stop for every other error.
func (g *Guard) Refused(limits plans.Settings, err error) judge.Stop {
	fault, is := errors.AsType[*containers.Error](err)
	if !is || fault.Kind != containers.TooLarge {
		return judge.Stop{}
	}
	with := strings.Join(plans.Settings{Limits: limits.Limits}.Texts(), " and ")
	if n := limits.Containers(); n > 1 {
		with = fmt.Sprintf("%s for each of %d replicas", cmp.Or(with, "no limit"), n)
	}
	return judge.Stop{Reason: journal.GuardStop,
		Why: fmt.Sprintf("not started with %s: %s", cmp.Or(with, "no limit"), fault.Summary)}
}

// reserved returns the memory that all replicas may use together; 0 where they have
// no limit.
func reserved(limits plans.Settings) units.Bytes {
	return limits.Memory * units.Bytes(limits.Containers())
}

// What each agent may use beside the service: 10,000 users over net/http took
// 422 MB. Those of event loops take an eighth of that.
const (
	agentMemory = 32 * units.MiB
	userMemory  = 40 * units.KiB
)

// spare returns the greatest memory limit that the host can hold now, beside a
// load of that many users, divided over that many agents.
func (g *Guard) spare(users, agents int) (units.Bytes, bool) {
	f, ok := g.Figures()
	all := units.Bytes(agents) * agentMemory
	return max(0, units.Bytes(f.MemoryAvailable)-g.Floor-all-units.Bytes(users)*userMemory), ok
}

// BelowFloor returns why the guard stops what runs: the host has less memory left
// than the floor. It returns the zero Stop where it has enough.
func (g *Guard) BelowFloor(f host.Figures) judge.Stop {
	if f.MemoryAvailable >= int64(g.Floor) {
		return judge.Stop{}
	}
	return judge.Stop{Reason: journal.GuardStop, Why: fmt.Sprintf(
		"stopped by the guard: the host has %s of memory left, less than %s", units.Bytes(f.MemoryAvailable), g.Floor)}
}

// Watch ends ctx by cancel when the host has less memory left than the floor,
// where no trial watches it.
func (g *Guard) Watch(ctx context.Context, cancel context.CancelCauseFunc) {
	for wait.For(ctx, time.Second); ctx.Err() == nil; wait.For(ctx, time.Second) {
		f, ok := g.Figures()
		if s := g.BelowFloor(f); ok && s != (judge.Stop{}) {
			cancel(s)
		}
	}
}

// Admits returns the greatest memory limit, in bytes, that the host can hold now
// beside a load of that many users and agents; nil where it is not known.
func (g *Guard) Admits(users, agents int) *int64 {
	if free, known := g.spare(users, agents); known {
		return (*int64)(&free)
	}
	return nil
}

// Users returns how many users of that many agents the host can hold now beside containers
// with these limits; false where it is not known.
func (g *Guard) Users(agents int, limits plans.Settings) (n int, known bool) {
	free, known := g.spare(0, agents)
	return max(0, int((free-reserved(limits))/userMemory)), known
}

// Affordable returns which cells of a search the guard admits, and why not all; "" where
// it admits all. Only dimensions that the search varies are cut.
func (g *Guard) Affordable(stage plans.Stage, admits *int64) (fits func(search.Cell) bool, why string) {
	least, most := stage.LimitsAt(search.Cell{}), stage.MostLimits()
	if least.Limits != most.Limits && g.exceeded(most) {
		return func(c search.Cell) bool { return !g.exceeded(stage.LimitsAt(c)) }, fmt.Sprintf(
			"the cluster gives one pod at most %s and %s CPUs: no higher value was tried", g.Each.Memory, g.Each.CPUs)
	}
	if admits == nil {
		return nil, ""
	}
	free := units.Bytes(*admits)
	if reserved(most) <= free || reserved(most) == reserved(least) {
		return nil, ""
	}
	fits = func(c search.Cell) bool { return reserved(stage.LimitsAt(c)) <= free }
	return fits, fmt.Sprintf("the guard keeps %s of the host free, which leaves %s: no higher value was tried",
		g.Floor, free)
}

// exceeded reports whether limits are greater than what one container gets.
func (g *Guard) exceeded(limits plans.Settings) bool {
	return g.Each.Memory != 0 && limits.Memory > g.Each.Memory || g.Each.CPUs != 0 && limits.CPUs > g.Each.CPUs
}
