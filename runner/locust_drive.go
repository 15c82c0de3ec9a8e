package runner

import (
	"context"
	"errors"
	"time"

	"plan/agent"
	"plan/containers"
	"plan/engine/locust"
	"plan/internal/units"
)

// drive is a load by Locust under way. Its log tells when something happens,
// its page how much.
type drive struct {
	run      *run
	order    order
	instance Instance

	live    locust.Live
	showed  locust.Showed
	began   time.Time        // the first user; zero before
	active  time.Time        // all users, from when on its figures count; zero before
	over    time.Time        // the end of the run time; zero before
	from    containers.Usage // when all users were active
	to      containers.Usage // at the end of the run time
	stopped bool
	shown   locustRun
}

// load follows Locust until its users have stopped, and keeps what it showed.
func (d *drive) load(ctx context.Context) error {
	deadline := time.Now().Add(locustStart)
	follow, stop := context.WithCancel(ctx)
	defer stop()
	milestones := make(chan milestone)
	go d.follow(follow, milestones)
	tick := time.NewTicker(time.Second)
	defer tick.Stop()
	for !d.stopped {
		var err error
		select {
		case <-ctx.Done():
			d.stopped = true
		case m, open := <-milestones:
			if err = d.heard(ctx, m); !open {
				err = d.ended(ctx)
			}
		case <-tick.C:
			err = d.look(ctx, deadline)
		}
		if err != nil && ctx.Err() == nil {
			return err
		}
	}
	return d.conclude(ctx)
}

// heard takes a milestone. A log that is read again tells each once more.
func (d *drive) heard(ctx context.Context, m milestone) error {
	switch {
	case m.event == locust.Started:
		d.shown.version = m.version
	case m.event == locust.Shape:
		return locustFault(*d.order.stage.Load.Driver, "it has a LoadTestShape, which says by itself how many users there are",
			"take that class out of it: the plan says how many users there are, and for how long")
	case m.event == locust.Full:
		d.shown.warned = true
	case m.event == locust.Begun && d.began.IsZero():
		d.began = m.at
	case m.event == locust.Spawned && d.active.IsZero():
		return d.spawned(ctx)
	case m.event == locust.Over && d.over.IsZero():
		d.over = m.at
		d.to, _ = d.instance.Usage()
	}
	return nil
}

// look takes a window of a load, and notes when it has ended or should have.
func (d *drive) look(ctx context.Context, deadline time.Time) error {
	switch {
	case d.began.IsZero() && time.Now().After(deadline):
		return locustFault(*d.order.stage.Load.Driver, "no user began within "+units.Duration(locustStart), "")
	case d.began.IsZero():
		return nil
	}
	if usage, ok := d.instance.Usage(); ok {
		d.shown.usage = append(d.shown.usage, usage)
	}
	if time.Since(d.began) > d.order.load.Runtime+locustStop+locustGrace {
		d.shown.overran, d.stopped = true, true
		return nil
	}
	page, err := d.page(ctx)
	if err != nil {
		return lostAgent(err) // a page that is slow to answer is asked again
	}
	d.stopped = page.Stopped()
	if !d.over.IsZero() {
		return nil
	}
	stats, err := d.stats(ctx)
	if err != nil {
		return lostAgent(err)
	}
	d.run.Observer.Window(d.live.Window(page, stats))
	return nil
}

// lostAgent gives only the error of an agent that has gone.
func lostAgent(err error) error {
	if _, lost := errors.AsType[*agent.Lost](err); lost {
		return err
	}
	return nil
}

// ended is called when the container has ended by itself.
func (d *drive) ended(ctx context.Context) error {
	state, err := d.instance.State(ctx)
	if err != nil {
		return err
	}
	what := "it ended before its first user" + exitText(state)
	if !d.began.IsZero() {
		what = "it ended in the middle of the load" + exitText(state)
	}
	if len(state.Witnesses) > 0 {
		what += ", out of memory"
	}
	return locustFault(*d.order.stage.Load.Driver, what, "")
}
