package locust

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"plan/engine"
	"plan/internal/units"
)

// locustRun is what one load by Locust came to.
type locustRun struct {
	result   engine.Result
	version  string        // "" where it does not tell
	cpuShare *float64      // of the one CPU that it can use, while all users were active
	warned   bool          // it said itself that it had no CPU to spare
	delay    time.Duration // median of what its page took to answer a trifle; 0 where that is not known
	deaf     bool          // its page did not answer in time
	late     bool          // the load ended before it had started all users

	missing   int // users that it had too few, once all had been active
	unstopped int // users that had not stopped when those under way were cut
}

// Above these Locust's own delay shows in what it measures: the share of a CPU
// that it uses, and the time that passes before it comes to anything. The
// second tells of a Locust that would use more CPU than it gets.
const (
	fullShare = 0.8
	fullDelay = 20 * time.Millisecond
)

// limits says why Locust was the limit of a load of so many users: nothing where
// it was not.
func (l locustRun) limits(users int) []engine.Limit {
	var limits []engine.Limit
	if text := l.full(); text != "" {
		limits = append(limits, engine.Limit{Kind: engine.LimitCPU, Text: text})
	}
	if l.missing > 0 {
		limits = append(limits, engine.Limit{Kind: engine.LimitRate, Text: fmt.Sprintf("Locust had %d of %d users at times: the others had ended", users-l.missing, users)})
	}
	if l.unstopped > 0 {
		limits = append(limits, engine.Limit{Kind: engine.LimitRate, Text: fmt.Sprintf(
			"%d of %d users of Locust had not stopped %s after the end of the load: what they waited for is in no figure", l.unstopped, users, units.Duration(locustStop))})
	}
	return limits
}

// full says how Locust had no CPU left, "" if it had.
func (l locustRun) full() string {
	switch {
	case l.deaf:
		return "Locust had no time to answer on its own page"
	case l.late:
		return "Locust had not started all users when the load ended"
	case l.cpuShare != nil && *l.cpuShare > fullShare:
		return fmt.Sprintf("Locust used %s of the one CPU that it can use: what it measured is its own delay", units.Percent(*l.cpuShare))
	case l.warned:
		return "Locust warned that it used more than 90 % of the one CPU that it can use: what it measured is its own delay"
	case l.delay > fullDelay:
		return fmt.Sprintf("Locust came to anything only after %s, as its page shows: what it measured is its own delay", units.Duration(l.delay.Round(time.Millisecond)))
	}
	return ""
}

// conclude fetches the last figures, also those of a load that ctx has ended.
func (d *drive) conclude(ctx context.Context) error {
	if d.began.IsZero() {
		return nil
	}
	last, cancel := context.WithTimeout(context.WithoutCancel(ctx), fetchTime)
	defer cancel()
	figures, err := d.figures(last)
	switch {
	case err == nil:
		d.live.Window(Page{}, figures.Stats)
	case errors.Is(err, errDeaf):
		d.shown.deaf = true
	case ctx.Err() == nil:
		return err
	}
	d.showed.Lasted = d.over.Sub(d.began).Seconds()
	d.showed.From, d.showed.Full = d.active.Sub(d.began).Seconds(), figures
	if d.active.IsZero() {
		d.showed.From, d.showed.Ramp, d.showed.Full = d.showed.Lasted, figures, Figures{}
	}
	d.showed.Series = d.live.Series()
	d.keep()
	_ = d.trifle(last) // what it raised decides nothing where requests were made
	return d.exceptions()
}

// keep puts what Locust showed into the engine's words.
func (d *drive) keep() {
	d.shown.result = d.showed.Result()
	if usage, ok := d.container.Usage(); ok && usage.CPUSeconds != nil {
		d.shown.result.CPUSeconds = *usage.CPUSeconds
	}
	from, to, took := d.from.CPUSeconds, d.to.CPUSeconds, d.to.At.Sub(d.from.At).Seconds()
	if from != nil && to != nil && took > 0 {
		d.shown.cpuShare = new((*to - *from) / took)
	}
	d.shown.delay = median(d.delays)
	d.shown.late = d.active.IsZero()
	d.shown.result.Invalid = d.shown.limits(d.Load.Users)
}

// median of some durations; 0 for fewer than three.
func median(of []time.Duration) time.Duration {
	if len(of) < 3 {
		return 0
	}
	return slices.Sorted(slices.Values(of))[len(of)/2]
}

// exceptions tells of what the locustfile raised. A load without any request
// because of that is no load.
func (d *drive) exceptions() error {
	if len(d.raised) == 0 {
		return nil
	}
	var sum int64
	most := d.raised[0]
	for _, e := range d.raised {
		sum += e.Count
		if e.Count > most.Count {
			most = e
		}
	}
	what := fmt.Sprintf("it raised exceptions, %d times, most of them: %s", sum, most)
	if d.shown.result.Total.Requests == 0 {
		return d.locustFault(what, "")
	}
	d.Note(d.File + ": " + what)
	return nil
}
