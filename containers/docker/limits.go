package docker

import (
	"cmp"

	"github.com/docker/docker/api/types/container"

	"plan/containers"
	"plan/internal/units"
)

// resourcesOf are limits as the engine takes them. Swap is never added to
// memory: both limits are the same.
func resourcesOf(l containers.Limits) container.Resources {
	memory := int64(l.Memory)
	r := container.Resources{Memory: memory, MemorySwap: memory, NanoCPUs: l.CPUs.Nano()}
	if l.PIDs > 0 {
		r.PidsLimit = new(int64(l.PIDs))
	}
	return r
}

// limitsOf reads limits back, whichever way the CPU's was given. -1 of PIDs is
// the engine's word for no limit.
func limitsOf(r container.Resources) containers.Limits {
	cpus := units.CPUs(r.NanoCPUs / 1_000_000)
	if r.NanoCPUs == 0 && r.CPUQuota > 0 {
		cpus = units.CPUs(1000 * r.CPUQuota / cmp.Or(r.CPUPeriod, defaultPeriod))
	}
	l := containers.Limits{Memory: units.Bytes(r.Memory), CPUs: cpus}
	if r.PidsLimit != nil {
		l.PIDs = max(0, int(*r.PidsLimit))
	}
	return l
}

// defaultPeriod is the kernel's for a CPU quota, in microseconds.
const defaultPeriod = 100_000
