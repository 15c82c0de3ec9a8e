package docker

import (
	"context"
	"strconv"
	"sync"
	"sync/atomic"
	"time"

	"github.com/docker/docker/api/types/container"

	"plan/containers"
	"plan/containers/cgroup"
	"plan/containers/docker/apierror"
)

// Instance is one container, from before its start to its removal. It is safe
// for concurrent use.
type Instance struct {
	latestUsage
	docker  *Docker
	name    string
	id      string
	spec    containers.Spec
	address string

	parent *cgroup.Group // nil where none could be made
	oom    *cgroup.OOMWatch
	stop   context.CancelFunc // of the goroutines that follow the container
	idle   sync.WaitGroup     // those goroutines

	lifecycle *lifecycle
	firstLine atomic.Pointer[string] // when the first line of the log was written, as the engine has it; nil before
	removing  sync.Mutex
}

func (d *Docker) instance(spec containers.Spec) *Instance {
	return &Instance{
		docker: d, spec: spec, name: d.unique(spec.Service, spec.Trial, spec.ReplicaText()),
		lifecycle: &lifecycle{events: make(chan containers.Event, mostEvents), firstWitness: make(chan struct{})},
		stop:      func() {},
	}
}

// Name returns the container's name on the engine.
func (i *Instance) Name() string { return i.name }

// ID returns the container's id on the engine.
func (i *Instance) ID() string { return i.id }

// Address returns host:port of the first exposed port in the first network; ""
// where no port is exposed.
func (i *Instance) Address() string { return i.address }

// Events returns the container's events, from before its start. Remove closes it.
func (i *Instance) Events() <-chan containers.Event { return i.lifecycle.events }

// resync reads the state after a gap in the events, and emits what was missed.
func (i *Instance) resync(ctx context.Context) {
	found, err := i.docker.engine.ContainerInspect(ctx, i.id)
	switch {
	case apierror.NotFound(err):
		i.lifecycle.setDied(time.Now())
		i.lifecycle.emit(containers.Event{Kind: containers.Died, At: time.Now(), Detail: "it was removed"})
	case err == nil && !alive(found.State) && i.lifecycle.diedAt().IsZero():
		if found.State.OOMKilled {
			i.lifecycle.outOfMemory("state", parseTime(found.State.FinishedAt), "the engine says OOMKilled")
		}
		i.lifecycle.setDied(time.Now())
		code := strconv.Itoa(found.State.ExitCode)
		i.lifecycle.emit(containers.Event{Kind: containers.Died, At: parseTime(found.State.FinishedAt),
			Detail: "exit code " + code})
	}
}

// alive reports whether a container runs or is about to.
func alive(s *container.State) bool {
	return s.Running || s.Restarting || s.Status == container.StateCreated
}

// parseTime parses a time of the engine; zero for what has not happened.
func parseTime(text string) time.Time {
	at, err := time.Parse(time.RFC3339Nano, text)
	if err != nil || at.Year() <= 1 {
		return time.Time{}
	}
	return at
}
