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

// idleShare is the idle share of the host's CPUs below which there is a shortage:
// docs/decisions/0015-disturbed-and-interfered.md.
const idleShare = 0.05

// A service is throttled where its own CPU limit held it back in throttledShare of
// its periods. Since a period takes 100 ms, the time throttlingMargin before and
// after counts too.
const (
	throttledShare   = 0.9
	throttlingMargin = 900 * time.Millisecond
)

// leastShortage is the share of the judged time that a shortage has to exceed.
const leastShortage = 0.01

// unlessDisturbed makes a verdict that a shortage of CPU can cause inconclusive,
// where others used more CPUs during the shortage than the criteria allow.
func (o Observation) unlessDisturbed(v Verdict, c Criteria) Verdict {
	if !v.CPUShortage || c.CPUs == 0 {
		return v
	}
	l := o.cpuShortage(c.CPUs)
	if l.lasted.Seconds() <= leastShortage*l.of.Seconds() || l.foreign <= c.Others*c.CPUs {
		return v
	}
	disturbed := Because(journal.Disturbed, fmt.Sprintf("no CPU of the host was idle for %s of %s: other programs used %.1f of %g CPUs; the failure does not count: %s",
		units.Duration(l.lasted.Round(tenth)), units.Duration(l.of.Round(tenth)), l.foreign, c.CPUs, v.Why))
	disturbed.Failures = v.Failures[min(1, len(v.Failures)):]
	return disturbed
}

const tenth = 100 * time.Millisecond

// Watched returns the series of all containers.
func (o Observation) Watched() []journal.Watched {
	var all []journal.Watched
	for _, r := range o.Replicas {
		all = append(all, journal.Watched{Name: r.Name, Role: containers.Subject, Limits: journal.Limits(r.State.Limits), Usage: r.Usage})
	}
	return append(all, o.Others...)
}

// shortage is the time in which the host had no idle CPU while the service was not
// throttled.
type shortage struct {
	lasted, of time.Duration
	foreign    float64 // mean CPUs that others used meanwhile
}

// cpuShortage covers the judged window. Where the start of the load is not known,
// that is all since readiness; where the service was never ready, all of the trial.
func (o Observation) cpuShortage(cpus float64) (l shortage) {
	from, to := o.ReadyAt, time.Time{} // zero times are no bounds
	if o.Load != nil && !o.Source.Began.IsZero() {
		from = o.Source.Began.Add(units.Seconds(o.Load.Judged.From))
		if o.Load.Judged.Seconds > 0 {
			to = from.Add(o.judgedFor())
		}
	}
	for i := 1; i < len(o.Samples.Host); i++ {
		begin, end, busy := o.Samples.Host[i-1].At, o.Samples.Host[i].At, o.Samples.Host[i].CPUBusy
		if begin.Before(from) || !to.IsZero() && end.After(to) {
			continue
		}
		took := end.Sub(begin)
		l.of += took
		if cpus-busy < idleShare*cpus && !o.throttled(begin, end, from, to) {
			l.lasted += took
			own := 0.0 // CPU seconds of the containers of the run
			for _, usage := range o.Samples.Own {
				own += secondsBetween(usage, begin, end)
			}
			for _, w := range o.Samples.Others {
				if w.Role != containers.Neighbour {
					own += secondsBetween(w.Usage, begin, end)
				}
			}
			l.foreign += busy*took.Seconds() - own
		}
	}
	l.foreign /= max(l.lasted, 1).Seconds()
	return l
}

func secondsBetween(usage []containers.Usage, from, to time.Time) float64 {
	before, after := usageAt(usage, from).CPUSeconds, usageAt(usage, to).CPUSeconds
	if before == nil || after == nil {
		return 0
	}
	return max(0, *after-*before)
}

// throttled reports whether its own limits held the service back between begin and
// end, and shortly before and after, within from and to.
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

// usageAt returns the newest sample at a moment; the zero one where there is none.
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

// onlyTimedOut reports whether timeouts are the only errors.
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
