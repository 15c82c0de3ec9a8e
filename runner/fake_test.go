package runner

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"plan/agent"
	"plan/containers"
	"plan/engine"
	"plan/inference"
	"plan/internal/exchange"
	"plan/internal/host"
	"plan/internal/units"
	"plan/internal/wait"
	"plan/plans/lang"
	"plan/runner/images"
	"plan/runner/journal"
	"plan/runner/lasting"
)

// fakeService is a service whose truth is known: how much memory each phase
// needs, and how it behaves beside that.
type fakeService struct {
	start, first, load units.Bytes                                     // needed in each phase
	asked              units.Bytes                                     // needed for a request outside of its load
	perUser            units.Bytes                                     // needed besides under load, by each user
	sizes              func(limit units.Bytes, number int) units.Bytes // needed at the start of the container of that number, by its limit; nil: start
	worker             bool                                            // what is killed is not the main process
	exits              int                                             // ends by itself with this code at any limit, unless 0
	finishes           bool                                            // ends by itself with 0
	never              bool                                            // is never ready
	plain              bool                                            // speaks no HTTP
	killed             int                                             // that many trials are killed from outside under load
	unexplained        units.Bytes                                     // below this limit it is killed under load, and nothing tells by whom
	paused             int                                             // that many trials are paused under load
	evicted            int                                             // from that many trials the cluster evicts it under load
	breaks             bool                                            // ends under load, as what it needs goes away
	status             int                                             // of every answer; 0 means 200
	firstLost          int                                             // of the first requests so many get no response
	mute               bool                                            // answers nothing after the load
	loses              int                                             // of that many requests in a row one is not answered, under the load; after it all but one
	workers            int                                             // processes that share its port; 0 means one
	each               units.Bytes                                     // needed besides by each of them from its first request on
	deferred           bool                                            // accepts no connection before it is sent something
	p95                func(users int) float64                         // seconds
	cpus               float64                                         // used under load
	saturates          int                                             // more users get no more answers; 0: they do
	slow               units.CPUs                                      // below this, of all its containers together, it is slow
	stops              int                                             // after the load it has answered so many requests, and answers no more; 0: it goes on
	halves             units.Bytes                                     // below this limit it answers half as many requests
}

// fakeRuntime runs fakeService; what it is asked to do is kept for the test.
// Helpers need nothing and answer until they are told to end.
type fakeRuntime struct {
	service    fakeService
	adapts     func(containers.Spec, *fakeService)     // what it needs where it depends on how it is started; nil: it does not
	check      containers.Healthcheck                  // of the image
	exec       func([]string) (containers.Exit, error) // how commands end; nil: with 0
	replica    map[int]fakeService                     // of some replicas, other than service
	helper     map[string]fakeService                  // of some helpers, which need nothing otherwise
	readings   []containers.Reading
	gpus       int                    // that the engine has
	volumes    map[string]units.Bytes // that the engine has, with their sizes
	silent     atomic.Bool            // preflights get no answer any more
	slow       time.Duration          // that preflights take longer
	startErr   error
	refuses    func(containers.Spec) error      // what Start answers; nil: startErr
	onStart    func()                           // called for each container that is started
	networkErr error                            // what Network answers
	noState    atomic.Pointer[containers.Error] // what State answers, once the engine is gone
	stays      error                            // what removals answer
	staysOf    containers.Role                  // of which containers alone; "": of all
	asked      func()                           // called by State
	late       time.Duration                    // that State waits for counters, and then says so
	log        string
	kill       []int // numbers of containers that are killed from outside under load
	mu         sync.Mutex
	running    []*fakeInstance
	order      []string          // names of services as they started, and volumes as they were made
	specs      []containers.Spec // of what was started
	ensured    []string          // references of images, and how they were to be pulled
	evicted    []string          // images whose files were evicted
	eviction   containers.Eviction
	resident   *units.Bytes        // of files that services map, of which 30M are charged to them; nil: not known
	logCut     bool                // of every container
	update     error               // what changes of limits answer
	onUpdate   func(*fakeInstance) // called after each of them
	started    int
	removed    int
	cleaned    int
	onClean    func() error                                   // what Clean returns
	left       time.Duration                                  // until the end of Clean's context
	closing    time.Duration                                  // that an agent takes to close
	away       func(context.Context, time.Time) (bool, error) // what Away returns; nil: never
	onSample   func()                                         // called for each sample
	shares     []engine.Load                                  // of divided loads
	loses      int                                            // agent, from 1, that is lost under its share, or under an undivided load; 0: none
}

