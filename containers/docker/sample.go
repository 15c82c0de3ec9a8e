package docker

import (
	"context"
	"time"

	"plan/containers"
	"plan/containers/cgroup"
)

// Sampling intervals of control groups. At 25 ms a peak of 60 ms in a judged
// container is seen.
const (
	subjectEvery = 25 * time.Millisecond
	otherEvery   = 250 * time.Millisecond
)

// The search for a control group.
const (
	findEvery = 100 * time.Millisecond
	// findTimeout is how long a running container's control group is searched for
	// before the engine's own, slower figures are used.
	findTimeout = time.Second
)

// sampler samples the usage of one container across its restarts: from its control
// group where that can be read, else from the engine's figures.
type sampler struct {
	engine engine
	host   *localHost // nil where control groups cannot be read
	id     string
	parent *cgroup.Group // that this run made above the container's; nil for none
	every  time.Duration // between readings of a control group

	runningFor func() time.Duration // since the last start; 0 while it does not run
	record     func(containers.Usage)

	reader *cgroup.Reader
	found  bool             // a control group was found before
	last   containers.Usage // the newest
	base   containers.Usage // counted by earlier groups of the container
}

// run samples until ctx ends.
func (s *sampler) run(ctx context.Context) {
	if s.host != nil && s.sampleGroup(ctx) {
		return
	}
	for sleep(ctx, 0) { // the engine's own figures, one a second
		stream, err := s.engine.ContainerStats(ctx, s.id, true)
		if err == nil {
			s.readStats(stream.Body)
			_ = stream.Body.Close() // read-only
		}
		sleep(ctx, statsRetry)
	}
}

// sampleGroup reads the container's control group until ctx ends. It returns false
// where the group of a running container cannot be found.
func (s *sampler) sampleGroup(ctx context.Context) bool {
	defer s.close()
	wait := time.Duration(0)
	for sleep(ctx, wait) {
		switch {
		case s.reader != nil:
			s.read()
			wait = s.every
		case s.open(ctx):
			wait = 0
		case !s.found && s.runningFor() > findTimeout:
			return false
		default:
			wait = findEvery
			if s.parent != nil { // a search below it only reads a folder
				wait = min(s.every, findEvery)
			}
		}
	}
	return true
}

// open opens the group: below the parent of this run, else by the main process.
func (s *sampler) open(ctx context.Context) bool {
	var group cgroup.Group
	if s.parent != nil && s.runningFor() < findTimeout {
		child, err := s.parent.ChildOf(s.id)
		if err != nil {
			return false
		}
		group = child
	} else if found, err := s.engine.ContainerInspect(ctx, s.id); err != nil || found.State.Pid == 0 {
		return false
	} else if group, err = s.host.hierarchy.GroupOf(found.State.Pid, s.id); err != nil {
		return false
	}
	reader, err := cgroup.Open(group)
	if err != nil {
		return false
	}
	s.reader, s.found, s.base = reader, true, s.last
	return true
}

func (s *sampler) read() {
	usage, err := s.reader.Read()
	if err != nil { // the group is gone
		s.close()
		return
	}
	s.hand(usage)
}

// hand records a sample with the counters and peaks of earlier groups.
func (s *sampler) hand(usage containers.Usage) {
	s.last = usage.After(s.last, s.base)
	s.record(s.last)
}

func (s *sampler) close() {
	if s.reader != nil {
		_ = s.reader.Close() // read-only
		s.reader = nil
	}
}

// sleep waits, and returns false where ctx ends first.
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
