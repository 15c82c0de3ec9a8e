package docker

import (
	"cmp"
	"context"

	"github.com/docker/docker/api/types/container"

	"plan/containers"
	"plan/internal/units"
)

// setLimits sets the limits of a container. The limits of memory and of memory with
// swap are equal, so that there is no swap.
func setLimits(host *container.HostConfig, l containers.Limits) {
	host.Memory, host.MemorySwap = int64(l.Memory), int64(l.Memory)
	host.NanoCPUs = l.CPUs.Nano()
	if l.PIDs > 0 {
		host.PidsLimit = new(int64(l.PIDs))
	}
}

// limitsOf returns the limits of a container, whichever field has the CPU's. The
// engine's PidsLimit of -1 is no limit.
func limitsOf(host *container.HostConfig) containers.Limits {
	l := containers.Limits{Memory: units.Bytes(host.Memory), CPUs: units.CPUs(host.NanoCPUs / 1_000_000)}
	if host.NanoCPUs == 0 && host.CPUQuota > 0 {
		l.CPUs = units.CPUs(1000 * host.CPUQuota / cmp.Or(host.CPUPeriod, defaultPeriod))
	}
	if host.PidsLimit != nil {
		l.PIDs = max(0, int(*host.PidsLimit))
	}
	return l
}

// defaultPeriod is the kernel's period of a CPU quota, in microseconds.
const defaultPeriod = 100_000

// SetCPUs changes the CPU limit of the running container.
func (i *Instance) SetCPUs(ctx context.Context, cpus units.CPUs) error {
	i.lifecycle.addUpdate(1) // before its event can arrive
	limit := container.UpdateConfig{Resources: container.Resources{NanoCPUs: cpus.Nano()}}
	_, err := i.docker.engine.ContainerUpdate(ctx, i.id, limit)
	if err != nil {
		i.lifecycle.addUpdate(-1)
		return i.docker.errs.Wrap("the CPU limit of "+i.name+" cannot be changed", err)
	}
	return nil
}