func (f *fakeRuntime) Push(_ context.Context, _, _ string, _ func(string)) (images.Image, error) {
	return images.Image{ID: "sha256:1", Digest: "sha256:2", Size: 5}, nil
}
func (f *fakeRuntime) Image(_ context.Context, reference string, pull containers.Pull, _ func(string)) (images.Image, error) {
	f.ensured = append(f.ensured, strings.TrimSpace(reference+" "+string(pull)))
	return images.Image{ID: "sha256:1"}, nil
}
func (f *fakeRuntime) Network(_ context.Context, name string, external bool) (string, error) {
	if !external {
		name = strings.TrimSuffix("plan-test-"+name, "-")
	}
	return name, f.networkErr
}
func (f *fakeRuntime) Volume(_ context.Context, name string, written bool) (containers.RunVolume, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if size, is := f.volumes[name]; is && !written {
		return containers.RunVolume{Name: name}, nil
	} else if size > containers.VolumeCopyLimit {
		return containers.RunVolume{}, &containers.Error{Kind: containers.Other, Summary: "the volume " + name + " is too large"}
	}
	for _, i := range f.running { // an engine removes none that is in use
		if slices.ContainsFunc(i.spec.Volumes, func(v containers.Volume) bool { return v.Source == "plan-test-"+name }) {
			return containers.RunVolume{}, &containers.Error{Kind: containers.Other, Summary: "the volume " + name + " is in use by " + i.Name()}
		}
	}
	f.order = append(f.order, "volume "+name)
	return containers.RunVolume{Name: "plan-test-" + name, Copied: f.volumes[name]}, nil
}
func (f *fakeRuntime) Agent(context.Context, []string) (io.ReadWriteCloser, error) {
	return nil, nil
}
func (f *fakeRuntime) Evict(_ context.Context, image string, _ []containers.Volume) containers.Eviction {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.evicted = append(f.evicted, image)
	return f.eviction
}

// Away answers as away does, if that is set.
func (f *fakeRuntime) Away(ctx context.Context, from time.Time) (bool, error) {
	if f.away == nil {
		return false, nil
	}
	return f.away(ctx, from)
}

func (f *fakeRuntime) GPUs(_ context.Context, count int) error {
	if count > f.gpus {
		return &containers.Error{Kind: containers.CannotStart, Summary: "the engine has no runtime for GPUs"}
	}
	return nil
}
func (f *fakeRuntime) Local(string) bool { return true }
func (f *fakeRuntime) ContainerStats(context.Context) (ContainerStats, error) {
	return fakeStats{f}, nil
}
func (f *fakeRuntime) Clean(ctx context.Context) error {
	f.cleaned++
	if end, limited := ctx.Deadline(); limited {
		f.left = time.Until(end)
	}
	if f.onClean != nil {
		return f.onClean()
	}
	for _, i := range f.instances(containers.Helper) {
		_ = i.Remove(ctx)
	}
	return nil
}

type fakeStats struct{ runtime *fakeRuntime }

func (b fakeStats) Readings() []containers.Reading {
	if b.runtime.onSample != nil {
		b.runtime.onSample()
	}
	all := make([]containers.Reading, len(b.runtime.readings))
	for i, r := range b.runtime.readings {
		r.Usage.At, r.Usage.CPUSeconds = time.Now(), new(*r.Usage.CPUSeconds*float64(time.Now().Unix()))
		all[i] = r
	}
	return all
}
func (fakeStats) Close() error { return nil }

