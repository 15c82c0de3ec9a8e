package docker

import (
	"context"
	"fmt"
	"sync/atomic"

	"plan/containers"
)

// latestUsage is the latest sample of one container. It is safe for concurrent use.
type latestUsage struct {
	sample atomic.Pointer[containers.Usage]
}

// Usage returns the latest sample; false before the first.
func (n *latestUsage) Usage() (containers.Usage, bool) {
	if usage := n.sample.Load(); usage != nil {
		return *usage, true
	}
	return containers.Usage{}, false
}

// swap stores a sample and returns the one before; a zero one before the first.
func (n *latestUsage) swap(usage containers.Usage) containers.Usage {
	if before := n.sample.Swap(&usage); before != nil {
		return *before
	}
	return containers.Usage{}
}

// sample samples the container's usage until ctx ends.
func (i *Instance) sample(ctx context.Context) {
	s := sampler{
		engine: i.docker.engine, host: i.docker.host.Load(), id: i.id, parent: i.parent,
		every: otherEvery, runningFor: i.lifecycle.runningFor,
		record: func(usage containers.Usage) {
			before := i.swap(usage)
			if kills := orZero(usage.OOMKills) - orZero(before.OOMKills); kills > 0 { // a rise is a witness
				i.lifecycle.outOfMemory("counter", usage.At, fmt.Sprintf("oom_kill rose by %d", kills))
			}
		},
	}
	if roleOf(i.spec) == containers.Subject {
		s.every = subjectEvery
	}
	i.idle.Go(func() { s.run(ctx) })
}

// orZero returns the figure; 0 where it is unknown.
func orZero[T int64 | float64](n *T) T {
	if n == nil {
		return 0
	}
	return *n
}
