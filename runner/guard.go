package runner

import (
	"fmt"

	"plan/internal/units"
	"plan/runner/journal"
)

// admit is the guard before a trial: limits, generator and floor must fit into
// what the host has left.
func (r *run) admit(o order) stop {
	free, known := r.admitted(o.users)
	if !known || o.limits.Memory <= free {
		return stop{}
	}
	return stop{journal.GuardStop, fmt.Sprintf("the guard did not let it start: a limit of %s does not fit into the %s that the host can spare above %s", o.limits.Memory, free, r.floor)}
}

// What the agent may need beside the service: 10,000 users were seen to take
// 422 MB.
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
