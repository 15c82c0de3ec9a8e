// Package volumes makes what the containers of a run mount for named volumes: no service
// of a run writes to a volume that is not the run's own.
package volumes

import (
	"context"
	"fmt"
	"maps"
	"slices"

	"plan/containers"
	"plan/plans"
)

// Volumes are those of a run. The zero value has none.
type Volumes struct {
	Engine interface {
		Volume(ctx context.Context, name string, written bool) (containers.RunVolume, error)
	}
	Doing, Note func(string) // for people

	made map[string]runVolume // by the name that the plan has
}

// runVolume is what the containers of a run mount for a named volume.
type runVolume struct {
	name    string // on the engine
	written bool   // a service of a stage writes to it
}

// Prepare makes the volumes that the services of the stages mount, and says
// which ones are copies.
func (a *Volumes) Prepare(ctx context.Context, stages []plans.Stage) error {
	var services []plans.Service
	for _, stage := range stages {
		services = append(services, stage.Service)
		services = append(services, stage.Helpers...)
	}
	a.made = map[string]runVolume{}
	for _, service := range services {
		for _, v := range service.Volumes {
			if !v.Bind {
				a.made[v.Source] = runVolume{written: a.made[v.Source].written || !v.ReadOnly}
			}
		}
	}
	for _, source := range slices.Sorted(maps.Keys(a.made)) {
		a.Doing("preparing the volume " + source)
		own, err := a.Engine.Volume(ctx, source, a.made[source].written)
		if err != nil {
			return err
		}
		a.made[source] = runVolume{own.Name, a.made[source].written}
		if own.Copied > 0 {
			a.Note(fmt.Sprintf(
				"the volume %s is copied for the run (%s): what services write to it is removed with the run",
				source, own.Copied))
		}
	}
	return nil
}

// Written returns the volumes of services, by the names that the plan has, that are
// written to in the run.
func (a *Volumes) Written(services []plans.Service) []string {
	var sources []string
	for _, service := range services {
		for _, v := range service.Volumes {
			if !v.Bind && a.made[v.Source].written && !slices.Contains(sources, v.Source) {
				sources = append(sources, v.Source)
			}
		}
	}
	return sources
}

// Renew replaces volumes that are written to by what they were when the run began.
// No container may mount them.
func (a *Volumes) Renew(ctx context.Context, sources []string) error {
	for _, source := range sources {
		if _, err := a.Engine.Volume(ctx, source, true); err != nil {
			return err
		}
	}
	return nil
}

// Mounted returns the volume of a service as its containers mount it.
func (a *Volumes) Mounted(v plans.Volume) containers.Volume {
	mounted := containers.Volume(v)
	if own := a.made[v.Source]; own.name != "" && !v.Bind {
		mounted.Source = own.name
	}
	return mounted
}
