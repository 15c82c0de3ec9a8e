// Package host reads how the machine stands: memory that is left, CPUs that are
// busy and how many processes were killed for memory, from /proc.
//
// It sees the kernel's figures, in a container those of the machine that the
// container runs on. It knows nothing of containers or their limits.
package host

import (
	"fmt"
	"os"
	"strconv"
	"strings"
	"time"
)

// Figures are the machine at one moment. Memory in bytes.
type Figures struct {
	At              time.Time `json:"at"`
	MemoryTotal     int64     `json:"memory_total"`
	MemoryAvailable int64     `json:"memory_available"`
	CPUBusy         float64   `json:"cpu_busy"`            // CPUs, since the figures before these
	OOMKills        *int64    `json:"oom_kills,omitempty"` // processes killed for memory, since the kernel's start; nil where it does not count them
}

// Reader reads figures; it keeps the CPU counters of the last time.
type Reader struct{ last counters }

// NewReader makes a reader whose first figures count CPU from now on.
func NewReader() (*Reader, error) {
	now, err := readCounters()
	return &Reader{last: now}, err
}

// Read reads the figures of now.
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

// BootID identifies the running kernel: two readers that see the same one are
// on the same machine, since its last start.
func BootID() (string, error) {
	text, err := os.ReadFile("/proc/sys/kernel/random/boot_id")
	return strings.TrimSpace(string(text)), err
}

// parseMeminfo gives MemTotal and MemAvailable in bytes.
func parseMeminfo(text string) (total, available int64, err error) {
	if total, err = meminfoField(text, "MemTotal"); err != nil {
		return 0, 0, err
	}
	available, err = meminfoField(text, "MemAvailable")
	return total, available, err
}

// oomKills is the oom_kill of /proc/vmstat; nil where it has none.
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
