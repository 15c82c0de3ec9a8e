package engine

import (
	"fmt"

	"plan/internal/english"
	"plan/internal/exchange"
)

// Where the generator becomes the limit. What is less than the least may be
// chance, or the start of the process.
const (
	mostCPU       = 0.80  // share of the CPUs that it could use
	leastSeconds  = 1.0   // of a load whose CPU use is looked at
	mostLateness  = 0.05  // share of the latency that is judged
	leastLateness = 0.001 // seconds
	leastStarts   = 100   // requests with an intended start
	mostMissed    = 0.02  // share of arrivals
	leastMissed   = 3
)

// room is what a generator had, and what it was to do with it, as far as a
// result does not tell.
type room struct {
	late     histogram // lateness of judged requests: users that all start at once cannot but be late
	arrivals int64     // of the open model, begun or dropped
	unsent   int64     // and those whose time came, but not their turn
	unbegun  int64     // and those whose users the service kept from beginning
	users    int       // the cap
	cpus     int       // that the process could use with more threads
}

// limits tells in which ways the generator was the limit.
func limits(r *Result, g room) []Limit {
	var all []Limit
	for _, l := range []Limit{
		{LimitCPU, cpuLimit(r, g)},
		{LimitLateness, latenessLimit(r, g)},
		{LimitRate, rateLimit(r, g)},
		{LimitSockets, socketsLimit(r)},
	} {
		if l.Text != "" {
			all = append(all, l)
		}
	}
	return all
}

func cpuLimit(r *Result, g room) string {
	used := r.CPUSeconds / r.Seconds
	if r.Seconds < leastSeconds || used <= mostCPU*float64(r.Threads) {
		return ""
	}
	return fmt.Sprintf("the load generator used %.2f of the %s that it could use, above %.0f %%: %s",
		used, english.Count(r.Threads, "CPU"), 100*mostCPU, moreCPU(r, g))
}

func latenessLimit(r *Result, g room) string {
	judged := r.Judged.Latency.P99
	if judged == nil || g.late.count() < leastStarts {
		return ""
	}
	late, latency := *g.late.at(99), *judged
	if late <= max(leastLateness, mostLateness*latency) {
		return ""
	}
	return fmt.Sprintf("requests began later than they were to, 1 of 100 by %.1f ms or more, above %.0f %% of the p99 latency of %.1f ms: %s",
		1000*late, 100*mostLateness, 1000*latency, moreCPU(r, g))
}

func rateLimit(r *Result, g room) string {
	if r.Total.Dropped == nil {
		return ""
	}
	arrivals, missed := g.arrivals-g.unbegun, *r.Total.Dropped-g.unbegun
	if missed < leastMissed || float64(missed) <= mostMissed*float64(arrivals) {
		return ""
	}
	text := fmt.Sprintf("%d of %d intended requests were sent, under %.0f %%", arrivals-missed, arrivals, 100*(1-mostMissed))
	if dropped := missed - g.unsent; dropped > 0 {
		text += fmt.Sprintf("; %d found none of the %s free: raise users, or expect less of the service", dropped, english.Count(g.users, "user"))
	}
	if g.unsent > 0 {
		text += fmt.Sprintf("; the generator had not come to %d before the end: %s", g.unsent, moreCPU(r, g))
	}
	return text
}

func socketsLimit(r *Result) string {
	n := int(r.Total.Errors[exchange.Socket])
	if n == 0 {
		return ""
	}
	return fmt.Sprintf("the load generator could not open %s (%s): let it open more files (ulimit -n), or use fewer users",
		english.Count(n, "socket"), r.Examples[exchange.Socket])
}

// moreCPU is what helps a generator that has too little of it.
func moreCPU(r *Result, g room) string {
	if r.Threads < g.cpus {
		return fmt.Sprintf("give it another core, --threads %d", r.Threads+1)
	}
	return "give it a machine or a container with more CPUs, or a smaller load"
}
