package runner

import (
	"fmt"
	"net"
	"strconv"
	"time"

	"plan/containers"
	"plan/internal/units"
	"plan/plans"
	"plan/runner/journal"
)

// spec is a service as the runtime takes it, without limits.
func (s *run) spec(service plans.Service) containers.Spec {
	spec := containers.Spec{
		Service: service.Name, Image: s.pinned(service.Image), Command: service.Command,
		Environment: service.Environment, User: service.User, Networks: service.Networks, Expose: service.Expose,
		Restart: service.Restart,
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
	return spec
}

// limitsOf are the limits of each container.
func limitsOf(s plans.Settings) containers.Limits {
	return containers.Limits{Memory: s.Memory, CPUs: s.CPUs}
}

// blank is the record of a trial that has shown nothing yet.
func (s *run) blank(o order) journal.Trial {
	t := journal.Trial{ID: o.id, Repeats: o.repeats, FirstLook: o.firstLook, Phase: journal.PhaseStart, Started: time.Now(), Instances: []journal.Instance{}}
	n, limits := replicas(o.limits), writtenLimits(limitsOf(o.limits))
	t.Set = journal.Settings{Memory: limits.Memory, CPUs: limits.CPUs, Replicas: &n}
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
	return plans.StageResult{Found: pointOf(s.Found), Recommended: pointOf(s.Recommended), Held: s.Held, Met: s.Met, Trials: len(s.Trials)}
}

func pointOf(p *journal.Point) *plans.Point {
	if p == nil {
		return nil
	}
	point := &plans.Point{Memory: (*units.Bytes)(p.Memory)}
	if p.CPUs != nil {
		cpus, _ := units.CPUsOf(*p.CPUs)
		point.CPUs = &cpus
	}
	return point
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

// withPort replaces the port of host:port.
func withPort(address string, port int) string {
	name, _, err := net.SplitHostPort(address)
	if err != nil || port == 0 {
		return address
	}
	return net.JoinHostPort(name, strconv.Itoa(port))
}
