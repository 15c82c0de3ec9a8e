package host

import (
	"fmt"
	"os"
	"strconv"
	"strings"
)

// counters are the CPU counters of /proc/stat, in ticks summed over all CPUs.
type counters struct {
	busy, total uint64
	cpus        int
}

func readCounters() (counters, error) {
	text, err := os.ReadFile("/proc/stat")
	if err != nil {
		return counters{}, err
	}
	return parseStat(string(text))
}

// parseStat sums the first eight columns of the "cpu" line: user, nice, system,
// idle, iowait, irq, softirq, steal. The other columns are contained in these.
func parseStat(text string) (counters, error) {
	var c counters
	for line := range strings.Lines(text) {
		fields := strings.Fields(line)
		switch {
		case len(fields) == 0 || !strings.HasPrefix(fields[0], "cpu"):
			continue
		case fields[0] != "cpu":
			c.cpus++
			continue
		}
		for i, field := range fields[1:min(len(fields), 9)] {
			ticks, err := strconv.ParseUint(field, 10, 64)
			if err != nil {
				return counters{}, fmt.Errorf("/proc/stat: %w", err)
			}
			c.total += ticks
			if i != 3 && i != 4 { // idle, iowait
				c.busy += ticks
			}
		}
	}
	if c.cpus == 0 || c.total == 0 {
		return counters{}, fmt.Errorf("/proc/stat has no line of a CPU")
	}
	return c, nil
}

// busySince returns how many CPUs were busy on average since before. The
// kernel's counters may decrease a little; then it returns 0.
func (c counters) busySince(before counters) float64 {
	if c.total <= before.total || c.busy <= before.busy {
		return 0
	}
	return float64(c.cpus) * float64(c.busy-before.busy) / float64(c.total-before.total)
}
