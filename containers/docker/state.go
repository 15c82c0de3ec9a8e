package docker

import (
	"context"
	"slices"
	"time"

	"github.com/docker/docker/api/types/container"

	"plan/containers"
	"plan/internal/units"
)

// lateWitness is how long after an end a witness may still come: of kills
// within milliseconds of the start some are told of more than 100 ms late.
const lateWitness = 500 * time.Millisecond

// State reads how the container stands. After its end it waits for the first
// witness of an out-of-memory kill, at most until half a second after the end.
func (i *Instance) State(ctx context.Context) (containers.State, error) {
	found, err := i.inspect(ctx)
	if err != nil {
		return containers.State{}, err
	}
	if !alive(found.State) || !i.diedAt().IsZero() {
		if err := i.awaitWitness(ctx); err != nil {
			return containers.State{}, err
		}
		if found, err = i.inspect(ctx); err != nil {
			return containers.State{}, err
		}
	}
	i.lookForSigns(found.State)
	return i.stateOf(found), nil
}

func (i *Instance) inspect(ctx context.Context) (container.InspectResponse, error) {
	found, err := i.docker.engine.ContainerInspect(ctx, i.id)
	return found, i.docker.errs.Wrap("the container "+i.name+" cannot be read", err)
}

func (i *Instance) awaitWitness(ctx context.Context) error {
	died := i.diedAt()
	if died.IsZero() { // the event is on its way, or was lost
		died = time.Now()
	}
	select {
	case <-i.first:
	case <-time.After(time.Until(died.Add(lateWitness))):
	case <-ctx.Done():
		return ctx.Err()
	}
	return nil
}

// lookForSigns asks those witnesses that do not come by themselves.
func (i *Instance) lookForSigns(s *container.State) {
	if s.OOMKilled && !i.hasWitness("state") {
		i.outOfMemory("state", moment(s.FinishedAt), "the engine says OOMKilled")
	}
	if h := i.docker.host.Load(); h != nil && h.kernel != nil && !i.hasWitness("kernel") {
		if line := h.kernel.Kill(i.id); line != "" {
			i.outOfMemory("kernel", time.Now(), line)
		}
	}
}

func (i *Instance) stateOf(found container.InspectResponse) containers.State {
	i.mu.Lock()
	defer i.mu.Unlock()
	s := stateOf(found)
	if s.Running && !i.died.IsZero() && found.State.Status == container.StateCreated { // killed before its command ran
		s.Running, s.ExitCode = false, new(found.State.ExitCode)
	}
	if s.ExitCode == nil && s.Restarts > 0 {
		s.ExitCode = i.lastExit
	}
	s.Killed = i.killed
	s.Witnesses = slices.Clone(i.witnesses)
	s.Peak = i.peak()
	return s
}

// peak is the kernel's highest figure: of our own group, which outlives the
// container, else the last one that was sampled. Our own group's also counts
// some kilobytes that the kernel needs for the container's group itself.
func (i *Instance) peak() *units.Bytes {
	if i.parent != nil {
		if peak := i.parent.Peak(); peak != nil && *peak > 0 {
			return peak
		}
	}
	usage, _ := i.Usage()
	return usage.Peak
}

// stateOf is what the engine says by itself.
func stateOf(found container.InspectResponse) containers.State {
	s := containers.State{
		Running:   alive(found.State),
		OOMKilled: found.State.OOMKilled,
		Restarts:  found.RestartCount,
		Error:     found.State.Error,
		Started:   moment(found.State.StartedAt),
		Finished:  moment(found.State.FinishedAt),
	}
	if found.HostConfig != nil {
		s.Limits = limitsOf(found.HostConfig)
	}
	if !s.Running {
		s.ExitCode = new(found.State.ExitCode)
	}
	return s
}
