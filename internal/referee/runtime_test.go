package referee

import (
	"context"
	"fmt"
	"io"
	"slices"
	"strings"
	"sync"
	"time"

	"plan/agent"
	"plan/containers"
	"plan/engine"
	"plan/inference"
	"plan/internal/exchange"
	"plan/internal/host"
	"plan/internal/units"
	"plan/runner"
	"plan/runner/images"
	"plan/runner/journal"
)

// runtime simulates an engine on the machine, and the agent on its network.
type runtime struct {
	*machine
	trials int
}

func (r *runtime) Push(context.Context, string, string, func(string)) (images.Image, error) {
	return images.Image{ID: "sha256:1"}, nil
}

func (r *runtime) Image(context.Context, string, containers.Pull, func(string)) (images.Image, error) {
	return images.Image{ID: "sha256:1"}, nil
}

func (*runtime) Volume(_ context.Context, name string, _ bool) (containers.RunVolume, error) {
	return containers.RunVolume{Name: name}, nil
}
func (r *runtime) Network(context.Context, string, bool) (string, error) { return "net", nil }

func (r *runtime) Agent(context.Context, []string) (io.ReadWriteCloser, error) { return nil, nil }

func (r *runtime) GPUs(context.Context, int) error { return nil }

func (r *runtime) Local(string) bool { return true }

func (r *runtime) Clean(context.Context) error { return nil }

func (r *runtime) Away(context.Context, time.Time) (bool, error) { return false, nil }

func (r *runtime) Evict(context.Context, string, []containers.Volume) containers.Eviction {
	if r.world.evicted {
		return containers.Eviction{}
	}
	return containers.Eviction{Left: "no root"}
}

func (r *runtime) ContainerStats(context.Context) (runner.ContainerStats, error) {
	return beside{r.machine}, nil
}

type beside struct{ machine *machine }

func (b beside) Readings() []containers.Reading {
	m := b.machine
	m.mu.Lock()
	defer m.mu.Unlock()
	all := []containers.Reading{{Name: "agent", Role: containers.Generator, Usage: containers.Usage{At: time.Now(), CPUSeconds: new(m.agent)}}}
	if m.world.known {
		all = append(all, containers.Reading{Name: "loops", Role: containers.Neighbour, Usage: containers.Usage{At: time.Now(), CPUSeconds: new(m.foreign)}})
	}
	return all
}

func (b beside) Close() error { return nil }

func (r *runtime) Start(_ context.Context, spec containers.Spec) (runner.Instance, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.trials++
	c := &container{
		machine: r.machine, limits: spec.Limits, events: make(chan containers.Event, 16), gone: make(chan struct{}), ready: make(chan struct{}),
		left: r.world.starts, used: r.world.memory, state: containers.State{Running: true, Started: time.Now()},
	}
	if r.world.evicted {
		c.used += r.world.files
	}
	r.subject = c
	c.events <- containers.Event{Kind: containers.Started, At: time.Now()}
	if r.trials <= r.world.times || r.world.deed == supervisor || r.world.deed == hostKiller {
		c.suffer()
	}
	if c.used > c.limits.Memory {
		c.later(time.Second, c.outOfMemory)
	}
	return c, nil
}

// container is the service in a trial. The machine's lock protects it.
type container struct {
	machine *machine
	limits  containers.Limits
	events  chan containers.Event
	gone    chan struct{}
	once    sync.Once
	ready   chan struct{}

	state              containers.State
	left               float64 // CPU seconds until it is ready
	used               units.Bytes
	cut                bool // it is paused, or disconnected
	cpu                float64
	periods, throttled int64

	users       int // active users; 0 without a load
	ticks, late int // seconds of the load, and those in which it could not keep up
}

// wants returns the CPUs that it and its load need.
func (c *container) wants() (service, load float64) {
	switch {
	case !c.state.Running || c.cut:
		return 0, 0
	case c.left > 0:
		return 1, 0
	case c.users > 0:
		return c.machine.world.demand * float64(c.users) / 100, generated
	}
	return 0.01, 0
}

func (c *container) quota() float64 {
	if c.limits.CPUs == 0 {
		return hostCPUs
	}
	return c.limits.CPUs.Float()
}

