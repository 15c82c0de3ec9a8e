package cgroup

import (
	"bytes"
	"os"
	"path/filepath"
	"strconv"

	"plan/containers"
	"plan/internal/units"
)

// InForce returns the limits that the kernel enforces for the group itself, where
// those of an engine are told. Limits whose files cannot be read stay the engine's,
// and so do those that differ only by rounding.
func (g Group) InForce(told containers.Limits) containers.Limits {
	if memory, ok := g.memoryLimit(); ok && !rounded(told.Memory, memory, units.Bytes(os.Getpagesize())) {
		told.Memory = memory
	}
	if cpus, ok := g.cpuLimit(); ok && !rounded(told.CPUs, cpus, cpuRounding) {
		told.CPUs = cpus
	}
	if pids, ok := parseLimit(g.text("pids", "pids.max")); ok {
		told.PIDs = int(pids)
	}
	return told
}

// cpuRounding is the step of CPU limits of systemd, a hundredth of a CPU.
const cpuRounding units.CPUs = 10

// rounded reports whether two limits differ by less than a step: the kernel rounds
// memory down to pages, systemd rounds CPUs up.
func rounded[T units.Bytes | units.CPUs](told, inForce, step T) bool {
	return told > 0 && inForce > told-step && inForce < told+step
}

// memoryLimit returns the limit of memory; 0 without one, false where it cannot be read.
func (g Group) memoryLimit() (units.Bytes, bool) {
	name := "memory.max"
	if g.hierarchy.Version == 1 {
		name = "memory.limit_in_bytes"
	}
	most, ok := parseLimit(g.text("memory", name))
	if most >= unlimited {
		most = 0
	}
	return units.Bytes(most), ok
}

// unlimited is at most what version 1 writes for no limit of memory: the largest
// number of whole pages.
const unlimited = 1 << 62

// cpuLimit returns the limit of CPUs; 0 without one, false where it cannot be read.
func (g Group) cpuLimit() (units.CPUs, bool) {
	quotaText, periodText := g.text("cpu", "cpu.cfs_quota_us"), g.text("cpu", "cpu.cfs_period_us")
	if g.hierarchy.Version != 1 {
		quotaText, periodText, _ = bytes.Cut(g.text("cpu", "cpu.max"), []byte(" "))
	}
	quota, ok := parseLimit(quotaText)
	period, known := parseLimit(periodText)
	if !ok || !known || period == 0 {
		return 0, false
	}
	return units.CPUs(1000 * quota / period), true
}

// parseLimit parses the number of a limit: 0 for "max" and -1, which are no limit;
// false for what is no number.
func parseLimit(text []byte) (int64, bool) {
	if string(text) == "max" {
		return 0, true
	}
	n, err := strconv.ParseInt(string(text), 10, 64)
	return max(0, n), err == nil
}

// text returns the content of a file; nil where it cannot be read.
func (g Group) text(controller, name string) []byte {
	text, err := os.ReadFile(filepath.Join(g.dir(controller), name))
	if err != nil {
		return nil
	}
	return bytes.TrimSpace(text)
}
