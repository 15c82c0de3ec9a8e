package docker

import (
	"context"
	"slices"
	"sync"
	"time"

	"github.com/docker/docker/api/types/events"
	"github.com/docker/docker/api/types/filters"

	"plan/containers"
	"plan/containers/docker/apierror"
)

// watch is the event stream of a run. It passes on to instances what happens to
// them, and to monitors every start and end.
type watch struct {
	engine  engine
	absence *absence
	errs    apierror.Wrapper

	mu        sync.Mutex
	instances map[string]*Instance // by container id
	monitors  []*Monitor
	cancel    context.CancelFunc
	done      chan struct{} // closed when the stream is not followed any more
}

// An engine that does not answer is lost after lostAfter, or the longer time that a run
// waits for it; it is tried at intervals of retryEvery.
const (
	lostAfter  = 5 * time.Second
	retryEvery = 200 * time.Millisecond
)

// listen opens the stream unless it is open. It is called before the first create,
// so that no event is missed.
func (w *watch) listen(ctx context.Context) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.cancel != nil {
		select {
		case <-w.done: // the engine was lost
		default:
			return nil
		}
	}
	following, cancel := context.WithCancel(context.WithoutCancel(ctx))
	unhook := context.AfterFunc(ctx, cancel) // until the stream is open: the engine may hang
	stream, err := w.openEvents(following)
	if !unhook() {
		err = context.Cause(ctx)
	}
	if err != nil {
		cancel()
		return w.errs.Wrap("the engine's events cannot be read", err)
	}
	w.cancel, w.done = cancel, make(chan struct{})
	for _, i := range w.instances { // of before the engine was lost
		go i.resync(following)
	}
	if w.instances == nil {
		w.instances = map[string]*Instance{}
	}
	go func() {
		defer close(w.done)
		w.follow(following, stream)
	}()
	return nil
}

// stop ends the stream and waits for its end.
func (w *watch) stop() {
	w.mu.Lock()
	cancel, done := w.cancel, w.done
	w.mu.Unlock()
	if cancel != nil {
		cancel()
		<-done
	}
}

func (w *watch) add(i *Instance) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.instances[i.id] = i
}

func (w *watch) drop(id string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	delete(w.instances, id)
}

func (w *watch) find(id string) *Instance {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.instances[id]
}

func (w *watch) all() []*Instance {
	w.mu.Lock()
	defer w.mu.Unlock()
	all := make([]*Instance, 0, len(w.instances))
	for _, i := range w.instances {
		all = append(all, i)
	}
	return all
}

func (w *watch) addMonitor(b *Monitor) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.monitors = append(w.monitors, b)
}

func (w *watch) dropMonitor(b *Monitor) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.monitors = slices.DeleteFunc(w.monitors, func(one *Monitor) bool { return one == b })
}

// requestRefresh requests a listing of containers by all monitors.
func (w *watch) requestRefresh() {
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, b := range w.monitors {
		b.requestRefresh()
	}
}

// eventStream is the client's event stream.
type eventStream struct {
	messages <-chan events.Message
	errs     <-chan error
}

func (w *watch) openEvents(ctx context.Context) (eventStream, error) {
	var s eventStream
	s.messages, s.errs = w.engine.Events(ctx, events.ListOptions{Filters: filters.NewArgs(
		filters.Arg("type", string(events.ContainerEventType)),
		filters.Arg("event", string(events.ActionStart)),
		filters.Arg("event", string(events.ActionOOM)),
		filters.Arg("event", string(events.ActionDie)),
		filters.Arg("event", string(events.ActionKill)),
		filters.Arg("event", string(events.ActionPause)),
		filters.Arg("event", string(events.ActionUpdate)),
		filters.Arg("event", string(events.ActionExecStart)),
		filters.Arg("type", string(events.NetworkEventType)),
		filters.Arg("event", string(events.ActionDisconnect)),
	)})
	select {
	case err := <-s.errs:
		return s, err
	default:
		return s, nil
	}
}

// follow dispatches events until ctx ends or the engine is lost. When a stream
// breaks, the state of every container is read: a new stream does not have what
// happened in between.
func (w *watch) follow(ctx context.Context, stream eventStream) {
	for {
		for open := true; open; {
			select {
			case message := <-stream.messages:
				if i := w.find(containerID(message)); i != nil {
					i.lifecycle.onEvent(message)
				}
				if message.Action == events.ActionStart || message.Action == events.ActionDie {
					w.requestRefresh()
				}
			case <-stream.errs:
				if open = false; ctx.Err() == nil {
					w.absence.miss()
				}
			case <-ctx.Done():
				open = false
			}
		}
		if ctx.Err() != nil {
			return
		}
		again, err := w.reopen(ctx)
		if ctx.Err() != nil {
			return
		}
		if err != nil {
			for _, i := range w.all() {
				i.lifecycle.emit(containers.Event{Kind: containers.Lost, At: time.Now(), Detail: err.Error()})
			}
			return
		}
		stream = again
		for _, i := range w.all() {
			i.resync(ctx)
		}
		w.requestRefresh()
	}
}

// containerID returns the id of the container of an event.
func containerID(message events.Message) string {
	if message.Type == events.NetworkEventType {
		return message.Actor.Attributes["container"]
	}
	return message.Actor.ID
}

// reopen opens a new stream; it tries until the engine counts as lost.
func (w *watch) reopen(ctx context.Context) (eventStream, error) {
	limited, cancel := context.WithTimeout(ctx, w.absence.lostAfter())
	defer cancel()
	for {
		_, err := w.engine.Ping(limited)
		if err == nil {
			var stream eventStream
			if stream, err = w.openEvents(ctx); err == nil {
				return stream, nil
			}
		}
		select {
		case <-limited.Done():
			return eventStream{}, w.errs.Unreachable(err)
		case <-time.After(retryEvery):
		}
	}
}
