package runner

import (
	"context"
	"fmt"
	"sync"

	"plan/containers"
	"plan/plans"
	"plan/runner/judge"
)

// team is the containers of a trial: one for each replica of its service.
type team []Instance

// start starts every replica at once. When one cannot be started the others
// are removed again.
func (r *run) start(ctx context.Context, o order) (team, error) {
	specs := r.specs(o)
	started, errs := make(team, len(specs)), make([]error, len(specs))
	started.each(func(i int, _ Instance) { started[i], errs[i] = r.Runtime.Start(ctx, specs[i]) })
	err := firstError(errs...)
	if err == nil {
		return started, nil
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), cleanupTime)
	defer cancel()
	for i, instance := range started {
		if errs[i] == nil {
			_ = instance.Remove(ctx) // the run's cleaning finds what is left
		}
	}
	return nil, err
}

// specs are what the runtime is to run for a trial.
func (r *run) specs(o order) []containers.Spec {
	spec := r.spec(o.stage.Service)
	spec.Trial, spec.Limits = o.id, limitsOf(o.limits)
	n := replicas(o.limits)
	if n == 1 {
		return []containers.Spec{spec}
	}
	spec.Alias = r.alias(o.stage.Service)
	specs := make([]containers.Spec, n)
	for i := range specs {
		specs[i] = spec
		specs[i].Replica = i + 1
	}
	return specs
}

// alias is a name that the replicas of a service share, and nobody else has.
func (r *run) alias(service plans.Service) string { return service.Name + "-" + r.Header.ID }

func replicas(s plans.Settings) int { return max(1, s.Replicas) }

// addresses are those that the load is spread over.
func (t team) addresses() []string {
	list := make([]string, len(t))
	for i, instance := range t {
		list[i] = instance.Address()
	}
	return list
}

// replicas are the containers as an observation has them, before anything was
// seen of them.
func (t team) replicas() []judge.Replica {
	list := make([]judge.Replica, len(t))
	for i, instance := range t {
		list[i] = judge.Replica{Name: instance.Name(), ID: instance.ID(), Address: instance.Address()}
	}
	return list
}

// who begins a sentence about one replica of several.
func (t team) who(i int) string {
	if len(t) == 1 {
		return ""
	}
	return fmt.Sprintf("replica %d: ", i+1)
}

// states reads how each stands. After an end that takes half a second: they
// are asked at once.
func (t team) states(ctx context.Context) ([]containers.State, error) {
	states, errs := make([]containers.State, len(t)), make([]error, len(t))
	t.each(func(i int, instance Instance) { states[i], errs[i] = instance.State(ctx) })
	return states, firstError(errs...)
}

func (t team) remove(ctx context.Context) error {
	errs := make([]error, len(t))
	t.each(func(i int, instance Instance) { errs[i] = instance.Remove(ctx) })
	return firstError(errs...)
}

// those are the ones of which something holds.
func (t team) those(are func(int) bool) (some team) {
	for i, instance := range t {
		if are(i) {
			some = append(some, instance)
		}
	}
	return some
}

// each does the same to all at once.
func (t team) each(do func(int, Instance)) {
	var all sync.WaitGroup
	for i, instance := range t {
		all.Go(func() { do(i, instance) })
	}
	all.Wait()
}