// use consumes its share of a tick, and reports whether it lacked CPU within
// its limit.
func (c *container) use(wanted, got float64) (lacked bool) {
	c.cpu += got * tick.Seconds()
	if got > 0 {
		c.periods += int64(tick / period)
	}
	if wanted > c.quota() && got >= c.quota()-1e-9 {
		c.throttled += int64(tick / period)
	}
	if c.left > 0 {
		if c.left -= got * tick.Seconds(); c.left <= 0 {
			close(c.ready)
		}
	} else if c.users > 0 {
		c.ticks++
		if got < wanted-1e-9 {
			c.late++
		}
	}
	return got < min(wanted, c.quota())-1e-9
}

// suffer applies the drawn disturbance.
func (c *container) suffer() {
	w := c.machine.world
	at := 12 * time.Second
	if w.atStart {
		at = 700 * time.Millisecond
	}
	tell := func(kind containers.EventKind) {
		c.events <- containers.Event{Kind: kind, At: time.Now(), Detail: "what was done"}
	}
	kill := func(before func()) {
		if c.limits.Memory < w.below {
			c.later(at, func() { before(); c.end(137) })
		}
	}
	switch w.deed {
	case pausing:
		c.later(at, func() { c.cut = true; tell(containers.Paused) })
	case unplugging:
		c.later(at, func() { c.cut = true; tell(containers.Disconnected) })
	case raising:
		c.later(at, func() { tell(containers.Updated) })
		c.raise()
	case silently:
		c.raise()
	case executing:
		c.later(at, func() {
			tell(containers.Executed)
			if c.used+w.eats > c.limits.Memory {
				c.outOfMemory()
			}
		})
	case supervisor:
		kill(func() {})
	case hostKiller:
		kill(func() { c.machine.oomKills++ })
	case killing:
		kill(func() { c.state.Killed = true })
	}
}

// raise increases the searched limit above that of the start.
func (c *container) raise() {
	c.limits.Memory += 3 * memoryStep
	c.limits.CPUs += 500
}

// later disturbs it at a later time, unless it has ended by then.
func (c *container) later(after time.Duration, do func()) {
	go func() {
		select {
		case <-time.After(after):
		case <-c.gone:
			return
		}
		c.machine.mu.Lock()
		defer c.machine.mu.Unlock()
		if c.state.Running && !isClosed(c.gone) {
			do()
		}
	}()
}

func isClosed(c chan struct{}) bool {
	select {
	case <-c:
		return true
	default:
		return false
	}
}

func (c *container) end(code int) {
	c.state.Running, c.state.ExitCode, c.state.Finished = false, &code, time.Now()
	c.events <- containers.Event{Kind: containers.Died, At: time.Now()}
}

func (c *container) outOfMemory() {
	c.state.Witnesses = []containers.Witness{{Source: "counter", At: time.Now()}}
	c.machine.oomKills++
	c.events <- containers.Event{Kind: containers.OOM, At: time.Now()}
	c.end(137)
}

func (c *container) Name() string                    { return "api-1" }
func (c *container) ID() string                      { return "01" }
func (c *container) Address() string                 { return "10.0.0.2:8000" }
func (c *container) Events() <-chan containers.Event { return c.events }

func (c *container) Usage() (containers.Usage, bool) {
	c.machine.mu.Lock()
	defer c.machine.mu.Unlock()
	mapped := units.Bytes(0)
	if c.machine.world.evicted {
		mapped = c.machine.world.files
	}
	used, anonymous := c.used, c.used-mapped
	return containers.Usage{
		At: time.Now(), WorkingSet: &used, WorkingSetPeak: &used, Peak: &used, Anonymous: &anonymous, AnonymousPeak: &anonymous,
		MappedFile: &mapped, CPUSeconds: new(c.cpu), Periods: new(c.periods), ThrottledPeriods: new(c.throttled),
	}, true
}

func (c *container) State(context.Context) (containers.State, error) {
	time.Sleep(500 * time.Millisecond) // late witnesses are looked for after an end
	c.machine.mu.Lock()
	defer c.machine.mu.Unlock()
	s := c.state
	s.Limits = c.limits
	return s, nil
}

func (c *container) Healthcheck(context.Context) (containers.Healthcheck, error) {
	return containers.Healthcheck{}, nil
}

func (c *container) SetCPUs(context.Context, units.CPUs) error { return nil }

func (c *container) Exec(ctx context.Context, _ []string) (containers.Exit, error) {
	if isClosed(c.ready) {
		return containers.Exit{}, nil
	}
	return containers.Exit{Code: 1}, nil
}

func (c *container) Resident(context.Context) *units.Bytes {
	files := c.machine.world.files
	return &files
}

func (c *container) Processes(context.Context) []containers.Process { return nil }
func (c *container) Logs(context.Context, int) ([]string, error)    { return nil, nil }
func (c *container) LogCut(context.Context) bool                    { return false }

