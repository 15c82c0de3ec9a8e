package docker

import (
	"cmp"

	"github.com/docker/docker/api/types/container"

	"plan/containers"
	"plan/internal/units"
)

// limit gives limits to the engine. Swap is never added to memory: both limits
// are the same.
func limit(host *container.HostConfig, l containers.Limits) {
	host.Memory, host.MemorySwap = int64(l.Memory), int64(l.Memory)
	host.NanoCPUs = l.CPUs.Nano()
	if l.PIDs > 0 {
		host.PidsLimit = new(int64(l.PIDs))
	}
}

// limitsOf reads limits back, whichever way the CPU's was given. -1 of PIDs is
// the engine's word for no limit.
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

// defaultPeriod is the kernel's for a CPU quota, in microseconds.
const defaultPeriod = 100_000
