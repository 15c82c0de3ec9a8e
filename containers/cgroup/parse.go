package cgroup

import (
	"bytes"
	"strconv"

	"plan/containers"
	"plan/internal/units"
)

// readings holds the values of one reading of a group's files; nil means
// unknown.
type readings struct {
	usage, peak, inactive, anonymous, cache, mapped            *units.Bytes
	cpu, throttled                                             *float64 // in seconds
	periods, throttledPeriods, oomKills, majorFaults, refaults *int64
}

// source is a file of a group with its parser.
type source struct {
	controller, name string
	parse            func(text []byte, into *readings)
}

// sources returns the files of a version. The values of missing files are
// unknown.
func sources(version int) []source {
	if version == 2 {
		return []source{
			{"memory", "memory.current", func(t []byte, f *readings) { f.usage = parseBytes(t) }},
			{"memory", "memory.stat", parseMemoryStat2},
			{"memory", "memory.peak", func(t []byte, f *readings) { f.peak = parseBytes(t) }},
			{"memory", "memory.events", parseOOMKills},
			{"cpu", "cpu.stat", parseCPUStat2},
		}
	}
	return []source{
		{"memory", "memory.usage_in_bytes", func(t []byte, f *readings) { f.usage = parseBytes(t) }},
		{"memory", "memory.stat", parseMemoryStat1},
		{"memory", "memory.max_usage_in_bytes", func(t []byte, f *readings) { f.peak = parseBytes(t) }},
		{"memory", "memory.oom_control", parseOOMKills},
		{"cpuacct", "cpuacct.usage", parseCPUUsage1},
		{"cpu", "cpu.stat", parseCPUStat1},
	}
}

func parseMemoryStat1(text []byte, into *readings) {
	into.inactive = bytesOf(text, "total_inactive_file")
	into.anonymous = bytesOf(text, "total_rss")
	into.cache = bytesOf(text, "total_cache")
	into.mapped = bytesOf(text, "total_mapped_file")
	into.majorFaults = value(text, "total_pgmajfault")
	into.refaults = value(text, "total_workingset_refault_file")
}

func parseMemoryStat2(text []byte, into *readings) {
	into.inactive = bytesOf(text, "inactive_file")
	into.anonymous = bytesOf(text, "anon")
	into.cache = bytesOf(text, "file")
	into.mapped = bytesOf(text, "file_mapped")
	into.majorFaults = value(text, "pgmajfault")
	into.refaults = value(text, "workingset_refault_file")
}

func parseOOMKills(text []byte, into *readings) { into.oomKills = value(text, "oom_kill") }

func parseCPUUsage1(text []byte, into *readings) {
	if nano, err := strconv.ParseInt(string(bytes.TrimSpace(text)), 10, 64); err == nil {
		into.cpu = seconds(&nano, 1e9)
	}
}

func parseCPUStat1(text []byte, into *readings) {
	into.periods = value(text, "nr_periods")
	into.throttledPeriods = value(text, "nr_throttled")
	into.throttled = seconds(value(text, "throttled_time"), 1e9)
}

func parseCPUStat2(text []byte, into *readings) {
	into.cpu = seconds(value(text, "usage_usec"), 1e6)
	into.periods = value(text, "nr_periods")
	into.throttledPeriods = value(text, "nr_throttled")
	into.throttled = seconds(value(text, "throttled_usec"), 1e6)
}

// value returns the value of a key in a file with one "key value" pair per
// line; nil if it is missing.
func value(text []byte, key string) *int64 {
	for line := range bytes.Lines(text) {
		name, number, ok := bytes.Cut(line, []byte(" "))
		if !ok || string(name) != key {
			continue
		}
		n, err := strconv.ParseInt(string(bytes.TrimSpace(number)), 10, 64)
		if err != nil {
			return nil
		}
		return &n
	}
	return nil
}

func bytesOf(text []byte, key string) *units.Bytes {
	n := value(text, key)
	if n == nil {
		return nil
	}
	return new(units.Bytes(*n))
}

// parseBytes parses a file with one number of bytes.
func parseBytes(text []byte) *units.Bytes {
	n, err := strconv.ParseInt(string(bytes.TrimSpace(text)), 10, 64)
	if err != nil {
		return nil
	}
	return new(units.Bytes(n))
}

func seconds(n *int64, per float64) *float64 {
	if n == nil {
		return nil
	}
	return new(float64(*n) / per)
}

// toUsage converts the readings.
func (f readings) toUsage() containers.Usage {
	return containers.Usage{
		WorkingSet:       containers.WorkingSet(f.usage, f.inactive),
		Anonymous:        f.anonymous,
		Cache:            f.cache,
		MappedFile:       f.mapped,
		MajorFaults:      f.majorFaults,
		Refaults:         f.refaults,
		Peak:             f.peak,
		CPUSeconds:       f.cpu,
		Periods:          f.periods,
		ThrottledPeriods: f.throttledPeriods,
		ThrottledSeconds: f.throttled,
		OOMKills:         f.oomKills,
	}
}
