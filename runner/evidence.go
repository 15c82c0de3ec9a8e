package runner

import (
	"slices"

	"plan/containers"
	"plan/internal/exchange"
	"plan/internal/units"
	"plan/runner/journal"
)

// evidence is what was seen of a trial's containers; lists are by replica.
type evidence struct {
	team   team
	states []containers.State
	end    []containers.Usage // the newest samples
	series series
	log    []string
	x      exercised
}

// fill writes what was seen into the trial.
func (e evidence) fill(t *journal.Trial, o order, decisive int, hostCPUs float64) {
	t.Phase = e.x.phase
	if e.x.ready > 0 {
		t.Seconds.Ready = new(e.x.ready.Seconds())
	}
	t.Instances = e.instances(o.limits.CPUs)
	sum(t, e.states, decisive)
	t.Load = loadOf(e.x)
	watched := append(e.own(), e.series.others...)
	if !e.x.readyAt.IsZero() {
		t.Host = hostCPU(e.series.host, watched, e.x.readyAt, hostCPUs)
	}
	t.Evidence = &journal.Evidence{
		Witnesses: witnesses(e.states), Log: e.log, First: firstByName(e.x.asked, e.x.first),
		Containers: watched, Events: e.series.events, Host: e.series.host,
	}
	if e.x.load != nil {
		t.Evidence.Series, t.Evidence.Histograms, t.Evidence.Examples = e.x.load.Series, &e.x.load.Histograms, e.x.load.Examples
	}
}

// instances tells of each container.
func (e evidence) instances(limit units.CPUs) []journal.Instance {
	list := make([]journal.Instance, len(e.team))
	for i, instance := range e.team {
		state := e.states[i]
		list[i] = journal.Instance{
			Name: instance.Name(), ID: instance.ID(), Address: instance.Address(),
			ExitCode: state.ExitCode, OOMKilled: &state.OOMKilled, OOMKills: oomKills(state, e.end[i]),
			Requests: e.requests(instance.Address()),
			Limits:   writtenLimits(state.Limits), Memory: e.memory(i), CPU: e.cpu(i, limit),
		}
	}
	return list
}

// requests is how many were sent to an address; nil where the load's driver
// does not tell.
func (e evidence) requests(address string) *int64 {
	if e.x.load == nil || e.x.load.PerAddress == nil {
		return nil
	}
	return new(e.x.load.PerAddress[address])
}

// own are the series of the trial's own containers.
func (e evidence) own() []journal.Watched {
	list := make([]journal.Watched, len(e.team))
	for i, instance := range e.team {
		list[i] = journal.Watched{Name: instance.Name(), Role: containers.Subject, Limits: writtenLimits(e.states[i].Limits)}
		if i < len(e.series.own) {
			list[i].Usage = e.series.own[i]
		}
	}
	return list
}

func witnesses(states []containers.State) []containers.Witness {
	all := states[0].Witnesses
	for _, s := range states[1:] {
		all = append(slices.Clip(all), s.Witnesses...)
	}
	return all
}

func writtenLimits(l containers.Limits) journal.Limits {
	var written journal.Limits
	if l.Memory > 0 {
		written.Memory = plain(&l.Memory)
	}
	if l.CPUs > 0 {
		written.CPUs = new(l.CPUs.Float())
	}
	return written
}

func firstByName(asked []exchange.Request, first []exchange.Outcome) map[string]exchange.Outcome {
	named := map[string]exchange.Outcome{}
	for i, o := range first {
		named[asked[i].Name] = o
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

func (e evidence) memory(i int) journal.Memory {
	m := journal.Memory{
		Peak:       plain(e.end[i].Peak),
		WorkingSet: plain(e.end[i].WorkingSetPeak),
		Anonymous:  plain(e.end[i].AnonymousPeak),
	}
	if e.x.rest != nil {
		m.Rest = plain(e.x.rest[i].WorkingSet)
	}
	m.Peak = greatest(m.Peak, plain(e.states[i].Peak))
	return m
}

func plain(b *units.Bytes) *int64 { return (*int64)(b) }

func greatest(a, b *int64) *int64 {
	if a == nil || (b != nil && *b > *a) {
		return b
	}
	return a
}

// cpu is what a container used from ready to the end, against its limit.
func (e evidence) cpu(i int, limit units.CPUs) journal.CPU {
	to := e.end[i]
	// Never ready: since the start.
	from := containers.Usage{At: e.states[i].Started, CPUSeconds: new(float64), Periods: new(int64), ThrottledPeriods: new(int64)}
	if e.x.rest != nil && !e.x.rest[i].At.IsZero() {
		from = e.x.rest[i]
	}
	cpu := journal.CPU{
		Seconds: since(from.CPUSeconds, to.CPUSeconds), Periods: since(from.Periods, to.Periods),
		ThrottledPeriods: since(from.ThrottledPeriods, to.ThrottledPeriods),
	}
	if took := to.At.Sub(from.At).Seconds(); cpu.Seconds != nil && limit > 0 && took > 0 && !from.At.IsZero() {
		cpu.Share = new(*cpu.Seconds / took / limit.Float())
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

// loadOf tells of a load, whoever made it.
func loadOf(x exercised) *journal.Load {
	if x.load == nil {
		return nil
	}
	load := journal.LoadOf(*x.load)
	if d := x.driven; d != nil {
		load.Driver, load.Version, load.CPUShare = "locust", d.version, d.cpuShare
	}
	return &load
}

// trialValues are the trial.* of assertions: numbers, nil where unknown.
func trialValues(t journal.Trial) map[string]any {
	values := map[string]any{
		"memory": number(t.Set.Memory), "cpus": number(t.Set.CPUs), "replicas": number(t.Set.Replicas), "users": number(t.Users),
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
