package docker

import (
	"context"
	"slices"
	"sync"
	"time"

	"github.com/docker/docker/api/types/events"
	"github.com/docker/docker/api/types/filters"

	"plan/containers"
)

// watch is the one stream of events of a run, and who hears of them: its
// instances of what happens to them, and others of every start and end.
type watch struct {
	mu        sync.Mutex
	instances map[string]*Instance // by container id
	besides   []*Beside
	cancel    context.CancelFunc
	done      chan struct{} // closed when nobody follows the stream any more
}

// How long an engine may be away before it is lost, and how often it is asked.
const (
	lostAfter = 5 * time.Second
	askEvery  = 200 * time.Millisecond
)

// listen makes sure that the stream is open. It comes before the first create,
// so that nothing can happen unseen.
func (d *Docker) listen(ctx context.Context) error {
	w := &d.watch
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.cancel != nil && !isClosed(w.done) {
		return nil
	}
	following, cancel := context.WithCancel(context.WithoutCancel(ctx))
	unhook := context.AfterFunc(ctx, cancel) // only until it is open: an engine that hangs is not waited for
	stream, err := d.openEvents(following)
	if !unhook() {
		err = context.Cause(ctx)
	}
	if err != nil {
		cancel()
		return d.errs.Wrap("the engine's events cannot be read", err)
	}
	w.cancel, w.done = cancel, make(chan struct{})
	if w.instances == nil {
		w.instances = map[string]*Instance{}
	}
	go func() {
		defer close(w.done)
		d.follow(following, stream)
	}()
	return nil
}

func isClosed(done <-chan struct{}) bool {
	select {
	case <-done:
		return true
	default:
		return false
	}
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

func (w *watch) addBeside(b *Beside) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.besides = append(w.besides, b)
}

func (w *watch) dropBeside(b *Beside) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.besides = slices.DeleteFunc(w.besides, func(one *Beside) bool { return one == b })
}

// changed tells that containers have come or gone, or may have.
func (w *watch) changed() {
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, b := range w.besides {
		b.lookAgain()
	}
}

// eventStream is what the client gives.
type eventStream struct {
	messages <-chan events.Message
	errs     <-chan error
}

func (d *Docker) openEvents(ctx context.Context) (eventStream, error) {
	var s eventStream
	s.messages, s.errs = d.engine.Events(ctx, events.ListOptions{Filters: filters.NewArgs(
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

// follow hands events on until ctx ends or the engine is lost. At the end of a
// stream the engine is asked how every container stands: a new stream does not
// tell what happened in between.
func (d *Docker) follow(ctx context.Context, stream eventStream) {
	for {
		d.dispatch(ctx, stream)
		if ctx.Err() != nil {
			return
		}
		again, err := d.reopen(ctx)
		if ctx.Err() != nil {
			return
		}
		if err != nil {
			for _, i := range d.watch.all() {
				i.tell(containers.Event{Kind: containers.Lost, At: time.Now(), Detail: err.Error()})
			}
			return
		}
		stream = again
		for _, i := range d.watch.all() {
			i.catchUp(ctx)
		}
		d.watch.changed()
	}
}

// dispatch hands events on until the stream or ctx ends.
func (d *Docker) dispatch(ctx context.Context, stream eventStream) {
	for {
		select {
		case message := <-stream.messages:
			if i := d.watch.find(about(message)); i != nil {
				i.heard(message)
			}
			if message.Action == events.ActionStart || message.Action == events.ActionDie {
				d.watch.changed()
			}
		case <-stream.errs:
			return
		case <-ctx.Done():
			return
		}
	}
}

// about is the id of the container that an event is about.
func about(message events.Message) string {
	if message.Type == events.NetworkEventType {
		return message.Actor.Attributes["container"]
	}
	return message.Actor.ID
}

// reopen tries for lostAfter to get a new stream.
func (d *Docker) reopen(ctx context.Context) (eventStream, error) {
	limited, cancel := context.WithTimeout(ctx, lostAfter)
	defer cancel()
	for {
		_, err := d.engine.Ping(limited)
		if err == nil {
			var stream eventStream
			if stream, err = d.openEvents(ctx); err == nil {
				return stream, nil
			}
		}
		select {
		case <-limited.Done():
			return eventStream{}, d.errs.Unreachable(err)
		case <-time.After(askEvery):
		}
	}
}
