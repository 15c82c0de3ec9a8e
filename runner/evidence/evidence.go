// Package evidence writes what was observed in a trial into its record: figures
// for each instance and in sum, and the evidence that the journal keeps. It is
// pure, and knows nothing of verdicts.
package evidence

import (
	"time"

	"plan/containers"
	"plan/internal/exchange"
	"plan/internal/metrics"
	"plan/internal/units"
	"plan/plans"
	"plan/runner/journal"
	"plan/runner/judge"
)

// Record writes what was observed into the trial. limit is that of each replica's
// CPUs, 0 for none; hostCPUs are those of the engine's machine.
func Record(t *journal.Trial, observed judge.Observation, limit units.CPUs, hostCPUs float64) {
	t.Phase, t.Notes, t.Unexplained = observed.Phase, observed.Notes, observed.Unexplained()
	if observed.ReadyAfter > 0 {
		t.Seconds.Ready = new(observed.ReadyAfter.Seconds())
	}
	first := map[string]exchange.Outcome{}
	for i, o := range observed.First {
		first[observed.Requests[i].Name] = o
	}
	t.Evidence = &journal.Evidence{
		Log: observed.Log, First: first, LostShare: observed.LostShare, Events: observed.Events, Host: observed.Host,
	}
	for i, answers := range observed.Answers {
		if len(answers) > 0 {
			last := len(answers) - 1
			t.Evidence.After = append(t.Evidence.After,
				journal.After{Replica: i + 1, Request: observed.Again[i][last].Name, Outcome: answers[last]})
		}
	}
	for _, r := range observed.Replicas {
		t.Instances = append(t.Instances, instanceOf(r, limit, observed))
		t.Evidence.Witnesses = append(t.Evidence.Witnesses, r.State.Witnesses...)
	}
	t.Evidence.Containers = observed.Watched()
	sum(t, observed)
	if !observed.ReadyAt.IsZero() {
		t.Host = journal.HostCPUOf(observed.Host, t.Evidence.Containers, observed.ReadyAt, time.Time{}, hostCPUs)
	}
	if observed.Load != nil {
		t.Load = new(journal.LoadOf(*observed.Load, observed.Source))
		t.Load.Started = observed.LoadStarted
		t.Evidence.Series, t.Evidence.Examples = observed.Load.Series, observed.Load.Examples
		t.Evidence.Histograms = &observed.Load.Histograms
	}
}

// instanceOf returns the record of one container.
func instanceOf(r judge.Replica, limit units.CPUs, observed judge.Observation) journal.Instance {
	// Processes killed for memory: the kernel's number, or 1 where only another witness saw a kill.
	kills := new(int64)
	if r.End.OOMKills != nil {
		*kills = *r.End.OOMKills
	}
	switch {
	case *kills > 0:
	case len(r.State.Witnesses) > 0:
		*kills = 1
	case r.State.KillsUnknown:
		kills = nil
	}
	// CPU is what it used from readiness to the end, and its share of the limit; from
	// its start where it was never ready.
	from, sampled := r.Rest, r.Rest
	if from.At.IsZero() {
		from = containers.Usage{CPUSeconds: new(float64), Periods: new(int64), ThrottledPeriods: new(int64)}
		// The share is that of the time between two samples. The time at which the engine has the container as started
		// is later than its start, on a busy machine later than its end.
		sampled = containers.Usage{At: r.End.First, CPUSeconds: r.End.FirstCPU}
	}
	cpu := journal.CPU{
		Seconds: since(from.CPUSeconds, r.End.CPUSeconds), Periods: since(from.Periods, r.End.Periods),
		ThrottledPeriods: since(from.ThrottledPeriods, r.End.ThrottledPeriods),
	}
	took, used := r.End.At.Sub(sampled.At).Seconds(), since(sampled.CPUSeconds, r.End.CPUSeconds)
	if used != nil && limit > 0 && took > 0 && !sampled.At.IsZero() {
		// The kernel allows no more than the limit, and the quota of one period at any moment of it.
		cpu.Share = new(min(1, *used/took/limit.Float()))
	}
	instance := journal.Instance{
		Name: r.Name, ID: r.ID, Address: r.Address,
		ExitCode: r.State.ExitCode, OOMKilled: &r.State.OOMKilled, OOMKills: kills, Processes: r.Processes,
		Killed: r.State.Killed, Displaced: r.State.Displaced, Restarts: max(r.State.Restarts, r.Starts-1, 0),
		Limits: journal.Limits(r.State.Limits), CPU: cpu,
		Memory: journal.Memory{
			Peak: plain(r.End.Peak), Rest: plain(r.Rest.WorkingSet),
			WorkingSet: plain(r.End.WorkingSetPeak), Anonymous: plain(r.End.AnonymousPeak),
		},
	}
	files := journal.Files{
		Mapped: plain(r.End.MappedFile), Resident: plain(r.Resident),
		MajorFaults: r.End.MajorFaults, Refaults: r.End.Refaults,
	}
	if files != (journal.Files{}) { // else nothing is known
		instance.Files = &files
	}
	if observed.Load != nil {
		instance.BeforeLoad = &journal.PageFaults{MajorFaults: r.Loaded.MajorFaults, Refaults: r.Loaded.Refaults}
	}
	if peak := plain(r.State.Peak); instance.Memory.Peak == nil || peak != nil && *peak > *instance.Memory.Peak {
		instance.Memory.Peak = peak
	}
	if observed.Load != nil && observed.Load.PerAddress != nil { // else the driver does not count them
		instance.Requests = new(observed.Load.PerAddress[r.Address])
	}
	return instance
}

func plain(b *units.Bytes) *int64 { return (*int64)(b) }

// since returns the difference of two counters; nil where one is not known.
func since[T int64 | float64](from, to *T) *T {
	if from == nil || to == nil {
		return nil
	}
	used := *to - *from
	return &used
}

// Values returns the numbers that conditions refer to as trial.NAME, by NAME. What
// is not known is missing.
func Values(t journal.Trial) map[string]any {
	values, set := map[string]any{}, t.Set.Values()
	for _, d := range plans.Settable() {
		if v := set.Get(d); v != 0 {
			values[string(d)] = d.Number(v)
		}
	}
	for _, m := range metrics.All() {
		if v := t.Value(m); v != nil {
			values[m.Name] = *v
		}
	}
	return values
}
