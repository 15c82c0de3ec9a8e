package docker

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"sync"
	"time"

	"github.com/docker/docker/api/types/container"

	"plan/containers"
	"plan/containers/docker/apierror"
)

// monitorEvery is the sampling interval of containers beside a trial, and the
// shortest time between two listings of containers.
const monitorEvery = time.Second

// Monitor samples the usage of all containers on the engine, except those that
// trials of this run judge. It is safe for concurrent use.
type Monitor struct {
	docker  *Docker
	stop    context.CancelFunc
	idle    sync.WaitGroup
	pending chan struct{} // of capacity one: a request to list containers

	mu   sync.Mutex
	byID map[string]*otherContainer // by container id
}

// Monitor starts to sample. It ends with Close or ctx.
func (d *Docker) Monitor(ctx context.Context) (*Monitor, error) {
	if err := d.watch.listen(ctx); err != nil {
		return nil, err
	}
	ctx, cancel := context.WithCancel(ctx)
	b := &Monitor{docker: d, stop: cancel, pending: make(chan struct{}, 1)}
	d.watch.addMonitor(b)
	if err := b.refresh(ctx); err != nil {
		return nil, errors.Join(err, b.Close())
	}
	// List containers after each start and end of one. Events cost next to nothing;
	// listing ten containers once a second costs 0.3 % of a core.
	b.idle.Go(func() {
		for {
			select {
			case <-b.pending:
			case <-ctx.Done():
				return
			}
			if b.refresh(ctx) != nil { // try again
				b.requestRefresh()
			}
			sleep(ctx, monitorEvery)
		}
	})
	return b, nil
}

// Readings returns the latest sample of each running container, sorted by name.
func (b *Monitor) Readings() []containers.Reading {
	b.mu.Lock()
	defer b.mu.Unlock()
	var readings []containers.Reading
	for _, c := range b.byID {
		if usage, ok := c.usage(); ok {
			reading := c.reading
			reading.Usage = usage
			readings = append(readings, reading)
		}
	}
	slices.SortFunc(readings, func(a, b containers.Reading) int { return cmp.Compare(a.Name, b.Name) })
	return readings
}

// Close ends the sampling. The error is always nil.
func (b *Monitor) Close() error {
	b.docker.watch.dropMonitor(b)
	b.stop()
	b.idle.Wait()
	return nil
}

// requestRefresh requests another listing.
func (b *Monitor) requestRefresh() {
	select {
	case b.pending <- struct{}{}:
	default: // one is pending
	}
}

// refresh starts to sample new containers, and stops for those that are gone.
func (b *Monitor) refresh(ctx context.Context) error {
	there, err := b.docker.running(ctx)
	if err != nil {
		return err
	}
	now := map[string]*otherContainer{}
	for _, found := range there {
		if role := b.docker.roleOf(found.Config.Labels); role != containers.Subject && role != lifeRole {
			now[found.ID] = b.follow(ctx, found, role)
		}
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	for id, one := range b.byID {
		if now[id] == nil {
			one.stop()
		}
	}
	b.byID = now
	return nil
}

// running inspects the running containers. The engine's list alone is stale: at
// the event of a container's end it still has the container as running.
func (d *Docker) running(ctx context.Context) ([]container.InspectResponse, error) {
	listed, err := d.engine.ContainerList(ctx, container.ListOptions{})
	if err != nil {
		return nil, d.errs.Wrap("the containers cannot be listed", err)
	}
	var there []container.InspectResponse
	for _, c := range listed {
		found, err := d.engine.ContainerInspect(ctx, c.ID)
		switch {
		case err == nil && found.State.Running:
			there = append(there, found)
		case err != nil && !apierror.NotFound(err):
			return nil, d.errs.Wrap("the container "+nameOf(c)+" cannot be read", err)
		}
	}
	return there, nil
}

// roleOf returns the role of a container in this run, from its labels.
func (d *Docker) roleOf(labels map[string]string) containers.Role {
	switch {
	case labels[labelRun] != d.options.Run:
		return containers.Neighbour
	case labels[labelRole] == agentRole:
		return containers.Generator
	}
	return containers.Role(labels[labelRole])
}

// otherContainer is a container beside those that are judged.
type otherContainer struct {
	reading containers.Reading // without its usage
	usage   func() (containers.Usage, bool)
	stop    context.CancelFunc
}

// follow returns the container with its sampler, and starts one where there is
// none. Containers that this run watches have one.
func (b *Monitor) follow(ctx context.Context, found container.InspectResponse, role containers.Role) *otherContainer {
	c := &otherContainer{reading: containers.Reading{
		Name: plainName(found.Name), Role: role, Limits: limitsOf(found.HostConfig),
	}}
	if known := b.byID[found.ID]; known != nil { // only look changes the map, and never concurrently
		c.usage, c.stop = known.usage, known.stop
		return c
	}
	if i := b.docker.watch.find(found.ID); i != nil {
		c.usage, c.stop = i.Usage, func() {}
		return c
	}
	var last latestUsage
	since := time.Now()
	s := sampler{
		engine: b.docker.engine, host: b.docker.host.Load(), id: found.ID, every: monitorEvery,
		runningFor: func() time.Duration { return time.Since(since) },
		record:     func(usage containers.Usage) { last.swap(usage) },
	}
	c.usage = last.Usage
	ctx, c.stop = context.WithCancel(ctx)
	b.idle.Go(func() { s.run(ctx) })
	return c
}
