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

// idleShare is the share of the host's CPUs under which none is left for whoever
// could use more: docs/decisions/0015-disturbed-and-interfered.md.
const idleShare = 0.05

// A service whose own CPU limit throttled it in so many of its periods is held
// back by that. Around a moment so much time is looked at, since a period takes
// 100 ms.
const (
	throttledShare   = 0.9
	throttlingMargin = 900 * time.Millisecond
)

// leastShortage is the share of the judged time for which CPU has to lack.
const leastShortage = 0.01

// unlessDisturbed makes a verdict that a lack of CPU can make inconclusive where
// others used more of the host's CPUs than the criteria allow while there was one.
func (o Observation) unlessDisturbed(v Verdict, c Criteria) Verdict {
	if !v.CPUShortage || c.CPUs == 0 {
		return v
	}
	l := o.cpuShortage(c.CPUs)
	if l.lasted.Seconds() <= leastShortage*l.of.Seconds() || l.foreign <= c.Others*c.CPUs {
		return v
	}
	disturbed := Because(journal.Disturbed, fmt.Sprintf("for %s of %s none of %g CPUs was left, of which others used %.1f; with that, the trial says nothing: %s",
		units.Duration(l.lasted.Round(tenth)), units.Duration(l.of.Round(tenth)), c.CPUs, l.foreign, v.Why))
	disturbed.Failures = v.Failures[min(1, len(v.Failures)):]
	return disturbed
}

const tenth = 100 * time.Millisecond

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
	if o.Load == nil || o.Source.Began.IsZero() {
		return o.ReadyAt, time.Time{}
	}
	from = o.Source.Began.Add(units.Seconds(o.Load.Judged.From))
	if o.Load.Judged.Seconds > 0 {
		to = from.Add(o.judgedFor())
	}
	return from, to
}

// shortage is the time in which the host had no CPU left while the service was below
// its own limit.
type shortage struct {
	lasted, of time.Duration
	foreign    float64 // CPUs that nothing of the run used meanwhile, the mean
}

func (o Observation) cpuShortage(cpus float64) (l shortage) {
	from, to := o.judgedTime()
	for i := 1; i < len(o.Samples.Host); i++ {
		begin, end, busy := o.Samples.Host[i-1].At, o.Samples.Host[i].At, o.Samples.Host[i].CPUBusy
		if begin.Before(from) || !to.IsZero() && end.After(to) {
			continue
		}
		took := end.Sub(begin)
		l.of += took
		if cpus-busy < idleShare*cpus && !o.throttled(begin, end, from, to) {
			l.lasted += took
			l.foreign += busy*took.Seconds() - o.usedByRun(begin, end)
		}
	}
	l.foreign /= max(l.lasted, 1).Seconds()
	return l
}

// usedByRun is what all of the run used between two moments, in CPU seconds.
func (o Observation) usedByRun(from, to time.Time) (seconds float64) {
	for _, usage := range o.Samples.Own {
		seconds += secondsBetween(usage, from, to)
	}
	for _, w := range o.Samples.Others {
		if w.Role != containers.Neighbour {
			seconds += secondsBetween(w.Usage, from, to)
		}
	}
	return seconds
}

func secondsBetween(usage []containers.Usage, from, to time.Time) float64 {
	before, after := usageAt(usage, from).CPUSeconds, usageAt(usage, to).CPUSeconds
	if before == nil || after == nil {
		return 0
	}
	return max(0, *after-*before)
}

// throttled says whether its own limits held the service back around some time,
// within bounds: then it got what it may have.
func (o Observation) throttled(begin, end, from, to time.Time) bool {
	if begin = begin.Add(-throttlingMargin); begin.Before(from) {
		begin = from
	}
	if end = end.Add(throttlingMargin); !to.IsZero() && end.After(to) {
		end = to
	}
	var periods, throttled int64
	for _, usage := range o.Samples.Own {
		before, after := usageAt(usage, begin), usageAt(usage, end)
		if before.Periods == nil || after.Periods == nil || before.ThrottledPeriods == nil || after.ThrottledPeriods == nil {
			return false
		}
		periods += *after.Periods - *before.Periods
		throttled += *after.ThrottledPeriods - *before.ThrottledPeriods
	}
	return periods > 0 && float64(throttled) >= throttledShare*float64(periods)
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
