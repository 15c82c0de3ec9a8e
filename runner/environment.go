package runner

import (
	"cmp"
	"context"
	"errors"
	"maps"
	"slices"

	"plan/containers"
	"plan/plans"
	"plan/runner/helpers"
	"plan/runner/journal"
	"plan/runner/record"
	"plan/runner/volumes"
)

// environment is what a run has made ready on the engine for its containers:
// networks, images and volumes.
type environment struct {
	platform Platform
	record   *record.Record
	progress *progress
	runID    string
	pins     map[string]string // of images: reference to id
	volumes  volumes.Volumes

	networkNames map[string]string // names on the engine, by those of the plan; "" is that of services that name none

	notEvicted string // why files of the last trial were left in the page cache; "" if none were
}

// networks makes sure of every network that a service or preflight joins, and
// returns their names on the engine; none of a platform that has none.
func (e *environment) networks(ctx context.Context, plan *plans.Plan) ([]string, error) {
	platform, has := e.platform.(Networks)
	if !has {
		return nil, nil
	}
	names := map[string]bool{} // to whether it is external
	for _, n := range plan.Networks {
		names[n.Name] = n.External
	}
	for _, service := range plan.Services {
		if len(service.Networks) == 0 {
			names[""] = false
		}
		for _, n := range service.Networks {
			if _, declared := names[n]; !declared {
				names[n] = true
			}
		}
	}
	for _, p := range plan.Preflights {
		if _, declared := names[p.Network]; !declared {
			names[p.Network] = true
		}
	}
	var joined []string
	e.networkNames = map[string]string{}
	for _, name := range slices.Sorted(maps.Keys(names)) {
		actual, err := platform.Network(ctx, name, names[name])
		if err != nil {
			return nil, err
		}
		e.networkNames[name] = actual
		joined = append(joined, actual)
	}
	return joined, nil
}

// pinned returns the id that a reference had when the run began; the reference
// itself where it is one.
func (e *environment) pinned(reference string) string { return cmp.Or(e.pins[reference], reference) }

// alias returns a name that the replicas of a service share, and nobody else has.
func (e *environment) alias(service plans.Service) string { return service.Name + "-" + e.runID }

// networksOf returns the networks of a service by their names on the engine; of one that
// names none, that of the run.
func (e *environment) networksOf(service plans.Service) []string {
	if len(service.Networks) == 0 && e.networkNames[""] != "" {
		return []string{e.networkNames[""]}
	}
	var names []string
	for _, n := range service.Networks {
		names = append(names, cmp.Or(e.networkNames[n], n))
	}
	return names
}

// sharedName returns a name that resolves to all replicas of a service, and to no other
// container: its own on the run's network, elsewhere its alias.
func (e *environment) sharedName(service plans.Service) string {
	if len(service.Networks) == 0 && e.networkNames[""] != "" {
		return service.Name
	}
	return e.alias(service)
}

// spec returns a service as the runtime takes it, without limits.
func (e *environment) spec(service plans.Service) containers.Spec {
	spec := containers.Spec{
		Service: service.Name, Image: e.pinned(service.Image), Command: service.Command,
		Environment: service.Variables(), User: service.User, Networks: e.networksOf(service), Expose: service.Expose,
		Restart: service.Restart, Entrypoint: service.Entrypoint, WorkingDir: service.WorkingDir, ShmSize: service.ShmSize, GPUs: service.GPUs,
		Further: service.Aliases, Hosts: service.ExtraHosts,
	}
	for _, p := range service.Ports {
		spec.Ports = append(spec.Ports, containers.Port(p))
	}
	for _, v := range service.Volumes {
		spec.Volumes = append(spec.Volumes, e.volumes.Mounted(v))
	}
	for _, t := range service.Tmpfs {
		spec.Tmpfs = append(spec.Tmpfs, containers.Tmpfs(t))
	}
	for _, u := range service.Ulimits {
		spec.Ulimits = append(spec.Ulimits, containers.Ulimit(u))
	}
	return spec
}

// startHelper starts the container of a helper.
func (e *environment) startHelper(ctx context.Context, service plans.Service) (helpers.Container, error) {
	spec := e.spec(service)
	spec.Role, spec.Limits = containers.Helper, limitsOf(service.Limits)
	instance, err := e.platform.Start(ctx, spec)
	if err != nil {
		return nil, withAddress(service.Address, err)
	}
	return instance, nil
}

// withAddress adds the address of the service that an error is about.
func withAddress(address string, err error) error {
	fault, is := errors.AsType[*containers.Error](err)
	if !is {
		return err
	}
	of := *fault
	of.Summary = address + ": " + fault.Summary
	return &of
}

// limitsOf are the limits of each container.
func limitsOf(s plans.Settings) containers.Limits { return containers.Limits(s.Limits) }

// specs returns what the runtime is to run for a trial, one for each replica.
func (e *environment) specs(trial trialSpec) []containers.Spec {
	spec := e.spec(trial.stage.Service)
	spec.Trial, spec.Limits = trial.id, trial.startLimits()
	n := trial.limits.Containers()
	if n == 1 {
		return []containers.Spec{spec}
	}
	spec.Alias = e.alias(trial.stage.Service)
	specs := make([]containers.Spec, n)
	for i := range specs {
		specs[i] = spec
		specs[i].Replica = i + 1
	}
	return specs
}

// start starts every replica at once. When one cannot be started the others
// are removed again.
func (e *environment) start(ctx context.Context, spec trialSpec) (replicas, error) {
	specs := e.specs(spec)
	started, errs := make(replicas, len(specs)), make([]error, len(specs))
	started.each(func(i int, _ Instance) { started[i], errs[i] = e.platform.Start(ctx, specs[i]) })
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

// evict makes a trial read its files itself, as far as that can be done, and
// notes why where it cannot. The observer gets a reason once, until there is
// another one.
func (e *environment) evict(ctx context.Context, service plans.Service, t *journal.Trial) {
	spec := e.spec(service)
	done := e.platform.Evict(ctx, spec.Image, spec.Volumes)
	if done.Left != "" && done.Left != e.notEvicted {
		e.progress.observer.Note("not all files of " + service.Address +
			" could be evicted from the page cache: " + done.Left)
	}
	e.notEvicted, t.NotEvicted, t.SharedWith = done.Left, done.Left, done.SharedWith
}
