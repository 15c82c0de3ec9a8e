package evidence

import (
	"slices"

	"plan/runner/journal"
	"plan/runner/judge"
)

// sum fills in the figures of all instances of a trial in sum. The exit code is that
// of the decisive replica, or else the first one.
func sum(t *journal.Trial, observed judge.Observation) {
	oomKilled := false
	t.ExitCode = observed.Replicas[observed.Decisive()].State.ExitCode
	for _, one := range t.Instances {
		oomKilled = oomKilled || *one.OOMKilled
		if t.ExitCode == nil {
			t.ExitCode = one.ExitCode
		}
	}
	t.OOMKills, t.OOMKilled = total(t.Instances, func(i journal.Instance) *int64 { return i.OOMKills }), &oomKilled
	t.Memory = journal.Memory{
		Peak:       total(t.Instances, func(i journal.Instance) *int64 { return i.Memory.Peak }),
		Rest:       total(t.Instances, func(i journal.Instance) *int64 { return i.Memory.Rest }),
		Anonymous:  total(t.Instances, func(i journal.Instance) *int64 { return i.Memory.Anonymous }),
		WorkingSet: total(t.Instances, func(i journal.Instance) *int64 { return i.Memory.WorkingSet }),
	}
	t.CPU = journal.CPU{
		Seconds:          total(t.Instances, func(i journal.Instance) *float64 { return i.CPU.Seconds }),
		Periods:          total(t.Instances, func(i journal.Instance) *int64 { return i.CPU.Periods }),
		ThrottledPeriods: total(t.Instances, func(i journal.Instance) *int64 { return i.CPU.ThrottledPeriods }),
		Share:            total(t.Instances, func(i journal.Instance) *float64 { return i.CPU.Share }),
	}
	unknown := func(i journal.Instance) bool { return i.Files == nil }
	if !slices.ContainsFunc(t.Instances, unknown) {
		t.Files = &journal.Files{
			Mapped:      total(t.Instances, func(i journal.Instance) *int64 { return i.Files.Mapped }),
			Resident:    total(t.Instances, func(i journal.Instance) *int64 { return i.Files.Resident }),
			MajorFaults: total(t.Instances, func(i journal.Instance) *int64 { return i.Files.MajorFaults }),
			Refaults:    total(t.Instances, func(i journal.Instance) *int64 { return i.Files.Refaults }),
		}
	}
	if t.CPU.Share != nil { // all have the same limit
		*t.CPU.Share /= float64(len(t.Instances))
	}
}

// total returns the sum of a figure; nil where it is not known of one.
func total[T int64 | float64](all []journal.Instance, of func(journal.Instance) *T) *T {
	var total T
	for _, one := range all {
		figure := of(one)
		if figure == nil {
			return nil
		}
		total += *figure
	}
	return &total
}