func (f *fakeRuntime) Start(_ context.Context, spec containers.Spec) (Instance, error) {
	if f.startErr != nil {
		return nil, f.startErr
	}
	if f.refuses != nil {
		if err := f.refuses(spec); err != nil {
			return nil, err
		}
	}
	if f.onStart != nil {
		f.onStart()
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	f.order, f.specs = append(f.order, spec.Service), append(f.specs, spec)
	i := &fakeInstance{runtime: f, spec: spec, needs: f.needs(spec), number: len(f.order), events: make(chan containers.Event, 16), removed: make(chan struct{}), state: containers.State{Running: true, Limits: spec.Limits}}
	f.running = append(f.running, i)
	if spec.Role != containers.Helper {
		f.started++
	}
	i.events <- containers.Event{Kind: containers.Started, At: time.Now()}
	if size := i.needs.sizes; size != nil {
		i.needs.start = size(spec.Limits.Memory, i.number)
	}
	switch s := i.needs; {
	case s.exits != 0 || s.finishes:
		i.after(time.Second, func() { i.end(s.exits) })
	case spec.Limits.Memory < s.start:
		i.after(time.Second, i.outOfMemory)
	}
	return i, nil
}

// needs is what the service of a container needs.
func (f *fakeRuntime) needs(spec containers.Spec) fakeService {
	if spec.Role == containers.Helper {
		return f.helper[spec.Service]
	}
	if other, is := f.replica[spec.Replica]; is {
		return other
	}
	service := f.service
	if f.adapts != nil {
		f.adapts(spec, &service)
	}
	return service
}

// instances are those that run in a role.
func (f *fakeRuntime) instances(role containers.Role) []*fakeInstance {
	f.mu.Lock()
	defer f.mu.Unlock()
	var list []*fakeInstance
	for _, i := range f.running {
		if i.spec.Role == role {
			list = append(list, i)
		}
	}
	return list
}

// at is the one whose address, on any port, the text holds.
func (f *fakeRuntime) at(text string) *fakeInstance {
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, i := range f.running {
		if strings.Contains(text, strings.TrimSuffix(i.Address(), "8000")) {
			return i
		}
	}
	return nil
}

type fakeInstance struct {
	open    []string // connections
	asked   []string // workers and requests, of those over open connections
	runtime *fakeRuntime
	spec    containers.Spec
	needs   fakeService
	number  int // in the order of starts
	events  chan containers.Event
	mu      sync.Mutex
	state   containers.State
	used    units.Bytes
	cpu     float64
	gone    bool
	removed chan struct{}
	hasty   bool // SkipCounters was called
}

func (i *fakeInstance) after(d time.Duration, do func()) {
	go func() {
		select {
		case <-time.After(d):
		case <-i.removed:
			return
		}
		i.mu.Lock()
		defer i.mu.Unlock()
		if !i.gone {
			do()
		}
	}()
}

func (i *fakeInstance) end(code int) {
	i.state.Running, i.state.ExitCode = false, &code
	i.events <- containers.Event{Kind: containers.Died, At: time.Now()}
}

func (i *fakeInstance) outOfMemory() {
	i.state.Witnesses = append(i.state.Witnesses, containers.Witness{Source: "event", At: time.Now()})
	i.events <- containers.Event{Kind: containers.OOM, At: time.Now()}
	if !i.needs.worker {
		i.state.OOMKilled = true
		i.end(137)
	}
}

func (i *fakeInstance) use(b units.Bytes) {
	i.mu.Lock()
	defer i.mu.Unlock()
	i.used = max(i.used, b)
}

func (i *fakeInstance) Name() string                    { return fmt.Sprintf("plan-test-%s-%d", i.spec.Service, i.number) }
func (i *fakeInstance) ID() string                      { return "0123" }
func (i *fakeInstance) Address() string                 { return fmt.Sprintf("10.0.0.%d:8000", i.number) }
func (i *fakeInstance) Events() <-chan containers.Event { return i.events }
func (i *fakeInstance) Usage() (containers.Usage, bool) {
	i.mu.Lock()
	defer i.mu.Unlock()
	used, cpu, mapped := i.used, i.cpu, 30*units.MiB
	return containers.Usage{At: time.Now(), WorkingSet: &used, WorkingSetPeak: &used, Peak: &used, Anonymous: &used, CPUSeconds: &cpu, MappedFile: &mapped}, true
}
func (i *fakeInstance) SkipCounters() { i.hasty = true }
func (i *fakeInstance) State(ctx context.Context) (containers.State, error) {
	late := i.runtime.late > 0 && !i.hasty
	if late {
		wait.For(ctx, i.runtime.late)
	}
	i.mu.Lock()
	defer i.mu.Unlock()
	if late {
		i.state.Notes = []string{"the counters are late"}
	}
	if i.runtime.asked != nil {
		i.runtime.asked()
	}
	if gone := i.runtime.noState.Load(); gone != nil {
		return i.state, gone
	}
	return i.state, nil
}
func (i *fakeInstance) Healthcheck(context.Context) (containers.Healthcheck, error) {
	return i.runtime.check, nil
}
func (i *fakeInstance) SetCPUs(ctx context.Context, cpus units.CPUs) error {
	if ctx.Err() != nil {
		return ctx.Err()
	}
	i.mu.Lock()
	i.spec.Limits.CPUs, i.state.Limits.CPUs = cpus, cpus
	i.mu.Unlock()
	if i.runtime.onUpdate != nil {
		i.runtime.onUpdate(i)
	}
	return i.runtime.update
}
func (i *fakeInstance) Exec(_ context.Context, command []string) (containers.Exit, error) {
	if i.runtime.exec == nil {
		return containers.Exit{}, nil
	}
	return i.runtime.exec(command)
}
func (i *fakeInstance) Processes(context.Context) []containers.Process { return i.processes() }
func (i *fakeInstance) Resident(context.Context) *units.Bytes          { return i.runtime.resident }
func (i *fakeInstance) Logs(context.Context, int) ([]string, error)    { return []string{"loading"}, nil }
func (i *fakeInstance) LogCut(context.Context) bool                    { return i.runtime.logCut }
func (i *fakeInstance) Follow(context.Context) (io.ReadCloser, error) {
	return io.NopCloser(strings.NewReader(i.runtime.log + "loading\nready to serve\n")), nil
}
func (i *fakeInstance) Remove(ctx context.Context) error {
	i.mu.Lock()
	defer i.mu.Unlock()
	if ctx.Err() != nil {
		return ctx.Err()
	}
	if !i.gone {
		i.gone = true
		i.runtime.forget(i)
		close(i.events)
		close(i.removed)
	}
	if of := i.runtime.staysOf; of != "" && of != i.spec.Role {
		return nil
	}
	return i.runtime.stays
}

func (f *fakeRuntime) forget(i *fakeInstance) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.running = slices.DeleteFunc(f.running, func(other *fakeInstance) bool { return other == i })
	if i.spec.Role != containers.Helper {
		f.removed++
	}
}

