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

// besideEvery is the sampling interval of containers beside a trial, and the
// shortest time between two listings of containers.
const besideEvery = time.Second

// Beside samples the usage of all containers on the engine, except those that
// trials of this run judge. It is safe for concurrent use.
type Beside struct {
	docker *Docker
	stop   context.CancelFunc
	idle   sync.WaitGroup
	again  chan struct{} // of capacity one: a request to list containers

	mu       sync.Mutex
	followed map[string]*companion // by container id
}

// Beside starts to sample. It ends with Close or ctx.
func (d *Docker) Beside(ctx context.Context) (*Beside, error) {
	if err := d.watch.listen(ctx); err != nil {
		return nil, err
	}
	ctx, cancel := context.WithCancel(ctx)
	b := &Beside{docker: d, stop: cancel, again: make(chan struct{}, 1)}
	d.watch.addBeside(b)
	if err := b.look(ctx); err != nil {
		return nil, errors.Join(err, b.Close())
	}
	b.idle.Go(func() { b.keepLooking(ctx) })
	return b, nil
}

// Readings returns the latest sample of each running container, sorted by name.
func (b *Beside) Readings() []containers.Reading {
	b.mu.Lock()
	defer b.mu.Unlock()
	var readings []containers.Reading
	for _, c := range b.followed {
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
func (b *Beside) Close() error {
	b.docker.watch.dropBeside(b)
	b.stop()
	b.idle.Wait()
	return nil
}

// lookAgain requests another listing.
func (b *Beside) lookAgain() {
	select {
	case b.again <- struct{}{}:
	default: // one is pending
	}
}

// keepLooking lists containers after each start and end of one. Events cost next to
// nothing; listing ten containers once a second costs 0.3 % of a core.
func (b *Beside) keepLooking(ctx context.Context) {
	for {
		select {
		case <-b.again:
		case <-ctx.Done():
			return
		}
		if b.look(ctx) != nil { // try again
			b.lookAgain()
		}
		sleep(ctx, besideEvery)
	}
}

// look starts to sample new containers, and stops for those that are gone.
func (b *Beside) look(ctx context.Context) error {
	there, err := b.docker.running(ctx)
	if err != nil {
		return err
	}
	now := map[string]*companion{}
	for _, found := range there {
		if role := b.docker.roleOf(found.Config.Labels); role != containers.Subject {
			now[found.ID] = b.companion(ctx, found, role)
		}
	}
	b.replace(now)
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

func (b *Beside) replace(now map[string]*companion) {
	b.mu.Lock()
	defer b.mu.Unlock()
	for id, one := range b.followed {
		if now[id] == nil {
			one.stop()
		}
	}
	b.followed = now
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

// companion is a container beside those that are judged.
type companion struct {
	reading containers.Reading // without its usage
	usage   func() (containers.Usage, bool)
	stop    context.CancelFunc
}

// companion returns the container with its sampler, and starts one where there is
// none. Containers that this run watches have one.
func (b *Beside) companion(ctx context.Context, found container.InspectResponse, role containers.Role) *companion {
	c := &companion{reading: containers.Reading{
		Name: plainName(found.Name), Role: role, Limits: limitsOf(found.HostConfig),
	}}
	if known := b.followed[found.ID]; known != nil { // only look changes the map, and never concurrently
		c.usage, c.stop = known.usage, known.stop
		return c
	}
	if i := b.docker.watch.find(found.ID); i != nil {
		c.usage, c.stop = i.Usage, func() {}
		return c
	}
	var last newest
	since := time.Now()
	s := sampler{
		engine: b.docker.engine, host: b.docker.host.Load(), id: found.ID, every: besideEvery,
		runningFor: func() time.Duration { return time.Since(since) },
		took:       func(usage containers.Usage) { last.keep(usage) },
	}
	c.usage = last.Usage
	ctx, c.stop = context.WithCancel(ctx)
	b.idle.Go(func() { s.run(ctx) })
	return c
}
