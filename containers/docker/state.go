package docker

import (
	"context"
	"slices"
	"time"

	"github.com/docker/docker/api/types/container"

	"plan/containers"
	"plan/internal/units"
	"plan/internal/wait"
)

// witnessDelay is how long after an end witnesses are waited for: of kills within
// milliseconds of the start some arrive more than 100 ms late.
const witnessDelay = 500 * time.Millisecond

// departureDelay is how long after a container left a network its end is awaited.
// The engine disconnects a container that has ended, unmounts its files, and then
// reports the end: on a busy machine seconds later. A container that still runs
// after this time was disconnected by someone.
const departureDelay = 10 * time.Second

// killDelay is how long after a kill for memory the end of the container is awaited:
// the kernel frees the memory of its main process first, and the engine reports the
// end after that. A container that still runs has lost another process.
const killDelay = 3 * time.Second

// State returns the container's state. It waits while the container may be ending:
// departureDelay, killDelay. After its end it waits for the first witness
// of an out-of-memory kill, until half a second after the end.
func (i *Instance) State(ctx context.Context) (containers.State, error) {
	for i.lifecycle.mayBeEnding() && ctx.Err() == nil {
		wait.For(ctx, 20*time.Millisecond)
	}
	found, err := i.inspect(ctx)
	if err != nil {
		return containers.State{}, err
	}
	if !alive(found.State) || !i.lifecycle.diedAt().IsZero() {
		if err := i.awaitWitness(ctx); err != nil {
			return containers.State{}, err
		}
		if found, err = i.inspect(ctx); err != nil {
			return containers.State{}, err
		}
	}
	// Read the witnesses that send no event.
	if found.State.OOMKilled && !i.lifecycle.hasWitness("state") {
		i.lifecycle.outOfMemory("state", parseTime(found.State.FinishedAt), "the engine says OOMKilled")
	}
	i.readKernel()
	return i.stateOf(found), nil
}

// readKernel reads the witness of the kernel's log, which sends no event.
func (i *Instance) readKernel() {
	if h := i.docker.host.Load(); h != nil && h.kernel != nil && !i.lifecycle.hasWitness("kernel") {
		if line := h.kernel.Kill(i.id); line != "" {
			i.lifecycle.outOfMemory("kernel", time.Now(), line)
		}
	}
}

func (i *Instance) inspect(ctx context.Context) (container.InspectResponse, error) {
	found, err := i.docker.engine.ContainerInspect(ctx, i.id)
	return found, i.docker.errs.Wrap("the container "+i.name+" cannot be read", err)
}

func (i *Instance) awaitWitness(ctx context.Context) error {
	died := i.lifecycle.diedAt()
	if died.IsZero() { // the event is late or lost
		died = time.Now()
	}
	select {
	case <-i.lifecycle.firstWitness:
	case <-time.After(time.Until(died.Add(witnessDelay))):
	case <-ctx.Done():
		return ctx.Err()
	}
	return nil
}

func (i *Instance) stateOf(found container.InspectResponse) containers.State {
	l := i.lifecycle
	l.mu.Lock()
	defer l.mu.Unlock()
	s := stateOf(found)
	if h := i.docker.host.Load(); h != nil && found.State.Pid != 0 {
		if group, err := h.hierarchy.GroupOf(found.State.Pid, i.id); err == nil {
			s.Limits = group.InForce(s.Limits)
		}
	}
	if s.Running && !l.died.IsZero() && found.State.Status == container.StateCreated { // killed before its command ran
		s.Running, s.ExitCode = false, new(found.State.ExitCode)
	}
	if s.ExitCode == nil && s.Restarts > 0 {
		s.ExitCode = l.lastExit
	}
	s.Killed = l.killed
	s.Witnesses = slices.Clone(l.witnesses)
	s.Peak = i.peak()
	return s
}

// peak returns the kernel's peak of memory: of the parent group, which outlives the
// container, else of the last sample. The parent's includes some kilobytes of the
// kernel for the container's group.
func (i *Instance) peak() *units.Bytes {
	if i.parent != nil {
		if peak := i.parent.Peak(); peak != nil && *peak > 0 {
			return peak
		}
	}
	usage, _ := i.Usage()
	return usage.Peak
}

// stateOf returns the state as the engine reports it.
func stateOf(found container.InspectResponse) containers.State {
	s := containers.State{
		Running:   alive(found.State),
		OOMKilled: found.State.OOMKilled,
		Restarts:  found.RestartCount,
		Error:     found.State.Error,
		Started:   parseTime(found.State.StartedAt),
		Finished:  parseTime(found.State.FinishedAt),
	}
	if found.HostConfig != nil {
		s.Limits = limitsOf(found.HostConfig)
	}
	if !s.Running {
		s.ExitCode = new(found.State.ExitCode)
	}
	return s
}