// fakeAgent asks the fake service.
type fakeAgent struct {
	runtime *fakeRuntime
	again   []exchange.Request // what was asked after loads
	probes  []inference.Probe
	firsts  int // calls of First
	hungUp  int
	closed  int
	files   int64 // that it may open; 0: not known
	gone    atomic.Bool
	ends    bool // when it is asked for a connection
}

func (a *fakeAgent) Hello() agent.Hello         { return agent.Hello{Files: a.files} }
func (a *fakeAgent) Host() (host.Figures, bool) { return host.Figures{}, false }
func (a *fakeAgent) Close() error {
	time.Sleep(a.runtime.closing)
	a.closed++
	return nil
}

func (a *fakeAgent) Ready(ctx context.Context, probe inference.Probe) (plain bool, err error) {
	a.runtime.mu.Lock()
	a.probes = append(a.probes, probe)
	a.runtime.mu.Unlock()
	if a.ends && probe.TCP != "" {
		a.gone.Store(true)
		return false, &agent.Lost{Text: "nothing from the client"}
	}
	if a.gone.Load() {
		return false, &agent.Lost{Text: "nothing from the client"}
	}
	i := a.runtime.at(probe.URL + probe.TCP)
	if i == nil && a.runtime.silent.Load() || i != nil && i.needs.never {
		<-ctx.Done()
		if errors.Is(ctx.Err(), context.DeadlineExceeded) {
			return false, &agent.NotReady{Last: "connection refused"}
		}
		return false, ctx.Err()
	}
	wait := 2 * time.Second
	if i == nil {
		wait += a.runtime.slow
	}
	select {
	case <-ctx.Done():
		return false, &agent.NotReady{}
	case <-time.After(wait):
	}
	if i != nil {
		i.use(i.needs.start)
	}
	return probe.TCP != "" || i != nil && i.needs.plain && probe.Any, nil
}

