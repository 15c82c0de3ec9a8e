// Package host reads the state of the machine from /proc: available memory,
// busy CPUs, and the number of out-of-memory kills.
//
// In a container the figures are those of the host. The package knows nothing
// of containers or their limits.
package host

import (
	"fmt"
	"os"
	"strconv"
	"strings"
	"time"
)

// Figures are the state of the machine at one moment. Memory is in bytes.
type Figures struct {
	At              time.Time `json:"at"`
	MemoryTotal     int64     `json:"memory_total"`
	MemoryAvailable int64     `json:"memory_available"`
	CPUBusy         float64   `json:"cpu_busy"`            // busy CPUs on average since the last reading
	OOMKills        *int64    `json:"oom_kills,omitempty"` // out-of-memory kills since boot; nil if the kernel does not count them
}

// Reader reads figures. It keeps the CPU counters of the last reading.
type Reader struct{ last counters }

// NewReader returns a reader whose first CPU figure starts now.
func NewReader() (*Reader, error) {
	now, err := readCounters()
	return &Reader{last: now}, err
}

// Read returns the current figures.
func (r *Reader) Read() (Figures, error) {
	text, err := os.ReadFile("/proc/meminfo")
	if err != nil {
		return Figures{}, err
	}
	total, available, err := parseMeminfo(string(text))
	if err != nil {
		return Figures{}, err
	}
	now, err := readCounters()
	if err != nil {
		return Figures{}, err
	}
	busy := now.busySince(r.last)
	r.last = now
	f := Figures{At: time.Now(), MemoryTotal: total, MemoryAvailable: available, CPUBusy: busy}
	if text, err := os.ReadFile("/proc/vmstat"); err == nil {
		f.OOMKills = oomKills(string(text))
	}
	return f, nil
}

// BootID returns an ID of the running kernel. Two readers with equal IDs run on
// the same machine, and it has not restarted between them.
func BootID() (string, error) {
	text, err := os.ReadFile("/proc/sys/kernel/random/boot_id")
	return strings.TrimSpace(string(text)), err
}

// parseMeminfo returns MemTotal and MemAvailable in bytes.
func parseMeminfo(text string) (total, available int64, err error) {
	if total, err = meminfoField(text, "MemTotal"); err != nil {
		return 0, 0, err
	}
	available, err = meminfoField(text, "MemAvailable")
	return total, available, err
}

// oomKills returns oom_kill of /proc/vmstat; nil without one.
func oomKills(text string) *int64 {
	for line := range strings.Lines(text) {
		if value, ok := strings.CutPrefix(line, "oom_kill "); ok {
			if n, err := strconv.ParseInt(strings.TrimSpace(value), 10, 64); err == nil {
				return &n
			}
		}
	}
	return nil
}

func meminfoField(text, name string) (int64, error) {
	for line := range strings.Lines(text) {
		value, ok := strings.CutPrefix(line, name+":")
		if !ok {
			continue
		}
		kilobytes, err := strconv.ParseInt(strings.TrimSpace(strings.TrimSuffix(strings.TrimSpace(value), "kB")), 10, 64)
		if err != nil {
			return 0, fmt.Errorf("/proc/meminfo: %s: %w", name, err)
		}
		return kilobytes << 10, nil
	}
	return 0, fmt.Errorf("/proc/meminfo has no %s", name)
}
