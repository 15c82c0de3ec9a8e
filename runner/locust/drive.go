package locust

import (
	"context"
	"errors"
	"time"

	"plan/agent"
	"plan/containers"
	"plan/internal/units"
	"plan/runner/journal"
)

// drive is a load by Locust under way. Its log tells when something happens,
// its page how much.
type drive struct {
	Driver
	container Container

	live   Live
	showed Showed
	began  time.Time        // the first user; zero before
	active time.Time        // all users, from when on its figures count; zero before
	over   time.Time        // the end of the load; zero before
	from   containers.Usage // when all users were active
	to     containers.Usage // at the end
	enough <-chan time.Time // the end of the run time; nil before the first user
	delays []time.Duration  // of trifles, while all users were active
	raised []Exception
	shown  locustRun
}

// load follows Locust until its users have stopped, and keeps what it showed.
func (d *drive) load(ctx context.Context) error {
	deadline := time.Now().Add(locustStart)
	follow, cancel := context.WithCancel(ctx)
	defer cancel()
	milestones := make(chan milestone)
	go d.follow(follow, milestones)
	tick := time.NewTicker(time.Second)
	defer tick.Stop()
	for d.over.IsZero() {
		var err error
		select {
		case <-ctx.Done():
			d.end()
		case m, open := <-milestones:
			if err = d.heard(ctx, m); !open {
				err = d.ended(ctx)
			}
		case <-tick.C:
			err = d.look(ctx, deadline)
		case <-d.enough:
			d.end()
			err = d.stop(ctx)
		}
		if errors.Is(err, errDeaf) {
			d.shown.deaf = true
			d.end()
			continue
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
	case m.event == Started:
		d.shown.version = m.version
	case m.event == Shape:
		return d.locustFault("it has a LoadTestShape, which says by itself how many users there are",
			"take that class out of it: the plan says how many users there are, and for how long")
	case m.event == Full:
		d.shown.warned = true
	case m.event == Begun && d.began.IsZero():
		d.began = m.at
		d.enough = time.After(time.Until(m.at.Add(d.Load.Runtime)))
	case m.event == Spawned && d.active.IsZero():
		return d.spawned(ctx)
	}
	return nil
}

// spawned keeps the figures of the ramp and lets Locust count anew: thresholds
// are held against what comes from here on. What ends in the milliseconds
// between the two is counted nowhere.
func (d *drive) spawned(ctx context.Context) error {
	figures, err := d.figures(ctx)
	if err != nil {
		return err
	}
	if err := d.press(ctx, "/stats/reset", fetchTime); err != nil {
		return err
	}
	d.active = time.Now()
	d.from, _ = d.container.Usage()
	d.showed.Ramp = figures
	d.live.Reset(figures.Stats)
	return nil
}

// windowTime is how long a window may take to be fetched; without it there is
// none for that second.
const windowTime = 3 * time.Second

// pageAge is how old what a page says may be: it is made anew every other second.
const pageAge = 3 * time.Second

// look takes a window of a load, and notes when the locustfile has ended it.
func (d *drive) look(ctx context.Context, deadline time.Time) error {
	switch {
	case d.began.IsZero() && time.Now().After(deadline):
		return d.locustFault("no user began within "+units.Duration(locustStart), "")
	case d.began.IsZero():
		return nil
	}
	ctx, cancel := context.WithTimeout(ctx, windowTime)
	defer cancel()
	if err := d.trifle(ctx); err != nil {
		return lostAgent(err) // a page that is slow to answer is asked again
	}
	page, err := d.page(ctx)
	if err != nil {
		return lostAgent(err)
	}
	stats, err := d.stats(ctx)
	if err != nil {
		return lostAgent(err)
	}
	d.Window(d.live.Window(page, stats))
	if !page.Stopped() && !d.active.IsZero() && time.Since(d.active) > pageAge {
		d.shown.missing = max(d.shown.missing, d.Load.Users-page.Users)
	}
	if page.Stopped() {
		d.end()
	}
	return nil
}

// stop tells the users to stop, and notes how many had not when they were cut.
func (d *drive) stop(ctx context.Context) error {
	begun := time.Now()
	answered := make(chan error, 1)
	go func() { answered <- d.press(ctx, "/stop", locustStop+fetchTime) }() // answered when what was under way has ended, or been cut
	left, again := 0, time.NewTicker(time.Second)
	defer again.Stop()
	for {
		select {
		case err := <-answered:
			if err == nil && time.Since(begun) >= locustStop {
				d.shown.unstopped = max(1, left)
			}
			return err
		case <-again.C:
			look, cancel := context.WithTimeout(ctx, windowTime)
			if page, err := d.page(look); err == nil && !page.Stopped() {
				left = page.Users
			}
			cancel()
		}
	}
}

// lostAgent gives only the error of an agent that has gone.
func lostAgent(err error) error {
	if _, lost := errors.AsType[*agent.Lost](err); lost {
		return err
	}
	return nil
}

// end notes that the load is over.
func (d *drive) end() {
	d.over = time.Now()
	d.to, _ = d.container.Usage()
}

// ended is called when the container has ended by itself.
func (d *drive) ended(ctx context.Context) error {
	state, err := d.container.State(ctx)
	if err != nil {
		return err
	}
	what := "it ended before its first user" + journal.ExitText(state)
	if !d.began.IsZero() {
		what = "it ended in the middle of the load" + journal.ExitText(state)
	}
	if len(state.Witnesses) > 0 {
		what += ", out of memory"
	}
	return d.locustFault(what, "")
}
