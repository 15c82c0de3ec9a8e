package docker

import (
	"encoding/json"
	"io"
	"time"

	"github.com/docker/docker/api/types/container"

	"plan/containers"
	"plan/internal/units"
)

// statsRetry is the pause before a broken stream is opened again.
const statsRetry = time.Second

func (s *sampler) readStats(stream io.Reader) {
	lines := json.NewDecoder(stream)
	for {
		var stats container.StatsResponse
		if lines.Decode(&stats) != nil {
			return
		}
		if usage, ok := usageOf(stats); ok {
			if now := usage.After(s.last, s.base); orZero(now.CPUSeconds) < orZero(s.last.CPUSeconds) {
				s.base = s.last // a restarted container counts from zero
			}
			s.hand(usage)
		}
	}
}

// usageOf converts one line of the engine's figures; it returns false for the empty
// ones of a container that does not run. Names of control groups version 1 are
// tried first.
func usageOf(stats container.StatsResponse) (containers.Usage, bool) {
	if stats.Read.Year() <= 1 || stats.MemoryStats.Usage == 0 {
		return containers.Usage{}, false
	}
	memory := stats.MemoryStats
	cpu, throttling := stats.CPUStats.CPUUsage, stats.CPUStats.ThrottlingData
	usage := containers.Usage{
		At: stats.Read,
		WorkingSet: containers.WorkingSet(new(units.Bytes(memory.Usage)),
			stat(memory, "total_inactive_file", "inactive_file")),
		Anonymous:        stat(memory, "total_rss", "anon"),
		Cache:            stat(memory, "total_cache", "file"),
		MappedFile:       stat(memory, "total_mapped_file", "file_mapped"),
		MajorFaults:      (*int64)(stat(memory, "total_pgmajfault", "pgmajfault")),
		Refaults:         (*int64)(stat(memory, "total_workingset_refault_file", "workingset_refault_file")),
		CPUSeconds:       new(float64(cpu.TotalUsage) / 1e9),
		Periods:          new(int64(throttling.Periods)),
		ThrottledPeriods: new(int64(throttling.ThrottledPeriods)),
		ThrottledSeconds: new(float64(throttling.ThrottledTime) / 1e9),
	}
	if memory.MaxUsage > 0 {
		usage.Peak = new(units.Bytes(memory.MaxUsage))
	}
	return usage, true
}

func stat(memory container.MemoryStats, names ...string) *units.Bytes {
	for _, name := range names {
		if value, ok := memory.Stats[name]; ok {
			return new(units.Bytes(value))
		}
	}
	return nil
}