func (a *fakeAgent) First(_ context.Context, address string, requests []exchange.Request, _ time.Duration) (inference.Answers, error) {
	i := a.runtime.at(address)
	s := i.needs
	i.use(s.first)
	if a.firsts++; a.firsts <= s.firstLost {
		return inference.Answers{Outcomes: []exchange.Outcome{{Class: exchange.Timeout, Detail: "no complete response within 10s"}}}, nil
	}
	if i.spec.Limits.Memory < s.first {
		i.after(time.Millisecond, i.outOfMemory)
		return inference.Answers{Outcomes: []exchange.Outcome{{Class: exchange.Reset}}}, nil
	}
	if s.status >= 500 {
		return inference.Answers{Outcomes: []exchange.Outcome{{Class: exchange.HTTP5xx, Status: s.status}}}, nil
	}
	return inference.Answers{Outcomes: slices.Repeat([]exchange.Outcome{{Status: 200}}, len(requests)), Cookies: "session=7"}, nil
}

func (a *fakeAgent) Again(_ context.Context, address string, requests []exchange.Request) ([]exchange.Outcome, error) {
	a.runtime.mu.Lock()
	a.again = append(a.again, requests...)
	asked := len(a.again)
	a.runtime.mu.Unlock()
	i := a.runtime.at(address)
	if i != nil && i.spec.Limits.Memory < i.needs.asked {
		i.after(time.Millisecond, i.outOfMemory)
		return []exchange.Outcome{{Class: exchange.Reset}}, nil
	}
	if i == nil || i.needs.mute || i.needs.stops > 0 && asked > i.needs.stops || i.needs.loses > 0 && asked%i.needs.loses > 0 {
		return []exchange.Outcome{{Class: exchange.Timeout, Detail: "no complete response within 10s"}}, nil
	}
	outcomes := make([]exchange.Outcome, len(requests))
	for i := range outcomes {
		outcomes[i].Status = 404
	}
	return outcomes, nil
}

// Connect opens connections that the workers take in turns.
func (a *fakeAgent) Connect(_ context.Context, address string, number int) (agent.Connections, error) {
	i := a.runtime.at(address)
	i.mu.Lock()
	defer i.mu.Unlock()
	c := agent.Connections{Job: int64(i.number)}
	for range number {
		c.From = append(c.From, fmt.Sprintf("10.0.1.1:%d", 1024+len(i.open)+len(c.From)))
	}
	i.open = append(i.open, c.From...)
	return c, nil
}

func (a *fakeAgent) Over(_ context.Context, c agent.Connections, number int, requests []exchange.Request) ([]exchange.Outcome, error) {
	i := a.runtime.instanceOf(c.Job)
	i.mu.Lock()
	worker := slices.Index(i.open, c.From[number]) % max(1, i.needs.workers)
	for _, q := range requests {
		i.asked = append(i.asked, strings.TrimSpace(fmt.Sprintf("%d %s %s", worker, q.Name, q.Header["Cookie"])))
	}
	woken := map[string]bool{}
	for _, one := range i.asked {
		woken[strings.Fields(one)[0]] = true
	}
	i.mu.Unlock()
	needed := i.needs.first + units.Bytes(len(woken))*i.needs.each
	i.use(needed)
	if i.spec.Limits.Memory < needed {
		i.after(time.Millisecond, i.outOfMemory)
		return []exchange.Outcome{{Class: exchange.Reset}}, nil
	}
	outcomes := make([]exchange.Outcome, len(requests))
	for i := range outcomes {
		outcomes[i].Status = 500
	}
	return outcomes, nil
}

func (a *fakeAgent) HangUp(c agent.Connections) { a.hungUp++ }

func (a *fakeAgent) Lost() bool { return a.gone.Load() }

// processes are those of workers below one that opened their port.
func (i *fakeInstance) processes() []containers.Process {
	i.mu.Lock()
	defer i.mu.Unlock()
	listen := []containers.Socket{{Port: 8000}}
	if i.needs.workers == 0 {
		return []containers.Process{{ID: 1, Sockets: listen}}
	}
	all := []containers.Process{{ID: 1, Sockets: listen}}
	for worker := range i.needs.workers {
		one := containers.Process{ID: 2 + worker, Parent: 1, Sockets: slices.Clone(listen)}
		for n, from := range i.open {
			if n%i.needs.workers == worker && !i.needs.deferred {
				one.Sockets = append(one.Sockets, containers.Socket{Port: 8000, Remote: from})
			}
		}
		all = append(all, one)
	}
	return all
}

