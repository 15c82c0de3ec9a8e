package journal

import (
	"time"

	"plan/internal/metrics"
)

// Value returns a metric of the trial, in the metric's unit; nil where it is not
// known. A trial without a load has no metric of a load.
func (t Trial) Value(m metrics.Metric) *float64 {
	switch m.Name {
	case "users":
		return number(t.Users)
	case "ready_seconds":
		return t.Seconds.Ready
	case "memory_peak":
		return number(t.Memory.Peak)
	case "memory_rest":
		return number(t.Memory.Rest)
	case "memory_anonymous":
		return number(t.Memory.Anonymous)
	case "cpu_share":
		return t.CPU.Share
	case "throttled_share":
		return t.CPU.ThrottledShare()
	case "exit_code":
		return number(t.ExitCode)
	case "oom_kills":
		return number(t.OOMKills)
	}
	if t.Load == nil {
		return nil
	}
	switch m.Name {
	case "requests":
		return number(&t.Load.Requests)
	case "ok":
		return number(&t.Load.OK)
	case "failed":
		return number(&t.Load.Failed)
	}
	return t.Load.Judged.Value(m)
}

func number[T int | int64](n *T) *float64 {
	if n == nil {
		return nil
	}
	return new(float64(*n))
}

// ThrottledShare returns the share of the quota's periods in which the service was
// throttled; nil without a quota.
func (c CPU) ThrottledShare() *float64 {
	if c.Periods == nil || c.ThrottledPeriods == nil || *c.Periods == 0 {
		return nil
	}
	return new(float64(*c.ThrottledPeriods) / float64(*c.Periods))
}

// edges is how much of a time range samples, one a second, may miss.
const edges = 2 * time.Second

// MeanCPUs returns the mean use between from and to, in CPUs, also where the
// container existed for a part of that time only; over all samples where both are
// zero. A counter that fell was reset: a neighbour was restarted, or another one
// took its name.
func (w Watched) MeanCPUs(from, to time.Time) float64 {
	var first, last time.Time
	var used, before float64
	for _, u := range w.Usage {
		if u.CPUSeconds == nil || u.At.Before(from) || !to.IsZero() && u.At.After(to) {
			continue
		}
		switch {
		case first.IsZero():
			first = u.At
		case *u.CPUSeconds < before:
			used += *u.CPUSeconds
		default:
			used += *u.CPUSeconds - before
		}
		last, before = u.At, *u.CPUSeconds
	}
	if !last.After(first) {
		return 0
	}
	return used / max(last.Sub(first), to.Sub(from)-edges).Seconds()
}
