package containers

import (
	"cmp"

	"plan/internal/units"
)

// WorkingSet returns the memory in use as docker stats shows it: usage minus
// the inactive file cache, which the kernel reclaims first. It returns nil if
// either is unknown.
func WorkingSet(usage, inactiveFile *units.Bytes) *units.Bytes {
	if usage == nil || inactiveFile == nil {
		return nil
	}
	return new(max(0, *usage-*inactiveFile))
}

// After returns u, a new sample, with the highest figures of all samples so
// far. base holds the counters at the time when u's control group was created:
// they restart from zero with the container.
func (u Usage) After(previous, base Usage) Usage {
	u.CPUSeconds = add(u.CPUSeconds, base.CPUSeconds)
	u.Periods = add(u.Periods, base.Periods)
	u.ThrottledPeriods = add(u.ThrottledPeriods, base.ThrottledPeriods)
	u.ThrottledSeconds = add(u.ThrottledSeconds, base.ThrottledSeconds)
	u.OOMKills = add(u.OOMKills, base.OOMKills)
	u.MajorFaults = add(u.MajorFaults, base.MajorFaults)
	u.Refaults = add(u.Refaults, base.Refaults)
	if u.First, u.FirstCPU = previous.First, previous.FirstCPU; u.FirstCPU == nil {
		u.First, u.FirstCPU = u.At, u.CPUSeconds
	}
	u.Peak = highest(u.Peak, previous.Peak)
	u.WorkingSetPeak = highest(u.WorkingSet, previous.WorkingSetPeak)
	u.AnonymousPeak = highest(u.Anonymous, previous.AnonymousPeak)
	return u
}

func add[T int64 | float64](a, b *T) *T {
	if a == nil || b == nil {
		return cmp.Or(a, b)
	}
	return new(*a + *b)
}

func highest(a, b *units.Bytes) *units.Bytes {
	if a == nil || b == nil {
		return cmp.Or(a, b)
	}
	return new(max(*a, *b))
}