func (f *fakeRuntime) instanceOf(number int64) *fakeInstance {
	for _, i := range f.instances("") {
		if i.number == int(number) {
			return i
		}
	}
	return nil
}

func (a *fakeAgent) Load(ctx context.Context, load engine.Load, addresses []string, rec engine.Recorder) (engine.Result, error) {
	for _, address := range addresses {
		a.runtime.at(address).loaded(load.Users)
	}
	if load.Agents <= 1 && a.runtime.loses == 1 {
		a.gone.Store(true)
		return engine.Result{}, &agent.Lost{Text: "killed"}
	}
	begun := time.Now()
	latency := a.latency(addresses)
	if len(load.Stages) == 0 { // it has one for all of its seconds
		whole := sync.OnceValue(func() float64 { return a.latency(addresses)(load.Users) })
		latency = func(int) float64 { return whole() }
	}
	series := a.play(ctx, load, latency, rec)
	p95 := latency(load.Users)
	took, s := time.Since(begun).Seconds(), a.runtime.service
	per := map[string]int64{}
	for _, address := range addresses {
		per[address] = int64(took) * int64(load.Users) / int64(len(addresses))
		if i := a.runtime.at(address); i != nil {
			i.mu.Lock()
			i.cpu += took * s.cpus
			i.mu.Unlock()
		}
	}
	n := int64(took) * int64(load.Users)
	if i := a.runtime.at(addresses[0]); i != nil && i.spec.Limits.Memory < s.halves {
		n /= 2
	}
	all := engine.Percentiles{P50: &p95, P95: &p95, Max: &p95}
	failed := int64(0)
	if s.loses > 0 {
		failed = n / int64(s.loses)
	}
	return engine.Result{
		Series: series, Seconds: took,
		Total:      engine.Counts{Requests: n, OK: n - failed, Failed: failed, LatencyOK: all, Errors: map[exchange.Class]int64{exchange.Timeout: failed}},
		PerAddress: per,
		Judged:     engine.Judged{Seconds: took, Requests: n, OK: n, OKRate: float64(load.Users), Latency: all},
	}, nil
}

// HeldLoad is Load with the users of a share.
func (a *fakeAgent) HeldLoad(
	ctx context.Context, load engine.Load, addresses []string, prepared func(context.Context), rec engine.Recorder,
) (engine.Result, error) {
	a.runtime.mu.Lock()
	a.runtime.shares = append(a.runtime.shares, load)
	a.runtime.mu.Unlock()
	if prepared(ctx); a.runtime.loses == load.Agent+1 {
		a.gone.Store(true)
		return engine.Result{}, &agent.Lost{Text: "killed"}
	}
	share := load
	share.Users = load.OwnUsers()
	return a.Load(ctx, share, addresses, rec)
}

// latency returns the latency of the service at some addresses, by the number of users.
func (a *fakeAgent) latency(addresses []string) func(users int) float64 {
	s := a.runtime.service
	var limits units.CPUs
	for _, address := range addresses {
		if i := a.runtime.at(address); i != nil {
			limits += i.spec.Limits.CPUs
		}
	}
	return func(users int) float64 {
		switch {
		case limits < s.slow:
			return 9
		case s.p95 != nil:
			return s.p95(users)
		}
		return 0.01
	}
}

