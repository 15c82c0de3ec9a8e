package runner

import (
	"context"
	"fmt"
	"sync"

	"plan/containers"
	"plan/plans"
	"plan/runner/judge"
)

// replicas are the containers of a trial: one for each replica of its service.
type replicas []Instance

// replicaCount returns the number of containers of a trial with these settings.
func replicaCount(s plans.Settings) int { return max(1, s.Replicas) }

// addresses are those that the load is spread over.
func (t replicas) addresses() []string {
	list := make([]string, len(t))
	for i, instance := range t {
		list[i] = instance.Address()
	}
	return list
}

// observed returns the containers as an observation has them, before anything was
// seen of them.
func (t replicas) observed() []judge.Replica {
	list := make([]judge.Replica, len(t))
	for i, instance := range t {
		list[i] = judge.Replica{Name: instance.Name(), ID: instance.ID(), Address: instance.Address()}
	}
	return list
}

// prefix begins a sentence about one replica of several.
func (t replicas) prefix(i int) string {
	if len(t) == 1 {
		return ""
	}
	return fmt.Sprintf("replica %d: ", i+1)
}

// states reads how each stands. After an end that takes half a second: they
// are asked at once.
func (t replicas) states(ctx context.Context) ([]containers.State, error) {
	states, errs := make([]containers.State, len(t)), make([]error, len(t))
	t.each(func(i int, instance Instance) { states[i], errs[i] = instance.State(ctx) })
	return states, firstError(errs...)
}

func (t replicas) remove(ctx context.Context) error {
	errs := make([]error, len(t))
	t.each(func(i int, instance Instance) { errs[i] = instance.Remove(ctx) })
	return firstError(errs...)
}

// filter returns those whose index is wanted.
func (t replicas) filter(wanted func(int) bool) (some replicas) {
	for i, instance := range t {
		if wanted(i) {
			some = append(some, instance)
		}
	}
	return some
}

// each does the same to all at once.
func (t replicas) each(do func(int, Instance)) {
	var all sync.WaitGroup
	for i, instance := range t {
		all.Go(func() { do(i, instance) })
	}
	all.Wait()
}
