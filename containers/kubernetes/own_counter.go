package kubernetes

import (
	"context"
	"regexp"
	"time"

	"plan/internal/units"
)

const (
	// roomForExec is how much memory must be free for a command in the container: it is charged to the container, and
	// must not cause the kill that it asks about. runc and cat need less than 16M.
	roomForExec = 32 * units.MiB
	// execTime is how long the command may take.
	execTime = 5 * time.Second
)

// printOwnCounters prints the files of the container's own control group that count the processes that the kernel
// killed for memory since the container's start: of cgroup v2 and of v1. One of them is missing.
var printOwnCounters = []string{"cat", "/sys/fs/cgroup/memory.events", "/sys/fs/cgroup/memory/memory.oom_control"}

var noKill = regexp.MustCompile(`(?m)^oom_kill 0\r?$`)

// knowsNoKill asks the container itself. The channel gets true if its own control group has counted no kill. It gets
// false if that is not known: the image has no cat, the files are not there, they count a kill, or the container has too
// little memory left to ask.
func (i *Instance) knowsNoKill(ctx context.Context) <-chan bool {
	answer := make(chan bool, 1)
	i.mu.Lock()
	limit, usage := i.limits.Memory, i.usage
	i.mu.Unlock()
	room := limit == 0 || usage != nil && usage.WorkingSetPeak != nil && limit-*usage.WorkingSetPeak >= roomForExec
	if i.cluster.exec == nil || !room {
		answer <- false
		return answer
	}
	i.cluster.idle.Go(func() {
		ctx, cancel := context.WithTimeout(ctx, execTime)
		defer cancel()
		output := i.cluster.mask.Tail()
		// cat fails, because one of the files is missing.
		_ = i.cluster.exec(ctx, i.name, printOwnCounters, output)
		answer <- noKill.MatchString(output.String())
	})
	return answer
}
