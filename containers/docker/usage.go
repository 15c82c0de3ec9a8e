package docker

import (
	"context"
	"fmt"

	"plan/containers"
)

// Usage is the newest sample; false before the first.
func (i *Instance) Usage() (containers.Usage, bool) {
	i.mu.Lock()
	defer i.mu.Unlock()
	if i.usage == nil {
		return containers.Usage{}, false
	}
	return *i.usage, true
}

// sample follows what the container uses until Remove.
func (i *Instance) sample(ctx context.Context) {
	ctx, i.stop = context.WithCancel(context.WithoutCancel(ctx))
	s := sampler{
		engine: i.docker.engine, host: i.docker.host.Load(), id: i.id, parent: i.parent, every: otherEvery, of: i,
	}
	if roleOf(i.spec) == containers.Subject {
		s.every = subjectEvery
	}
	i.idle.Go(func() { s.run(ctx) })
}

// took keeps a sample. A counter of kills that moved is a witness.
func (i *Instance) took(usage containers.Usage) {
	i.mu.Lock()
	var before int64
	if i.usage != nil {
		before = deref(i.usage.OOMKills)
	}
	i.usage = &usage
	i.mu.Unlock()
	if kills := deref(usage.OOMKills) - before; kills > 0 {
		i.outOfMemory("counter", usage.At, fmt.Sprintf("oom_kill rose by %d", kills))
	}
}

// deref takes a figure that is not known for nought.
func deref[T int64 | float64](n *T) T {
	if n == nil {
		return 0
	}
	return *n
}
