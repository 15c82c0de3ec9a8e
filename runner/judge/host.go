package judge

import (
	"fmt"
	"slices"
	"time"

	"plan/containers"
	"plan/engine"
	"plan/internal/exchange"
	"plan/internal/units"
	"plan/runner/journal"
)

// noneLeft is the share of the host's CPUs under which none is left for whoever
// could use more: docs/decisions/0015-disturbed-and-interfered.md.
const noneLeft = 0.05

// heldBack is the share of the periods of a CPU limit in which a service that
// used its whole quota is held back by nothing else.
const heldBack = 0.9

// unlessDisturbed makes a verdict that a lack of CPU can make inconclusive where
// others used more of the host's CPUs than the criteria allow and left none for a
// part of the time that is judged.
func (o Observation) unlessDisturbed(v Verdict, c Criteria) Verdict {
	if !v.Lack {
		return v
	}
	from, to := o.judgedTime()
	used := journal.HostCPUOf(o.Host, o.Watched(), from, to, c.CPUs)
	if used == nil || used.Foreign() <= c.Others*c.CPUs {
		return v
	}
	lacked, of := o.lackedFor(from, to, c.CPUs)
	if lacked == 0 {
		return v
	}
	disturbed := Because(journal.Disturbed, fmt.Sprintf("others used %.1f of %g CPUs, and for %s of %s none was left; with that, the trial says nothing: %s",
		used.Foreign(), c.CPUs, units.Duration(lacked.Round(time.Second)), units.Duration(of.Round(time.Second)), v.Why))
	disturbed.Failures = v.Failures[min(1, len(v.Failures)):]
	return disturbed
}

// Watched are all containers that were followed.
func (o Observation) Watched() []journal.Watched {
	var all []journal.Watched
	for _, r := range o.Replicas {
		all = append(all, journal.Watched{Name: r.Name, Role: containers.Subject, Limits: journal.LimitsOf(r.State.Limits), Usage: r.Usage})
	}
	return append(all, o.Others...)
}

// judgedTime is the part of the load that is judged; of a load whose start is
// not known all since the service was ready, and of a service that never was all
// of the trial. Zero times are no bounds.
func (o Observation) judgedTime() (from, to time.Time) {
	if o.Load == nil || o.LoadAt.IsZero() {
		return o.ReadyAt, time.Time{}
	}
	from = o.LoadAt.Add(units.Seconds(o.Load.Judged.From))
	if o.Load.Judged.Seconds > 0 {
		to = from.Add(o.judgedFor())
	}
	return from, to
}

// lackedFor is for how long the host had no CPU left while the service was below
// its own limit, and out of how much time.
func (o Observation) lackedFor(from, to time.Time, cpus float64) (lacked, of time.Duration) {
	for i, s := range o.Host {
		if i == 0 || o.Host[i-1].At.Before(from) || !to.IsZero() && s.At.After(to) {
			continue
		}
		took := s.At.Sub(o.Host[i-1].At)
		of += took
		if cpus-s.CPUBusy < noneLeft*cpus && !o.heldBack(o.Host[i-1].At, s.At) {
			lacked += took
		}
	}
	return lacked, of
}

// heldBack says whether its own limits held the service back between two
// moments: then it got what it may have.
func (o Observation) heldBack(from, to time.Time) bool {
	var periods, throttled int64
	for _, r := range o.Replicas {
		before, after := usageAt(r.Usage, from), usageAt(r.Usage, to)
		if before.Periods == nil || after.Periods == nil || before.ThrottledPeriods == nil || after.ThrottledPeriods == nil {
			return false
		}
		periods += *after.Periods - *before.Periods
		throttled += *after.ThrottledPeriods - *before.ThrottledPeriods
	}
	return periods > 0 && float64(throttled) >= heldBack*float64(periods)
}

// usageAt is the newest sample at a moment; a zero one where there is none yet.
func usageAt(usage []containers.Usage, at time.Time) containers.Usage {
	i, _ := slices.BinarySearchFunc(usage, at, func(u containers.Usage, at time.Time) int {
		if u.At.After(at) {
			return 1
		}
		return -1
	})
	if i == 0 {
		return containers.Usage{}
	}
	return usage[i-1]
}

// onlyTimedOut says whether no request failed otherwise than by taking too long.
func onlyTimedOut(r *engine.Result) bool {
	for class, n := range r.Total.Errors {
		if n > 0 && !timedOut(class) {
			return false
		}
	}
	return true
}

func timedOut(class exchange.Class) bool {
	return class == exchange.Timeout || class == exchange.ConnectTimeout
}
