package runner

import (
	"fmt"
	"time"

	"plan/containers"
	"plan/plans"
	"plan/runner/journal"
)

// spec is a service as the runtime takes it, without limits.
func (s *run) spec(service plans.Service) containers.Spec {
	spec := containers.Spec{
		Service: service.Name, Image: s.pinned(service.Image), Command: service.Command,
		Environment: service.Environment, User: service.User, Networks: service.Networks, Expose: service.Expose,
		Restart: service.Restart, Entrypoint: service.Entrypoint, WorkingDir: service.WorkingDir, ShmSize: service.ShmSize, GPUs: service.GPUs,
		Further: service.Aliases, Hosts: service.ExtraHosts,
	}
	if len(spec.Networks) == 0 {
		spec.Networks = []string{s.own}
	}
	for _, p := range service.Ports {
		spec.Ports = append(spec.Ports, containers.Port(p))
	}
	for _, v := range service.Volumes {
		spec.Volumes = append(spec.Volumes, containers.Volume(v))
	}
	for _, t := range service.Tmpfs {
		spec.Tmpfs = append(spec.Tmpfs, containers.Tmpfs(t))
	}
	for _, u := range service.Ulimits {
		spec.Ulimits = append(spec.Ulimits, containers.Ulimit(u))
	}
	return spec
}

// limitsOf are the limits of each container.
func limitsOf(s plans.Settings) containers.Limits { return containers.Limits(s.Limits) }

// blank is the record of a trial that has shown nothing yet.
func (s *run) blank(o order) journal.Trial {
	t := journal.Trial{ID: o.id, Repeats: o.repeats, FirstLook: o.firstLook, Phase: journal.PhaseStart, Started: time.Now(), Instances: []journal.Instance{}}
	set := o.limits
	set.Replicas = replicas(set)
	t.Set = journal.SettingsOf(set)
	if o.load != nil {
		t.Users, t.Staged = &o.users, len(o.load.Stages) > 0
		if o.load.Open() {
			t.Arrivals = new(o.load.MostArrivals())
		}
	}
	return t
}

// resultOf is what later stages may refer to.
func resultOf(s journal.Stage) plans.StageResult {
	return plans.StageResult{Found: valuesOf(s.Found), Recommended: valuesOf(s.Recommended), Held: s.Held, Met: s.Met, Trials: len(s.Trials)}
}

func valuesOf(p *journal.Point) *plans.Settings {
	if p == nil {
		return nil
	}
	return new(journal.Settings(*p).Values())
}

// declared is a stage as the plan has it, before anything was found.
func (s *run) declared(address string) plans.Stage {
	for _, stage := range s.Plan.Stages {
		if stage.Address == address {
			return stage
		}
	}
	panic(fmt.Sprintf("no stage %s in the plan", address))
}
