package cgroup

import (
	"bytes"
	"strconv"

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

// The files of each version. The values of missing files are unknown.
var (
	sources1 = []source{
		{"memory", "memory.usage_in_bytes", func(t []byte, f *readings) { f.usage = parseBytes(t) }},
		{"memory", "memory.stat", func(t []byte, f *readings) {
			f.inactive = bytesOf(t, "total_inactive_file")
			f.anonymous = bytesOf(t, "total_rss")
			f.cache = bytesOf(t, "total_cache")
			f.mapped = bytesOf(t, "total_mapped_file")
			f.majorFaults = value(t, "total_pgmajfault")
			f.refaults = value(t, "total_workingset_refault_file")
		}},
		{"memory", "memory.max_usage_in_bytes", func(t []byte, f *readings) { f.peak = parseBytes(t) }},
		{"memory", "memory.oom_control", parseOOMKills},
		{"cpuacct", "cpuacct.usage", func(t []byte, f *readings) {
			if nano, err := strconv.ParseInt(string(bytes.TrimSpace(t)), 10, 64); err == nil {
				f.cpu = seconds(&nano, 1e9)
			}
		}},
		{"cpu", "cpu.stat", func(t []byte, f *readings) {
			f.periods = value(t, "nr_periods")
			f.throttledPeriods = value(t, "nr_throttled")
			f.throttled = seconds(value(t, "throttled_time"), 1e9)
		}},
	}
	sources2 = []source{
		{"memory", "memory.current", func(t []byte, f *readings) { f.usage = parseBytes(t) }},
		{"memory", "memory.stat", func(t []byte, f *readings) {
			f.inactive = bytesOf(t, "inactive_file")
			f.anonymous = bytesOf(t, "anon")
			f.cache = bytesOf(t, "file")
			f.mapped = bytesOf(t, "file_mapped")
			f.majorFaults = value(t, "pgmajfault")
			f.refaults = value(t, "workingset_refault_file")
		}},
		{"memory", "memory.peak", func(t []byte, f *readings) { f.peak = parseBytes(t) }},
		{"memory", "memory.events", parseOOMKills},
		{"cpu", "cpu.stat", func(t []byte, f *readings) {
			f.cpu = seconds(value(t, "usage_usec"), 1e6)
			f.periods = value(t, "nr_periods")
			f.throttledPeriods = value(t, "nr_throttled")
			f.throttled = seconds(value(t, "throttled_usec"), 1e6)
		}},
	}
)

func parseOOMKills(text []byte, into *readings) { into.oomKills = value(text, "oom_kill") }

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
