package containers

import (
	"cmp"

	"plan/internal/units"
)

// WorkingSet is what docker stats shows as memory in use: the usage less the
// file cache that the kernel would drop first. Nil when either is not known.
func WorkingSet(usage, inactiveFile *units.Bytes) *units.Bytes {
	if usage == nil || inactiveFile == nil {
		return nil
	}
	return new(max(0, *usage-*inactiveFile))
}

// After makes u, a new sample, carry the highest figures of the samples before
// it. Base is what counters had reached when the group that u comes from was
// made: a container that restarts counts from zero again.
func (u Usage) After(previous, base Usage) Usage {
	u.CPUSeconds = add(u.CPUSeconds, base.CPUSeconds)
	u.Periods = add(u.Periods, base.Periods)
	u.ThrottledPeriods = add(u.ThrottledPeriods, base.ThrottledPeriods)
	u.ThrottledSeconds = add(u.ThrottledSeconds, base.ThrottledSeconds)
	u.OOMKills = add(u.OOMKills, base.OOMKills)
	u.MajorFaults = add(u.MajorFaults, base.MajorFaults)
	u.Refaults = add(u.Refaults, base.Refaults)
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
