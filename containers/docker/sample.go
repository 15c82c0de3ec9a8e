package docker

import (
	"context"
	"fmt"
	"time"

	"plan/containers"
	"plan/containers/cgroup"
)

// How often a container's control group is read; a peak of 60 ms is seen by
// the one and found again by the other.
const (
	sampleEvery = 25 * time.Millisecond
	findEvery   = 100 * time.Millisecond
	// findWithin is how long a running container's control group is looked for
	// before the engine's own, slower figures are taken.
	findWithin = time.Second
)

// sample follows what the container uses until Remove.
func (i *Instance) sample(ctx context.Context) {
	ctx, i.stop = context.WithCancel(context.WithoutCancel(ctx))
	h := i.docker.host.Load()
	i.idle.Go(func() {
		if h == nil || !i.sampleGroup(ctx, h) {
			i.sampleStats(ctx)
		}
	})
}

// sampleGroup reads the container's control group until ctx ends; false says
// that a running container's could not be found.
func (i *Instance) sampleGroup(ctx context.Context, h *host) bool {
	s := groupSampler{instance: i, host: h}
	defer s.close()
	wait := time.Duration(0)
	for sleep(ctx, wait) {
		switch {
		case s.reader != nil:
			s.read()
			wait = sampleEvery
		case s.open(ctx):
			wait = 0
		case !s.found && i.runningFor() > findWithin:
			return false
		default:
			wait = s.pause()
		}
	}
	return true
}

// groupSampler reads one container's group, and the next one's after a restart.
type groupSampler struct {
	instance *Instance
	host     *host
	reader   *cgroup.Reader
	base     containers.Usage // what was counted before this group was made
	found    bool             // ever
}

// open looks the group up: below our own parent, else by the main process.
func (s *groupSampler) open(ctx context.Context) bool {
	i := s.instance
	var group cgroup.Group
	if i.parent != nil && i.runningFor() < findWithin {
		group = i.parent.Child(i.id)
	} else if found, err := i.docker.engine.ContainerInspect(ctx, i.id); err != nil || found.State.Pid == 0 {
		return false
	} else if group, err = s.host.hierarchy.GroupOf(found.State.Pid, i.id); err != nil {
		return false
	}
	reader, err := cgroup.Open(group)
	if err != nil {
		return false
	}
	s.reader, s.found = reader, true
	s.base, _ = i.Usage()
	return true
}

func (s *groupSampler) read() {
	usage, err := s.reader.Read()
	if err != nil { // the group is gone
		s.close()
		return
	}
	s.instance.took(usage, s.base)
}

func (s *groupSampler) close() {
	if s.reader != nil {
		_ = s.reader.Close() // it was only read
		s.reader = nil
	}
}

// pause is short where looking is only a look into a folder.
func (s *groupSampler) pause() time.Duration {
	if s.instance.parent != nil {
		return sampleEvery
	}
	return findEvery
}

// took keeps a sample. A counter of kills that moved is a witness.
func (i *Instance) took(usage, base containers.Usage) {
	i.mu.Lock()
	var previous containers.Usage
	if i.usage != nil {
		previous = *i.usage
	}
	usage = usage.After(previous, base)
	i.usage = &usage
	i.mu.Unlock()
	if kills := deref(usage.OOMKills) - deref(previous.OOMKills); kills > 0 {
		i.outOfMemory("counter", usage.At, fmt.Sprintf("oom_kill rose by %d", kills))
	}
}

func deref(n *int64) int64 {
	if n == nil {
		return 0
	}
	return *n
}

// sleep waits, and says whether ctx is still alive.
func sleep(ctx context.Context, wait time.Duration) bool {
	if ctx.Err() != nil {
		return false
	}
	select {
	case <-ctx.Done():
		return false
	case <-time.After(wait):
		return true
	}
}
