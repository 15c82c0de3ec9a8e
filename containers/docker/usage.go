package docker

import (
	"context"
	"fmt"
	"sync/atomic"

	"plan/containers"
)

// newest is the latest sample of one container. It is safe for concurrent use.
type newest struct {
	sample atomic.Pointer[containers.Usage]
}

// Usage returns the latest sample; false before the first.
func (n *newest) Usage() (containers.Usage, bool) {
	if usage := n.sample.Load(); usage != nil {
		return *usage, true
	}
	return containers.Usage{}, false
}

// keep stores a sample and returns the one before; a zero one before the first.
func (n *newest) keep(usage containers.Usage) containers.Usage {
	if before := n.sample.Swap(&usage); before != nil {
		return *before
	}
	return containers.Usage{}
}

// sample samples the container's usage until ctx ends.
func (i *Instance) sample(ctx context.Context) {
	s := sampler{
		engine: i.docker.engine, host: i.docker.host.Load(), id: i.id, parent: i.parent,
		every: otherEvery, runningFor: i.lifecycle.runningFor, took: i.took,
	}
	if roleOf(i.spec) == containers.Subject {
		s.every = subjectEvery
	}
	i.idle.Go(func() { s.run(ctx) })
}

// took stores a sample. A rise of the kill counter is a witness.
func (i *Instance) took(usage containers.Usage) {
	before := i.keep(usage)
	if kills := deref(usage.OOMKills) - deref(before.OOMKills); kills > 0 {
		i.lifecycle.outOfMemory("counter", usage.At, fmt.Sprintf("oom_kill rose by %d", kills))
	}
}

// deref returns the figure; 0 where it is unknown.
func deref[T int64 | float64](n *T) T {
	if n == nil {
		return 0
	}
	return *n
}
