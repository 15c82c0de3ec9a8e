package docker

import (
	"context"
	"net"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/docker/docker/api/types/container"
	"github.com/docker/docker/api/types/events"

	"plan/containers"
	"plan/containers/docker/apierror"
	"plan/containers/cgroup"
)

// Instance is one container, from before its start to its removal. It is safe
// for concurrent use.
type Instance struct {
	newest
	docker  *Docker
	name    string
	id      string
	spec    containers.Spec
	address string

	parent *cgroup.Group // nil where none could be made
	oom    *cgroup.OOMWatch
	stop   context.CancelFunc // of what follows the container until Remove
	idle   sync.WaitGroup     // that

	events   chan containers.Event
	first    chan struct{} // closed at the first witness
	removing sync.Mutex

	mu        sync.Mutex
	witnesses []containers.Witness
	began     time.Time // by this process's clock; zero before the start is told
	died      time.Time // by this process's clock; zero while it runs
	lastExit  *int      // of its latest end, as the engine told it; a restart hides it from inspect
	killed    bool      // somebody else asked the engine to
	leaving   bool      // we asked the engine to
	firstLine string    // when the first line of the log was written, as the engine tells it; "" before
	gone      bool      // removed; events is closed
	execs     []string  // ids of our own
}

// roomForEvents is far more than a container's life has; what does not fit is
// dropped, since a slow reader must not hold others up.
const roomForEvents = 64

func (d *Docker) instance(spec containers.Spec) *Instance {
	return &Instance{
		docker: d, spec: spec, name: d.unique(spec.Service, spec.Trial, replica(spec)),
		events: make(chan containers.Event, roomForEvents), first: make(chan struct{}),
		stop: func() {},
	}
}

// Name is the container's name on the engine.
func (i *Instance) Name() string { return i.name }

// ID is the container's id on the engine.
func (i *Instance) ID() string { return i.id }

// Address is host:port of the first exposed port inside the first network; ""
// when no port is exposed.
func (i *Instance) Address() string { return i.address }

// Events tells what happens, from before the start on. Remove closes it.
func (i *Instance) Events() <-chan containers.Event { return i.events }

// tell hands an event on if there is room for it.
func (i *Instance) tell(event containers.Event) {
	i.mu.Lock()
	defer i.mu.Unlock()
	if i.gone {
		return
	}
	select {
	case i.events <- event:
	default:
	}
}

// heard takes an event of the engine.
func (i *Instance) heard(message events.Message) {
	at := time.Unix(0, message.TimeNano)
	switch message.Action {
	case events.ActionStart:
		i.mu.Lock()
		i.began, i.died = time.Now(), time.Time{}
		i.mu.Unlock()
		i.tell(containers.Event{Kind: containers.Started, At: at})
	case events.ActionOOM:
		i.outOfMemory("event", at, "the engine told of it")
	case events.ActionDie:
		code := message.Actor.Attributes["exitCode"]
		i.setDied(time.Now())
		i.setExit(code)
		i.tell(containers.Event{Kind: containers.Died, At: at, Detail: "exit code " + code})
	case events.ActionKill:
		i.mu.Lock()
		i.killed = i.killed || !i.leaving
		i.mu.Unlock()
	case events.ActionPause:
		i.tell(containers.Event{Kind: containers.Paused, At: at})
	case events.ActionUpdate:
		i.tell(containers.Event{Kind: containers.Updated, At: at})
	case events.ActionDisconnect:
		i.tell(containers.Event{Kind: containers.Disconnected, At: at, Detail: message.Actor.Attributes["name"]})
	}
	if command, is := strings.CutPrefix(string(message.Action), string(events.ActionExecStart)+": "); is && !i.isOwn(message.Actor.Attributes["execID"]) {
		i.tell(containers.Event{Kind: containers.Executed, At: at, Detail: command})
	}
}

// isOwn says whether a command in the container was run by this run.
func (i *Instance) isOwn(exec string) bool {
	i.mu.Lock()
	defer i.mu.Unlock()
	return slices.Contains(i.execs, exec)
}

func (i *Instance) setDied(at time.Time) {
	i.mu.Lock()
	defer i.mu.Unlock()
	i.died = at
}

func (i *Instance) setExit(code string) {
	i.mu.Lock()
	defer i.mu.Unlock()
	if n, err := strconv.Atoi(code); err == nil {
		i.lastExit = &n
	}
}

// runningFor is how long the container has run since its last start; 0 when it
// does not.
func (i *Instance) runningFor() time.Duration {
	i.mu.Lock()
	defer i.mu.Unlock()
	if i.began.IsZero() || !i.died.IsZero() {
		return 0
	}
	return time.Since(i.began)
}

func (i *Instance) diedAt() time.Time {
	i.mu.Lock()
	defer i.mu.Unlock()
	return i.died
}

// manyWitnesses bounds what a service that is killed for ever can leave.
const manyWitnesses = 100

// outOfMemory keeps a sign of a kill and tells of it.
func (i *Instance) outOfMemory(source string, at time.Time, detail string) {
	i.mu.Lock()
	if len(i.witnesses) < manyWitnesses {
		i.witnesses = append(i.witnesses, containers.Witness{Source: source, At: at, Detail: detail})
	}
	if len(i.witnesses) == 1 {
		close(i.first)
	}
	i.mu.Unlock()
	i.tell(containers.Event{Kind: containers.OOM, At: at, Detail: source})
}

func (i *Instance) hasWitness(source string) bool {
	i.mu.Lock()
	defer i.mu.Unlock()
	for _, w := range i.witnesses {
		if w.Source == source {
			return true
		}
	}
	return false
}

// catchUp asks what happened while no events came.
func (i *Instance) catchUp(ctx context.Context) {
	found, err := i.docker.engine.ContainerInspect(ctx, i.id)
	switch {
	case apierror.NotFound(err):
		i.setDied(time.Now())
		i.tell(containers.Event{Kind: containers.Died, At: time.Now(), Detail: "it was removed"})
	case err == nil && !alive(found.State) && i.diedAt().IsZero():
		if found.State.OOMKilled {
			i.outOfMemory("state", moment(found.State.FinishedAt), "the engine says OOMKilled")
		}
		i.setDied(time.Now())
		code := strconv.Itoa(found.State.ExitCode)
		i.tell(containers.Event{Kind: containers.Died, At: moment(found.State.FinishedAt), Detail: "exit code " + code})
	}
}

// alive says whether a container runs, or is about to again.
func alive(s *container.State) bool {
	return s.Running || s.Restarting || s.Status == container.StateCreated
}

// moment reads the engine's time; the zero time for what has not happened.
func moment(text string) time.Time {
	at, err := time.Parse(time.RFC3339Nano, text)
	if err != nil || at.Year() <= 1 {
		return time.Time{}
	}
	return at
}

// addressOf is where the first exposed port is found on a network: by address,
// or by the unique name when the container has none any more. A helper is found
// by name: when the engine starts it again it may get another address.
func (i *Instance) addressOf(found container.InspectResponse) string {
	port := i.spec.APIPort()
	if port == 0 {
		return ""
	}
	host := i.name
	if found.NetworkSettings != nil && len(i.spec.Networks) > 0 && i.spec.Role != containers.Helper {
		if e := found.NetworkSettings.Networks[i.spec.Networks[0]]; e != nil && e.IPAddress != "" {
			host = e.IPAddress
		}
	}
	return net.JoinHostPort(host, strconv.Itoa(port))
}