func (c *container) Follow(context.Context) (io.ReadCloser, error) {
	return io.NopCloser(strings.NewReader("")), nil
}

func (c *container) Remove(context.Context) error {
	c.machine.mu.Lock()
	defer c.machine.mu.Unlock()
	c.once.Do(func() {
		close(c.gone)
		close(c.events)
		c.machine.subject = nil
	})
	return nil
}

// asker simulates the agent.
type asker struct{ machine *machine }

func (a asker) Hello() agent.Hello         { return agent.Hello{} }
func (a asker) Host() (host.Figures, bool) { return host.Figures{}, false }
func (a asker) Close() error               { return nil }

func (a asker) Fetch(context.Context, agent.Page) (agent.Answer, error) { return agent.Answer{}, nil }

func (a asker) subject() *container {
	a.machine.mu.Lock()
	defer a.machine.mu.Unlock()
	return a.machine.subject
}

func (a asker) Ready(ctx context.Context, _ inference.Probe) (bool, error) {
	select {
	case <-a.subject().ready:
		return false, nil
	case <-ctx.Done():
		return false, &agent.NotReady{Last: "connection refused"}
	}
}

// good returns so many OK responses.
func good(n int) []exchange.Outcome {
	return slices.Repeat([]exchange.Outcome{{Status: 200}}, n)
}

func (a asker) First(_ context.Context, _ string, requests []exchange.Request, _ time.Duration) (inference.Answers, error) {
	return inference.Answers{Outcomes: good(len(requests))}, nil
}

func (a asker) Again(_ context.Context, _ string, requests []exchange.Request) ([]exchange.Outcome, error) {
	return good(len(requests)), nil
}

func (a asker) Connect(_ context.Context, _ string, number int) (agent.Connections, error) {
	return agent.Connections{From: make([]string, number)}, nil
}

func (a asker) Over(_ context.Context, _ agent.Connections, _ int, requests []exchange.Request) ([]exchange.Outcome, error) {
	return good(len(requests)), nil
}

func (a asker) HangUp(agent.Connections) {}

func (a asker) Lost() bool { return false }

func (a asker) Load(ctx context.Context, load engine.Load, addresses []string, _ engine.Recorder) (engine.Result, error) {
	c := a.subject()
	set := func(users int) {
		a.machine.mu.Lock()
		defer a.machine.mu.Unlock()
		c.users = users
	}
	set(load.Users)
	defer set(0)
	select {
	case <-time.After(load.Runtime):
	case <-ctx.Done():
		return engine.Result{}, ctx.Err()
	}
	a.machine.mu.Lock()
	defer a.machine.mu.Unlock()
	n, p95 := int64(load.Runtime.Seconds())*int64(load.Users), 0.05
	if float64(c.late) > 0.05*float64(c.ticks) { // more than one in twenty waited
		p95 = 3
	}
	latency := engine.Percentiles{P50: &p95, P95: &p95, Max: &p95}
	counts := engine.Counts{Requests: n, OK: n, LatencyOK: latency}
	if c.cut {
		counts.OK, counts.Failed, counts.Errors = 0, n, map[exchange.Class]int64{exchange.Timeout: n}
	}
	return engine.Result{
		Total: counts, PerAddress: map[string]int64{addresses[0]: n},
		Judged: engine.Judged{Seconds: load.Runtime.Seconds(), Requests: n, OK: counts.OK, Failed: counts.Failed, OKRate: float64(counts.OK) / load.Runtime.Seconds(), Latency: latency},
	}, nil
}

func (a asker) HeldLoad(
	ctx context.Context, load engine.Load, addresses []string, _ func(context.Context), rec engine.Recorder,
) (engine.Result, error) {
	return a.Load(ctx, load, addresses, rec)
}

// lines is a journal that keeps nothing.
type lines struct{}

func (lines) Append(l journal.Line) (journal.Line, error) { return l, nil }
func (lines) Keep(int) error                              { return nil }

// silent observes nothing.
type silent struct{}

func (silent) Begin(journal.Run)         {}
func (silent) Status(runner.Status)      {}
func (silent) Window(engine.Window)      {}
func (silent) Sample(runner.Sample)      {}
func (silent) Trial(journal.Trial, bool) {}
func (silent) Stage(journal.Stage, bool) {}
func (silent) Note(string)               {}

var _ runner.Platform = (*runtime)(nil)
var _ fmt.Stringer = (*world)(nil)
