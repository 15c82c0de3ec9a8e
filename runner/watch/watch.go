// Package watch follows the containers of a trial, those beside it, and the host. The
// first reason to end the trial ends its context. It also waits until a host is quiet.
package watch

import (
	"context"
	"errors"
	"slices"
	"sync"
	"time"

	"plan/containers"
	"plan/internal/host"
	"plan/runner/guard"
	"plan/runner/journal"
	"plan/runner/judge"
	"plan/runner/requests"
)

// errServiceEnded is the cause where the service ended, was restarted, lost a
// process to the kernel, or somebody interfered. Its state shows which.
var errServiceEnded = judge.Stop{}

// Every is the interval of samples of the containers and the host. The record keeps
// one of keepEvery samples.
const (
	Every     = 200 * time.Millisecond
	keepEvery = 5
)

// Container is one of those of a trial.
type Container interface {
	Name() string
	Events() <-chan containers.Event
	Usage() (containers.Usage, bool)
}

// Sources are what a watch reads besides the containers of its trial, and who gets each
// sample: the newest of each container that has one, the readings, and the host, which
// is zero where it is not known.
type Sources struct {
	Stats   func() []containers.Reading
	Guard   *guard.Guard
	Sampled func(own []containers.Usage, others []containers.Reading, host journal.HostSample)
}

// Watch follows the containers of a trial. Their events end its context. It samples
// them, the other containers on the engine, and the host.
type Watch struct {
	Sources
	containers []Container
	cancel     context.CancelCauseFunc
	clock      Clock

	mu      sync.Mutex
	samples judge.Samples
	events  []journal.Event
	starts  []int         // by replica
	deaths  []int         // by replica
	allDied chan struct{} // closed when all replicas have
	quit    chan struct{}
	done    sync.WaitGroup
}

// New returns a watch that has read the host, whose counters count from here.
func New(from Sources) *Watch {
	w := &Watch{Sources: from}
	if f, ok := w.Guard.Figures(); ok {
		w.samples.Host = append(w.samples.Host, sampleOf(f))
	}
	return w
}

// Begin starts watching containers. The context that it returns ends with the first
// reason to end the trial as its cause.
func (w *Watch) Begin(ctx context.Context, all []Container) context.Context {
	w.containers = all
	ctx, w.cancel = context.WithCancelCause(ctx)
	w.clock.last = time.Now()
	w.allDied, w.quit = make(chan struct{}), make(chan struct{})
	w.starts, w.deaths = make([]int, len(w.containers)), make([]int, len(w.containers))
	w.samples.Own, w.events = make([][]containers.Usage, len(w.containers)), []journal.Event{}
	for i, instance := range w.containers {
		w.done.Go(func() { w.follow(i, instance) })
	}
	w.done.Go(w.tick)
	return ctx
}

// End takes the last sample, stops watching, and puts samples and events into an
// observation.
func (w *Watch) End(observed *judge.Observation) {
	w.sample()
	close(w.quit)
	w.done.Wait()
	w.addTo(observed)
}

func (w *Watch) follow(i int, instance Container) {
	for {
		select {
		case <-w.quit:
			return
		case event, open := <-instance.Events():
			if !open {
				return
			}
			w.handle(i, event)
		}
	}
}

// Check ends the context of the trial if the process stood still: what waited in it may go on before the next sample.
func (w *Watch) Check() { w.Cancel(w.clock.Stood()) }

// Cancel ends the context of the trial for a reason that was found outside of the watch; the zero Stop is not one.
func (w *Watch) Cancel(s judge.Stop) {
	if s != (judge.Stop{}) {
		w.cancel(s)
	}
}

func (w *Watch) tick() {
	tick := time.NewTicker(Every)
	defer tick.Stop()
	for {
		select {
		case <-w.quit:
			return
		case <-tick.C:
			w.Check()
			w.sample()
		}
	}
}

