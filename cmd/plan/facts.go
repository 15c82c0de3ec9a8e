package main

import (
	"context"
	"maps"
	"strings"

	"plan/containers/docker"
	"plan/internal/units"
	"plan/plans"
	"plan/plans/check"
)

// hostFacts returns the facts of the engine, and the same as the plan's checks take
// them.
func hostFacts(ctx context.Context, engine *docker.Docker, plan *plans.Plan) (docker.Facts, check.Host, error) {
	f, err := engine.Facts(ctx)
	if err != nil {
		return f, check.Host{}, err
	}
	var images []string
	for _, service := range plan.Services {
		images = append(images, service.Image)
	}
	var leftovers []string
	for _, run := range f.Leftovers {
		if run.Life == docker.Dead {
			leftovers = append(leftovers, strings.Join(run.Resources, ", ")+" of run "+run.Run)
		}
	}
	// Who uses which TCP ports of the host: all that containers publish, and those of the
	// plan that a process listens on.
	ports := map[int]string{}
	maps.Copy(ports, f.Ports)
	for _, service := range plan.Services {
		for _, port := range service.Ports {
			if user := f.PortUser(port.Address, port.Host); port.Host != 0 && user != "" {
				ports[port.Host] = user
			}
		}
	}
	intervals, err := engine.Images.HealthcheckIntervals(ctx, images)
	return f, check.Host{
		Memory: f.Memory, CPUs: units.CPUs(f.CPUs) * 1000, MemoryLimit: f.LimitsMemory, SwapLimit: f.LimitsSwap,
		Networks: f.Networks, Images: f.Images, Ports: ports, Registries: f.Registries,
		OpenFiles: docker.AgentFiles, LocalPorts: docker.AgentLocalPorts, Leftovers: leftovers,
		Healthchecks: intervals,
	}, err
}
