package runner

import (
	"context"
	"errors"

	"plan/containers"
	"plan/plans"
	"plan/runner/helpers"
	"plan/runner/images"
	"plan/runner/journal"
	"plan/runner/networks"
	"plan/runner/volumes"
)

// environment is what a run has made ready on the engine for its containers:
// networks, images and volumes.
type environment struct {
	platform Platform
	progress *progress
	networks networks.Networks
	images   images.Images
	volumes  volumes.Volumes

	notEvicted string // why files of the last trial were left in the page cache; "" if none were
}

// spec returns a service as the runtime takes it, without limits.
func (e *environment) spec(service plans.Service) containers.Spec {
	spec := containers.Spec{
		Service: service.Name, Image: e.images.Pinned(service.Image), Command: service.Command,
		Environment: service.Variables(), User: service.User, Networks: e.networks.Of(service), Expose: service.Expose,
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
	spec.Alias = e.networks.Alias(trial.stage.Service)
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
