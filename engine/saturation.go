package engine

import (
	"fmt"

	"plan/internal/english"
	"plan/internal/exchange"
)

// Thresholds of saturation. Smaller samples may be noise, or the start of the
// process.
const (
	maxCPUShare      = 0.80  // share of the CPUs that the process can use
	minSeconds       = 1.0   // shortest load whose CPU usage is judged, in seconds
	maxLatenessShare = 0.05  // share of the judged p99 latency
	minLateness      = 0.001 // seconds
	minStarts        = 100   // fewest requests with an intended start
	maxDroppedShare  = 0.02  // share of the arrivals
	minDropped       = 3
)

// driverLoad holds what saturations needs besides the result.
type driverLoad struct {
	lateness histogram // of judged requests; users that start together are late by necessity
	arrivals int64     // open model: started or dropped
	unsent   int64     // of them: due, but not handled before the end
	blocked  int64     // of them: dropped because on_start of their users failed
	users    int       // cap on users
	cpus     int       // CPUs that the process could use with more threads
}

// saturations returns the resources at which the load driver was saturated.
func saturations(r *Result, d driverLoad) []Saturation {
	var all []Saturation
	for _, l := range []Saturation{
		{SaturationCPU, cpuSaturation(r, d)},
		{SaturationLateness, latenessSaturation(r, d)},
		{SaturationRate, rateSaturation(r, d)},
		{SaturationSockets, socketsSaturation(r)},
	} {
		if l.Text != "" {
			all = append(all, l)
		}
	}
	return all
}

func cpuSaturation(r *Result, d driverLoad) string {
	used := r.CPUSeconds / r.Seconds
	if r.Seconds < minSeconds || used <= maxCPUShare*float64(r.Threads) {
		return ""
	}
	return fmt.Sprintf("the load driver used %.2f of %s, above the limit of %.0f %%: %s",
		used, english.Count(r.Threads, "CPU"), 100*maxCPUShare, moreCPUHelp(r, d))
}

func latenessSaturation(r *Result, d driverLoad) string {
	judged := r.Judged.Latency.P99
	if judged == nil || d.lateness.count() < minStarts {
		return ""
	}
	late, latency := *d.lateness.percentile(99), *judged
	if late <= max(minLateness, maxLatenessShare*latency) {
		return ""
	}
	return fmt.Sprintf(
		"requests started late: the p99 lateness of %.1f ms is above %.0f %% of the p99 latency of %.1f ms: %s",
		1000*late, 100*maxLatenessShare, 1000*latency, moreCPUHelp(r, d))
}

func rateSaturation(r *Result, d driverLoad) string {
	if r.Total.Dropped == nil {
		return ""
	}
	arrivals, missed := d.arrivals-d.blocked, *r.Total.Dropped-d.blocked
	text := tooFewArrivals(arrivals, missed)
	if text == "" {
		return ""
	}
	if dropped := missed - d.unsent; dropped > 0 {
		text += fmt.Sprintf("; %d were dropped because none of the %s was free: raise users or lower the rate",
			dropped, english.Count(d.users, "user"))
	}
	if d.unsent > 0 {
		text += fmt.Sprintf("; %d were due and not started before the end: %s", d.unsent, moreCPUHelp(r, d))
	}
	return text
}

// tooFewArrivals returns how many arrivals were sent if so many missed are above
// the limit, else "".
func tooFewArrivals(arrivals, missed int64) string {
	if missed < minDropped || float64(missed) <= maxDroppedShare*float64(arrivals) {
		return ""
	}
	return fmt.Sprintf("%d of %d arrivals were sent, under %.0f %%", arrivals-missed, arrivals, 100*(1-maxDroppedShare))
}

func socketsSaturation(r *Result) string {
	n := int(r.Total.Errors[exchange.Socket])
	if n == 0 {
		return ""
	}
	return fmt.Sprintf(
		"the load driver could not open %s (%s): raise its limit of open files (ulimit -n) or use fewer users",
		english.Count(n, "socket"), r.Examples[exchange.Socket])
}

// moreCPUHelp returns the remedy for a driver with too little CPU.
func moreCPUHelp(r *Result, d driverLoad) string {
	if r.Threads < d.cpus {
		return fmt.Sprintf("give it another core with --threads %d", r.Threads+1)
	}
	return "give it more CPUs or reduce the load"
}