func (w *Watch) handle(i int, event containers.Event) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.events = append(w.events, journal.Event{Container: w.containers[i].Name(), Kind: event.Kind, At: event.At, Detail: event.Detail})
	switch event.Kind {
	case containers.Started:
		w.starts[i]++
	case containers.Died:
		if w.deaths[i]++; w.deaths[i] == 1 && !slices.Contains(w.deaths, 0) {
			close(w.allDied)
		}
		w.cancel(errServiceEnded)
	case containers.OOM, containers.Paused, containers.Updated, containers.Executed:
		w.cancel(errServiceEnded)
	case containers.Disconnected:
		if w.starts[i] > 0 { // a start that fails leaves the network before its event
			w.cancel(errServiceEnded)
		}
	case containers.Lost:
		w.cancel(judge.Stop{Reason: journal.EngineLost, Why: "the engine no longer answers: " + event.Detail})
	}
}

func (w *Watch) sample() {
	var own []containers.Usage
	others := w.Stats()
	var machine journal.HostSample
	defer func() { w.Sampled(own, others, machine) }()
	w.mu.Lock()
	defer w.mu.Unlock()
	for i, instance := range w.containers {
		if u, ok := instance.Usage(); ok {
			w.samples.Own[i] = append(w.samples.Own[i], u)
			own = append(own, u)
		}
	}
	w.samples.Others = appendReadings(w.samples.Others, others)
	if f, ok := w.Guard.Figures(); ok {
		machine = sampleOf(f)
		if n := len(w.samples.Host); n == 0 || f.At.After(w.samples.Host[n-1].At) { // those of the agent come once a second
			w.samples.Host = append(w.samples.Host, machine)
		}
		if s := w.Guard.BelowFloor(f); s != (judge.Stop{}) {
			w.cancel(s)
		}
	}
}

func sampleOf(f host.Figures) journal.HostSample {
	return journal.HostSample{At: f.At, MemoryAvailable: f.MemoryAvailable, CPUBusy: f.CPUBusy, OOMKills: f.OOMKills}
}

// appendReadings appends the newest sample of each container to its series.
func appendReadings(all []journal.Watched, readings []containers.Reading) []journal.Watched {
	for _, reading := range readings {
		i := 0
		for i < len(all) && all[i].Name != reading.Name {
			i++
		}
		if i == len(all) {
			all = append(all, journal.Watched{Name: reading.Name, Role: reading.Role, Limits: journal.Limits(reading.Limits)})
		}
		all[i].Usage = append(all[i].Usage, reading.Usage)
	}
	return all
}

// WaitForEnds waits, where the service ended its trial, until all of its containers have
// ended, at most for requests.Settle: the end of one is often that of all.
func (w *Watch) WaitForEnds(trial context.Context) {
	if !errors.Is(context.Cause(trial), errServiceEnded) {
		return
	}
	select {
	case <-w.allDied:
	case <-time.After(requests.Settle):
	}
}

// addTo puts samples and events into an observation.
func (w *Watch) addTo(observed *judge.Observation) {
	w.mu.Lock()
	defer w.mu.Unlock()
	for i := range observed.Replicas {
		observed.Replicas[i].Starts, observed.Replicas[i].Usage = w.starts[i], thin(w.samples.Own[i])
	}
	observed.Samples, observed.Events = w.samples, w.events
	for _, other := range w.samples.Others {
		other.Usage = thin(other.Usage)
		observed.Others = append(observed.Others, other)
	}
	observed.Host = thinHost(w.samples.Host)
}

// thin returns one sample a second.
func thin(usage []containers.Usage) []containers.Usage {
	var kept []containers.Usage
	for _, u := range usage {
		if n := len(kept); n == 0 || u.At.Sub(kept[n-1].At) > (keepEvery-1)*Every {
			kept = append(kept, u)
		}
	}
	return kept
}

// thinHost returns one sample a second, with the mean of the busy CPUs since the
// one before.
func thinHost(host []journal.HostSample) []journal.HostSample {
	var kept []journal.HostSample
	var busy float64 // CPU seconds since the one that was kept last
	for i, s := range host {
		if i == 0 {
			kept = append(kept, s)
			continue
		}
		busy += s.CPUBusy * s.At.Sub(host[i-1].At).Seconds()
		last := kept[len(kept)-1].At
		if took := s.At.Sub(last); took > (keepEvery-1)*Every || i == len(host)-1 {
			s.CPUBusy, busy = busy/took.Seconds(), 0
			kept = append(kept, s)
		}
	}
	return kept
}
