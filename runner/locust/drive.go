package locust

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"plan/agent"
	"plan/containers"
	"plan/internal/units"
	"plan/runner/journal"
)

// loadRun is a load by Locust that is running. The log shows when something
// happens, the web page how much.
type loadRun struct {
	Driver
	container Container

	live        windowSeries
	figures     figures
	began       time.Time        // first user; zero before
	active      time.Time        // all users; its figures are judged from then on; zero before
	users       int              // that the web page last showed
	rose        time.Time        // when it last showed more than before
	ended       time.Time        // end of the load; zero before
	stopping    bool             // its LoadTestShape has ended, and its users stop
	stopped     bool             // all of them have
	left        int              // of them, when they were last seen to stop
	from        containers.Usage // when all users were active
	to          containers.Usage // at the end
	runtimeOver <-chan time.Time // the end of the run time; nil before the first user
	pageDelays  []time.Duration  // of pingPage, while all users were active
	exceptions  []exception
	shaped      bool              // a LoadTestShape sets the number of users
	ends        map[string]string // errors that ended users, by the line of the log
	outcome     runResult
}

// run follows Locust until its users have stopped, and fills in the outcome.
func (d *loadRun) run(ctx context.Context) error {
	deadline := time.Now().Add(d.untilFirstUser())
	follow, cancel := context.WithCancel(ctx)
	defer cancel()
	events := make(chan logEvent)
	go d.follow(follow, events)
	tick := time.NewTicker(time.Second)
	defer tick.Stop()
	for d.ended.IsZero() || d.stopping {
		var err error
		select {
		case <-ctx.Done():
			d.markEnd()
		case e, open := <-events:
			if !open { // the container ended by itself
				var state containers.State
				if state, err = d.container.State(ctx); err != nil {
					break
				}
				what := "it ended before its first user" + journal.ExitText(state)
				if !d.began.IsZero() {
					what = "it ended during the load" + journal.ExitText(state)
				}
				if len(state.Witnesses) > 0 {
					what += ", out of memory"
				}
				err = d.scriptError(what, "")
				break
			}
			err = d.handle(ctx, e)
		case <-tick.C:
			if d.stopping {
				err = d.awaitStop(ctx)
				break
			}
			err = d.poll(ctx, deadline)
		case <-d.runtimeOver:
			d.markEnd()
			if d.Shape {
				d.Note(fmt.Sprintf("%s: its LoadTestShape had not ended after %s", d.File, units.Duration(d.Load.Runtime)))
			}
			err = d.stopUsers(ctx)
		}
		if errors.Is(err, errPageTimeout) {
			d.outcome.pageTimedOut = true
			d.markEnd()
			continue
		}
		if err != nil && ctx.Err() == nil {
			return err
		}
	}
	return d.conclude(ctx)
}

// handle takes an event of the log. It comes again where the log is read again.
func (d *loadRun) handle(ctx context.Context, e logEvent) error {
	switch {
	case e.event == eventStarted:
		d.outcome.version = e.text
	case e.event == eventUserEnded:
		d.ends[e.line] = e.text
	case e.event == eventSpawnFail:
		d.outcome.spawnError = e.text
	case e.event == eventShape && !d.Shape:
		return d.scriptError("it has a LoadTestShape, which sets the number of users",
			"remove that class: the plan sets the number of users, and the runtime")
	case e.event == eventShape:
		d.shaped = true
	case e.event == eventFirstUser && d.Shape && !d.shaped:
		return d.scriptError("it has no LoadTestShape, and the load has no users", "write users in the load")
	case e.event == eventKilled && d.stopping:
		d.outcome.unstopped = max(1, d.left)
	case e.event == eventKilled:
		d.outcome.cutOff = true
	case e.event == eventNoCPU:
		d.outcome.cpuWarning = true
	case e.event == eventFirstUser && d.began.IsZero():
		d.began = e.at
		d.runtimeOver = time.After(time.Until(e.at.Add(d.Load.Runtime)))
	case e.event == eventAllUsers && d.active.IsZero():
		// Keep the figures of the ramp and reset those of Locust: the judged window
		// starts here. Requests that end in the milliseconds between the two are not
		// counted.
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
	}
	return nil
}

// windowTime is the timeout of fetching a window. A second whose window times out
// has none.
const windowTime = 3 * time.Second

// pageAge is how old the figures of the web page may be: Locust makes them anew
// every other second.
const pageAge = 3 * time.Second

// poll adds a window, and ends the load where the locustfile has ended it.
func (d *loadRun) poll(ctx context.Context, deadline time.Time) error {
	switch {
	case d.began.IsZero() && time.Now().After(deadline):
		return d.scriptError("no user started within "+units.Duration(d.untilFirstUser()), "")
	case d.began.IsZero():
		return nil
	}
	ctx, cancel := context.WithTimeout(ctx, windowTime)
	defer cancel()
	if err := d.pingPage(ctx); err != nil {
		return lostAgent(err) // a page that is slow is fetched again in a second
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
	if page.Users > d.users {
		d.rose = time.Now()
	}
	d.users = page.Users
	// Nothing else ends it before its run time is over.
	if slices.Contains([]string{"cleanup", "stopping", "stopped"}, page.State) {
		d.markEnd()
		if d.Shape {
			d.stopping, d.runtimeOver, d.left = true, nil, page.Users
		} else {
			d.outcome.endedAfter = d.ended.Sub(d.began)
		}
		return nil
	}
	if !d.active.IsZero() && time.Since(d.active) > pageAge {
		d.outcome.missing = max(d.outcome.missing, d.Load.Users-page.Users)
	}
	return nil
}

// awaitStop looks once whether the users of a LoadTestShape that has ended have
// stopped. The web page is too old to tell how long that took: the log says whether
// Locust had to kill some.
func (d *loadRun) awaitStop(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, windowTime)
	defer cancel()
	page, err := d.fetchState(ctx)
	switch {
	case err == nil && page.stopped() && !d.stopped:
		d.stopped = true // until the next look the log is read to this point
	case err == nil && page.stopped():
		d.stopping = false
	case time.Since(d.ended) > stopTime+2*pageAge:
		d.stopping, d.outcome.unstopped = false, max(1, d.left)
	case err == nil:
		d.left = page.Users
	}
	return lostAgent(err)
}

// stopUsers stops the users, and notes how many Locust had to kill.
func (d *loadRun) stopUsers(ctx context.Context) error {
	begun := time.Now()
	answered := make(chan error, 1)
	// Locust answers when the requests in flight have ended, or it has killed their users.
	go func() { answered <- d.post(ctx, "/stop", stopTime+fetchTime) }()
	left, again := 0, time.NewTicker(time.Second)
	defer again.Stop()
	for {
		select {
		case err := <-answered:
			if err == nil && time.Since(begun) >= stopTime {
				d.outcome.unstopped = max(1, left)
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

// lostAgent returns err where the agent is gone, and nil otherwise.
func lostAgent(err error) error {
	if _, lost := errors.AsType[*agent.Lost](err); lost {
		return err
	}
	return nil
}

// markEnd notes the end of the load, which is before its users stop.
func (d *loadRun) markEnd() {
	if d.stopping = false; d.ended.IsZero() {
		d.ended = time.Now()
		d.to, _ = d.container.Usage()
	}
}