// play sends a load whose stages jump to their users: each second has the latency of
// its users, each of whom gets a response in it, or a hundred where the load has stages.
// Beyond saturates they get no more.
func (a *fakeAgent) play(ctx context.Context, load engine.Load, latency func(users int) float64, rec engine.Recorder) []engine.Window {
	stages, each := load.Stages, 100
	if len(stages) == 0 {
		stages, each = []engine.Stage{{Users: load.Users, Over: load.Runtime}}, 1
	}
	var series []engine.Window
	for _, stage := range stages {
		for left := stage.Over; left > 0; left -= time.Second {
			wait.For(ctx, min(left, time.Second))
			if ctx.Err() != nil {
				return series
			}
			p95, n := latency(stage.Users), stage.Users
			if s := a.runtime.service; s.saturates > 0 {
				n = min(n, s.saturates)
			}
			ok := int64(each) * int64(n)
			w := engine.Window{Second: len(series), Users: stage.Users, OK: ok, Requests: ok}
			w.Latency = engine.Percentiles{P50: &p95, P95: &p95, Max: &p95}
			series = append(series, w)
			rec.Record(w)
		}
	}
	return series
}

// loaded does what the load does to it, three seconds into it.
func (i *fakeInstance) loaded(users int) {
	s := i.needs
	need := s.load
	if s.perUser > 0 {
		need = max(need, s.start+s.perUser*units.Bytes(users))
	}
	i.use(need)
	switch {
	case i.spec.Limits.Memory < need:
		i.after(3*time.Second, i.outOfMemory)
	case s.killed >= i.runtime.started || slices.Contains(i.runtime.kill, i.number):
		i.after(3*time.Second, func() { i.state.Killed = true; i.end(137) })
	case i.spec.Limits.Memory < s.unexplained:
		i.after(3*time.Second, func() { i.end(137) })
	case s.paused >= i.runtime.started:
		i.after(3*time.Second, func() { i.events <- containers.Event{Kind: containers.Paused, At: time.Now()} })
	case s.evicted >= i.runtime.started:
		i.after(3*time.Second, func() { i.state.Displaced = "evicted from node1"; i.end(137) })
	case s.breaks:
		i.after(3*time.Second, func() { i.runtime.silent.Store(true); i.end(1) })
	}
}

// memoryJournal keeps the lines; after `fail` lines it has no room left.
type memoryJournal struct {
	lines []journal.Line
	fail  int
}

func (m *memoryJournal) Append(l journal.Line) (journal.Line, error) {
	if m.fail > 0 && len(m.lines) >= m.fail {
		return l, errors.New("no space left on device")
	}
	m.lines = append(m.lines, l)
	return l, nil
}

func (m *memoryJournal) Keep(n int) error {
	m.lines = m.lines[:n]
	return nil
}

type silent struct{}

func (silent) Begin(journal.Run)         {}
func (silent) Status(Status)             {}
func (silent) Window(engine.Window)      {}
func (silent) Sample(Sample)             {}
func (silent) Trial(journal.Trial, bool) {}
func (silent) Stage(journal.Stage, bool) {}
func (silent) Note(string)               {}

// bench is a runner with fakes around it.
type bench struct {
	runtime *fakeRuntime
	agent   *fakeAgent
	journal *memoryJournal
	free    atomic.Int64   // memory left on the host
	busy    func() float64 // CPUs of the host that are busy; nil: none
	runner  Runner
}

func newBench(t *testing.T, plan string, service fakeService) *bench {
	t.Helper()
	path := filepath.Join(t.TempDir(), "plan.hcl")
	if err := os.WriteFile(path, []byte(plan), 0o644); err != nil {
		t.Fatal(err)
	}
	p, diags := lang.Load(path, lang.Options{Version: "0.1.0"})
	if diags.HasErrors() {
		t.Fatal(diags.Error())
	}
	b := &bench{runtime: &fakeRuntime{service: service}, journal: &memoryJournal{}}
	b.free.Store(int64(20 * units.GiB))
	b.agent = &fakeAgent{runtime: b.runtime}
	b.runner = Runner{
		Plan: p, Platform: b.runtime, Journal: b.journal, Observer: silent{}, Seed: 1,
		Dial: func(context.Context, io.ReadWriteCloser) (lasting.Client, error) { return b.agent, nil },
		Direct: func() (host.Figures, error) {
			f := host.Figures{At: time.Now(), MemoryAvailable: b.free.Load(), MemoryTotal: int64(24 * units.GiB), OOMKills: new(int64(7))}
			if b.busy != nil {
				f.CPUBusy = b.busy()
			}
			return f, nil
		},
		Header: journal.Header{ID: "test", Started: time.Now(), Host: journal.Host{Memory: int64(24 * units.GiB), CPUs: 2}},
	}
	return b
}
