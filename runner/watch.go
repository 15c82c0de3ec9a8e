package runner

import (
	"context"
	"slices"
	"sync"
	"time"

	"plan/containers"
	"plan/internal/host"
	"plan/runner/journal"
	"plan/runner/judge"
	"plan/runner/requests"
)

// errServiceEnded is the cause where the service ended, was restarted, lost a
// process to the kernel, or somebody interfered. Its state shows which.
var errServiceEnded = judge.Stop{}

// sampleEvery is the interval of samples of the containers and the host. The
// record keeps one of keepEvery samples.
const (
	sampleEvery = 200 * time.Millisecond
	keepEvery   = 5
)

// watch follows the containers of a trial. Their events end its context. It samples
// them, the other containers on the engine, and the host.
type watch struct {
	replicas replicas
	stats    func() []containers.Reading
	guard    *guard
	cancel   context.CancelCauseFunc

	mu      sync.Mutex
	samples judge.Samples
	events  []journal.Event
	starts  []int         // by replica
	deaths  []int         // by replica
	allDied chan struct{} // closed when all replicas have
	quit    chan struct{}
	done    sync.WaitGroup
}

// begin starts watching. The context that it returns ends with the first reason to
// end the trial as its cause.
func (w *watch) begin(ctx context.Context) context.Context {
	ctx, w.cancel = context.WithCancelCause(ctx)
	w.allDied, w.quit = make(chan struct{}), make(chan struct{})
	w.starts, w.deaths = make([]int, len(w.replicas)), make([]int, len(w.replicas))
	w.samples.Own, w.events = make([][]containers.Usage, len(w.replicas)), []journal.Event{}
	for i, instance := range w.replicas {
		w.done.Go(func() { w.follow(i, instance) })
	}
	w.done.Go(w.tick)
	return ctx
}

// end stops watching.
func (w *watch) end() {
	close(w.quit)
	w.done.Wait()
}

func (w *watch) follow(i int, instance Instance) {
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

func (w *watch) tick() {
	tick := time.NewTicker(sampleEvery)
	defer tick.Stop()
	for {
		select {
		case <-w.quit:
			return
		case <-tick.C:
			w.sample()
		}
	}
}

func (w *watch) handle(i int, event containers.Event) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.events = append(w.events, journal.Event{Container: w.replicas[i].Name(), Kind: event.Kind, At: event.At, Detail: event.Detail})
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

func (w *watch) sample() {
	readings := w.stats()
	w.mu.Lock()
	defer w.mu.Unlock()
	for i, instance := range w.replicas {
		if u, ok := instance.Usage(); ok {
			w.samples.Own[i] = append(w.samples.Own[i], u)
		}
	}
	w.samples.Others = appendReadings(w.samples.Others, readings)
	if f, ok := w.guard.figures(); ok {
		if n := len(w.samples.Host); n == 0 || f.At.After(w.samples.Host[n-1].At) { // those of the agent come once a second
			w.samples.Host = append(w.samples.Host, sampleOf(f))
		}
		if s := w.guard.belowFloor(f); s != (judge.Stop{}) {
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
			all = append(all, journal.Watched{Name: reading.Name, Role: reading.Role, Limits: journal.LimitsOf(reading.Limits)})
		}
		all[i].Usage = append(all[i].Usage, reading.Usage)
	}
	return all
}

// waitForEnds waits until all replicas have ended, at most for requests.Settle: the
// end of one is often that of all.
func (w *watch) waitForEnds() {
	select {
	case <-w.allDied:
	case <-time.After(requests.Settle):
	}
}

// addTo puts samples and events into an observation.
func (w *watch) addTo(observed *judge.Observation) {
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
		if n := len(kept); n == 0 || u.At.Sub(kept[n-1].At) > (keepEvery-1)*sampleEvery {
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
		if took := s.At.Sub(last); took > (keepEvery-1)*sampleEvery || i == len(host)-1 {
			s.CPUBusy, busy = busy/took.Seconds(), 0
			kept = append(kept, s)
		}
	}
	return kept
}
