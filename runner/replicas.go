package runner

import (
	"context"
	"fmt"
	"sync"

	"plan/containers"
	"plan/runner/judge"
	"plan/runner/watch"
)

// replicas are the containers of a trial: one for each replica of its service.
type replicas []Instance

// addresses returns host:port of each.
func (t replicas) addresses() []string {
	list := make([]string, len(t))
	for i, instance := range t {
		list[i] = instance.Address()
	}
	return list
}

// observed returns the containers as an observation has them, before anything was
// seen of them, with the limits that they were started with.
func (t replicas) observed(limits containers.Limits) []judge.Replica {
	list := make([]judge.Replica, len(t))
	for i, instance := range t {
		list[i] = judge.Replica{Name: instance.Name(), ID: instance.ID(), Address: instance.Address(), Limits: limits}
	}
	return list
}

// watched returns the containers as package watch follows them.
func (t replicas) watched() []watch.Container {
	list := make([]watch.Container, len(t))
	for i, instance := range t {
		list[i] = instance
	}
	return list
}

// prefix returns how a sentence about one replica of several begins; "" where there
// is one replica.
func (t replicas) prefix(i int) string {
	if len(t) == 1 {
		return ""
	}
	return fmt.Sprintf("replica %d: ", i+1)
}

// lateCounters is an instance whose counters of kills are late. State waits for them, unless SkipCounters was called.
type lateCounters interface{ SkipCounters() }

// skipCounters lets states return at once: the trial was stopped or is aborted, and has its verdict.
func (t replicas) skipCounters() {
	for _, instance := range t {
		if late, is := instance.(lateCounters); is {
			late.SkipCounters()
		}
	}
}

// states returns the state of each. They are read at once, since reading takes half
// a second after an end.
func (t replicas) states(ctx context.Context) ([]containers.State, error) {
	states, errs := make([]containers.State, len(t)), make([]error, len(t))
	t.each(func(i int, instance Instance) { states[i], errs[i] = instance.State(ctx) })
	return states, firstError(errs...)
}

// remove removes all of them, and returns the first error.
func (t replicas) remove(ctx context.Context) error {
	errs := make([]error, len(t))
	t.each(func(i int, instance Instance) { errs[i] = instance.Remove(ctx) })
	return firstError(errs...)
}

// each calls do for all of them at once, and waits.
func (t replicas) each(do func(int, Instance)) {
	var all sync.WaitGroup
	for i, instance := range t {
		all.Go(func() { do(i, instance) })
	}
	all.Wait()
}
