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

// loadRun is a load by Locust under way. Its log tells when something happens,
// its page how much.
type loadRun struct {
	Driver
	container Container

	live   windowSeries
	figures figures
	began  time.Time        // the first user; zero before
	active time.Time        // all users, from when on its figures count; zero before
	ended   time.Time        // the end of the load; zero before
	from   containers.Usage // when all users were active
	to     containers.Usage // at the end
	runtimeOver <-chan time.Time // the end of the run time; nil before the first user
	pageDelays []time.Duration  // of trifles, while all users were active
	exceptions []exception
	result  runResult
}

// run follows Locust until its users have stopped, and keeps what it showed.
func (d *loadRun) run(ctx context.Context) error {
	deadline := time.Now().Add(startTime)
	follow, cancel := context.WithCancel(ctx)
	defer cancel()
	milestones := make(chan logEvent)
	go d.follow(follow, milestones)
	tick := time.NewTicker(time.Second)
	defer tick.Stop()
	for d.ended.IsZero() {
		var err error
		select {
		case <-ctx.Done():
			d.markEnd()
		case m, open := <-milestones:
			if err = d.handle(ctx, m); !open {
				err = d.exitError(ctx)
			}
		case <-tick.C:
			err = d.poll(ctx, deadline)
		case <-d.runtimeOver:
			d.markEnd()
			err = d.stopUsers(ctx)
		}
		if errors.Is(err, errPageTimeout) {
			d.result.pageTimedOut = true
			d.markEnd()
			continue
		}
		if err != nil && ctx.Err() == nil {
			return err
		}
	}
	return d.conclude(ctx)
}

// handle takes a milestone. A log that is read again tells each once more.
func (d *loadRun) handle(ctx context.Context, m logEvent) error {
	switch {
	case m.event == eventStarted:
		d.result.version = m.version
	case m.event == eventShape:
		return d.scriptError("it has a LoadTestShape, which says by itself how many users there are",
			"take that class out of it: the plan says how many users there are, and for how long")
	case m.event == eventNoCPU:
		d.result.cpuWarning = true
	case m.event == eventFirstUser && d.began.IsZero():
		d.began = m.at
		d.runtimeOver = time.After(time.Until(m.at.Add(d.Load.Runtime)))
	case m.event == eventAllUsers && d.active.IsZero():
		return d.resetStats(ctx)
	}
	return nil
}

// resetStats keeps the figures of the ramp and lets Locust count anew: thresholds
// are held against what comes from here on. What ends in the milliseconds
// between the two is counted nowhere.
func (d *loadRun) resetStats(ctx context.Context) error {
	figures, err := d.fetchCounters(ctx)
	if err != nil {
		return err
	}
	if err := d.post(ctx, "/stats/reset", fetchTime); err != nil {
		return err
	}
	d.active = time.Now()
	d.from, _ = d.container.Usage()
	d.figures.Ramp = figures
	d.live.reset(figures.Stats)
	return nil
}

// windowTime is how long a window may take to be fetched; without it there is
// none for that second.
const windowTime = 3 * time.Second

// pageAge is how old what a page says may be: it is made anew every other second.
const pageAge = 3 * time.Second

// poll takes a window of a load, and notes when the locustfile has ended it.
func (d *loadRun) poll(ctx context.Context, deadline time.Time) error {
	switch {
	case d.began.IsZero() && time.Now().After(deadline):
		return d.scriptError("no user began within "+units.Duration(startTime), "")
	case d.began.IsZero():
		return nil
	}
	ctx, cancel := context.WithTimeout(ctx, windowTime)
	defer cancel()
	if err := d.pingPage(ctx); err != nil {
		return lostAgent(err) // a page that is slow to answer is asked again
	}
	page, err := d.fetchState(ctx)
	if err != nil {
		return lostAgent(err)
	}
	stats, err := d.fetchStats(ctx)
	if err != nil {
		return lostAgent(err)
	}
	d.Window(d.live.add(page, stats))
	if !page.stopped() && !d.active.IsZero() && time.Since(d.active) > pageAge {
		d.result.missing = max(d.result.missing, d.Load.Users-page.Users)
	}
	if page.stopped() {
		d.markEnd()
	}
	return nil
}

// stopUsers tells the users to stop, and notes how many had not when they were cut.
func (d *loadRun) stopUsers(ctx context.Context) error {
	begun := time.Now()
	answered := make(chan error, 1)
	go func() { answered <- d.post(ctx, "/stop", stopTime+fetchTime) }() // answered when what was under way has ended, or been cut
	left, again := 0, time.NewTicker(time.Second)
	defer again.Stop()
	for {
		select {
		case err := <-answered:
			if err == nil && time.Since(begun) >= stopTime {
				d.result.unstopped = max(1, left)
			}
			return err
		case <-again.C:
			look, cancel := context.WithTimeout(ctx, windowTime)
			if page, err := d.fetchState(look); err == nil && !page.stopped() {
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

// markEnd notes that the load is over.
func (d *loadRun) markEnd() {
	d.ended = time.Now()
	d.to, _ = d.container.Usage()
}

// exitError is called when the container has ended by itself.
func (d *loadRun) exitError(ctx context.Context) error {
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
	return d.scriptError(what, "")
}
