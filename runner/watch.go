package runner

import (
	"context"
	"fmt"
	"sync"
	"time"

	"plan/containers"
	"plan/internal/host"
	"plan/internal/units"
	"plan/runner/journal"
)

// stop is why a trial ended early for a reason that is not the service's. As
// the cause of a cancelled context it is an error.
type stop struct{ reason, why string }

func (s stop) Error() string { return s.why }

// errEnded is the cause when the service ended, was restarted or lost a
// process to the kernel: reading its state tells which.
var errEnded = stop{}

// settleTime is how long the engine may take to tell an end after a kill.
const settleTime = 700 * time.Millisecond

// watch follows one container: its events end the trial's context, its usage
// and the host's are sampled once a second.
type watch struct {
	instance Instance
	figures  func() (host.Figures, bool)
	floor    units.Bytes
	cancel   context.CancelCauseFunc

	mu        sync.Mutex
	usage     []containers.Usage
	host      []journal.HostSample
	starts    int
	restarted bool
	died      chan struct{}
	quit      chan struct{}
	done      chan struct{}
}

// begin starts watching; the context it returns ends with the first reason to
// end the trial.
func (w *watch) begin(ctx context.Context) context.Context {
	ctx, w.cancel = context.WithCancelCause(ctx)
	w.died, w.quit, w.done = make(chan struct{}), make(chan struct{}), make(chan struct{})
	go w.follow()
	return ctx
}

// end stops watching.
func (w *watch) end() {
	close(w.quit)
	<-w.done
}

func (w *watch) follow() {
	defer close(w.done)
	tick := time.NewTicker(time.Second)
	defer tick.Stop()
	for {
		select {
		case <-w.quit:
			return
		case event, open := <-w.instance.Events():
			if !open {
				return
			}
			w.heard(event)
		case <-tick.C:
			w.sample()
		}
	}
}

func (w *watch) heard(event containers.Event) {
	w.mu.Lock()
	defer w.mu.Unlock()
	switch event.Kind {
	case containers.Started:
		w.starts++
		w.restarted = w.starts > 1
	case containers.Died:
		if !isClosed(w.died) {
			close(w.died)
		}
		w.cancel(errEnded)
	case containers.OOM:
		w.cancel(errEnded)
	case containers.Lost:
		w.cancel(stop{journal.EngineLost, "the engine no longer answers: " + event.Detail})
	}
}

func isClosed(c chan struct{}) bool {
	select {
	case <-c:
		return true
	default:
		return false
	}
}

func (w *watch) sample() {
	w.mu.Lock()
	defer w.mu.Unlock()
	if u, ok := w.instance.Usage(); ok {
		w.usage = append(w.usage, u)
	}
	if f, ok := w.figures(); ok {
		w.host = append(w.host, journal.HostSample{At: f.At, MemoryAvailable: f.MemoryAvailable, CPUBusy: f.CPUBusy})
		if f.MemoryAvailable < int64(w.floor) {
			w.cancel(stop{journal.GuardStop, fmt.Sprintf("the guard stopped it: %s of memory left on the host, under %s", units.Bytes(f.MemoryAvailable), w.floor)})
		}
	}
}

// settle gives the engine a moment to tell the end after a sign of it.
func (w *watch) settle() {
	select {
	case <-w.died:
	case <-time.After(settleTime):
	}
}

// seen gives what was sampled so far.
func (w *watch) seen() (usage []containers.Usage, host []journal.HostSample, restarted bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.usage, w.host, w.restarted
}
