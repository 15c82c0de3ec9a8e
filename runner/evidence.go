package runner

import (
	"time"

	"plan/containers"
	"plan/engine"
	"plan/internal/exchange"
	"plan/internal/units"
	"plan/runner/journal"
)

// evidence is what was seen of one container beside its state.
type evidence struct {
	started time.Time          // the container
	usage   []containers.Usage // one a second
	end     containers.Usage   // the newest sample
	host    []journal.HostSample
	log     []string
	x       exercised
}

// fill writes what was seen into the trial.
func fill(t *journal.Trial, o order, instance Instance, state containers.State, e evidence) {
	t.Phase = e.x.phase
	t.ExitCode, t.OOMKilled = state.ExitCode, &state.OOMKilled
	t.OOMKills = oomKills(state, e.end)
	if e.x.ready > 0 {
		ready := e.x.ready.Seconds()
		t.Seconds.Ready = &ready
	}
	t.Memory, t.CPU = memoryOf(state, e), cpuOf(o.limits.CPUs, e)
	t.Load = loadOf(e.x.load)
	t.Instances = []journal.Instance{{
		Name: instance.Name(), ID: instance.ID(), Address: instance.Address(),
		ExitCode: state.ExitCode, OOMKilled: &state.OOMKilled, Limits: limitsOf(state.Limits), Memory: t.Memory, CPU: t.CPU,
	}}
	t.Evidence = &journal.Evidence{
		Witnesses: state.Witnesses, Log: e.log, First: firstByName(o.load, e.x.first),
		Containers: []journal.Watched{{Name: instance.Name(), Role: containers.Subject, Limits: limitsOf(state.Limits), Usage: e.usage}},
		Events:     []journal.Event{}, Host: e.host,
	}
	if e.x.load != nil {
		t.Evidence.Series, t.Evidence.Histograms, t.Evidence.Examples = e.x.load.Series, &e.x.load.Histograms, e.x.load.Examples
	}
}

func limitsOf(l containers.Limits) journal.Limits {
	var written journal.Limits
	if l.Memory > 0 {
		written.Memory = plain(&l.Memory)
	}
	if l.CPUs > 0 {
		cpus := l.CPUs.Float()
		written.CPUs = &cpus
	}
	return written
}

func firstByName(load *engine.Load, first []exchange.Outcome) map[string]exchange.Outcome {
	named := map[string]exchange.Outcome{}
	for i, o := range first {
		named[load.Requests[i].Name] = o
	}
	return named
}

// oomKills counts processes killed for memory: the kernel's counter, or at
// least one where another witness saw it.
func oomKills(state containers.State, last containers.Usage) *int64 {
	var n int64
	if last.OOMKills != nil {
		n = *last.OOMKills
	}
	if n == 0 && len(state.Witnesses) > 0 {
		n = 1
	}
	return &n
}

func memoryOf(state containers.State, e evidence) journal.Memory {
	m := journal.Memory{
		Peak:       plain(e.end.Peak),
		Rest:       plain(e.x.rest.WorkingSet),
		WorkingSet: plain(e.end.WorkingSetPeak),
		Anonymous:  plain(e.end.AnonymousPeak),
	}
	m.Peak = greatest(m.Peak, plain(state.Peak))
	return m
}

func plain(b *units.Bytes) *int64 { return (*int64)(b) }

func greatest(a, b *int64) *int64 {
	if a == nil || (b != nil && *b > *a) {
		return b
	}
	return a
}

// cpuOf is what was used from ready to the end, against the limit.
func cpuOf(limit units.CPUs, e evidence) journal.CPU {
	from, to := e.x.rest, e.end
	if from.At.IsZero() { // never ready: since the start
		from = containers.Usage{At: e.started, CPUSeconds: new(float64), Periods: new(int64), ThrottledPeriods: new(int64)}
	}
	cpu := journal.CPU{
		Seconds: since(from.CPUSeconds, to.CPUSeconds), Periods: since(from.Periods, to.Periods),
		ThrottledPeriods: since(from.ThrottledPeriods, to.ThrottledPeriods),
	}
	if took := to.At.Sub(from.At).Seconds(); cpu.Seconds != nil && limit > 0 && took > 0 && !from.At.IsZero() {
		share := *cpu.Seconds / took / limit.Float()
		cpu.Share = &share
	}
	return cpu
}

func since[T int64 | float64](from, to *T) *T {
	if from == nil || to == nil {
		return nil
	}
	used := *to - *from
	return &used
}

func loadOf(r *engine.Result) *journal.Load {
	if r == nil {
		return nil
	}
	return &journal.Load{
		Driver: "plan", Way: "network", Transport: r.Transport,
		Requests: r.Total.Requests, OK: r.Total.OK, Failed: r.Total.Failed, InFlightAtEnd: &r.Total.InFlight,
		UsersNeverAnswered: &r.UsersNeverAnswered, UsersOverdue: &r.UsersOverdue,
		Rate: r.Rate, Seconds: r.Seconds, CPUSeconds: r.CPUSeconds, Errors: r.Total.Errors,
		LatencyOK: r.Total.LatencyOK, LatencyFailed: r.Total.LatencyFailed,
		Lateness: journal.Lateness{P99: r.Lateness.P99, Max: r.Lateness.Max},
		Judged:   r.Judged, ByRequest: r.ByRequest,
	}
}

// trialValues are the trial.* of assertions: numbers, nil where unknown.
func trialValues(t journal.Trial) map[string]any {
	values := map[string]any{
		"memory": number(t.Set.Memory), "cpus": number(t.Set.CPUs), "users": number(t.Users),
		"ready_seconds": number(t.Seconds.Ready), "memory_peak": number(t.Memory.Peak), "memory_rest": number(t.Memory.Rest),
		"memory_anonymous": number(t.Memory.Anonymous), "cpu_share": number(t.CPU.Share), "throttled_share": throttledShare(t.CPU),
		"exit_code": number(t.ExitCode), "oom_kills": number(t.OOMKills),
	}
	for _, name := range []string{"requests", "ok", "failed", "error_rate", "throughput", "p50", "p90", "p95", "p99", "p999", "max"} {
		values[name] = nil
	}
	if t.Load != nil {
		j := t.Load.Judged
		values["requests"], values["ok"], values["failed"] = float64(t.Load.Requests), float64(t.Load.OK), float64(t.Load.Failed)
		values["error_rate"] = errorRate(j)
		values["throughput"] = j.OKRate
		for _, name := range []string{"p50", "p90", "p95", "p99", "p999", "max"} {
			values[name] = number(percentile(name, j.Latency))
		}
	}
	return values
}

func number[T int | int64 | float64](n *T) any {
	if n == nil {
		return nil
	}
	return float64(*n)
}

func throttledShare(c journal.CPU) any {
	if c.Periods == nil || c.ThrottledPeriods == nil || *c.Periods == 0 {
		return nil
	}
	return float64(*c.ThrottledPeriods) / float64(*c.Periods)
}
