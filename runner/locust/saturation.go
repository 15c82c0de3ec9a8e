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

// runResult is what one load by Locust came to.
type runResult struct {
	result   engine.Result
	version  string        // "" where it does not tell
	cpuShare *float64      // of the one CPU that it can use, while all users were active
	cpuWarning   bool          // it said itself that it had no CPU to spare
	pageDelay    time.Duration // median of what its page took to answer a trifle; 0 where that is not known
	pageTimedOut     bool          // its page did not answer in time
	usersLate     bool          // the load ended before it had started all users

	missing   int // users that it had too few, once all had been active
	unstopped int // users that had not stopped when those under way were cut
}

// Above these Locust's own delay shows in what it measures: the share of a CPU
// that it uses, and the time that passes before it comes to anything. The
// second tells of a Locust that would use more CPU than it gets.
const (
	mostShare = 0.8
	mostDelay = 20 * time.Millisecond
)

// saturation says why Locust was the limit of a load of so many users: nothing where
// it was not.
func (l runResult) saturation(users int) []engine.Limit {
	var limits []engine.Limit
	if text := l.cpuSaturation(); text != "" {
		limits = append(limits, engine.Limit{Kind: engine.LimitCPU, Text: text})
	}
	if l.missing > 0 {
		limits = append(limits, engine.Limit{Kind: engine.LimitRate, Text: fmt.Sprintf("Locust had %d of %d users at times: the others had ended", users-l.missing, users)})
	}
	if l.unstopped > 0 {
		limits = append(limits, engine.Limit{Kind: engine.LimitRate, Text: fmt.Sprintf(
			"%d of %d users of Locust had not stopped %s after the end of the load: what they waited for is in no figure", l.unstopped, users, units.Duration(stopTime))})
	}
	return limits
}

// cpuSaturation says how Locust had no CPU left, "" if it had.
func (l runResult) cpuSaturation() string {
	switch {
	case l.pageTimedOut:
		return "Locust had no time to answer on its own page"
	case l.usersLate:
		return "Locust had not started all users when the load ended"
	case l.cpuShare != nil && *l.cpuShare > mostShare:
		return fmt.Sprintf("Locust used %s of the one CPU that it can use: what it measured is its own delay", units.Percent(*l.cpuShare))
	case l.cpuWarning:
		return "Locust warned that it used more than 90 % of the one CPU that it can use: what it measured is its own delay"
	case l.pageDelay > mostDelay:
		return fmt.Sprintf("Locust came to anything only after %s, as its page shows: what it measured is its own delay", units.Duration(l.pageDelay.Round(time.Millisecond)))
	}
	return ""
}

// conclude fetches the last figures, also those of a load that ctx has ended.
func (d *loadRun) conclude(ctx context.Context) error {
	if d.began.IsZero() {
		return nil
	}
	last, cancel := context.WithTimeout(context.WithoutCancel(ctx), fetchTime)
	defer cancel()
	figures, err := d.fetchCounters(last)
	switch {
	case err == nil:
		d.live.add(uiState{}, figures.Stats)
	case errors.Is(err, errPageTimeout):
		d.result.pageTimedOut = true
	case ctx.Err() == nil:
		return err
	}
	d.figures.Lasted = d.ended.Sub(d.began).Seconds()
	d.figures.From, d.figures.Full = d.active.Sub(d.began).Seconds(), figures
	if d.active.IsZero() {
		d.figures.From, d.figures.Ramp, d.figures.Full = d.figures.Lasted, figures, counters{}
	}
	d.figures.Series = d.live.series()
	d.keep()
	_ = d.pingPage(last) // what it raised decides nothing where requests were made
	return d.checkExceptions()
}

// keep puts what Locust showed into the engine's words.
func (d *loadRun) keep() {
	d.result.result = d.figures.result()
	if usage, ok := d.container.Usage(); ok && usage.CPUSeconds != nil {
		d.result.result.CPUSeconds = *usage.CPUSeconds
	}
	from, to, took := d.from.CPUSeconds, d.to.CPUSeconds, d.to.At.Sub(d.from.At).Seconds()
	if from != nil && to != nil && took > 0 {
		d.result.cpuShare = new((*to - *from) / took)
	}
	d.result.pageDelay = median(d.pageDelays)
	d.result.usersLate = d.active.IsZero()
	d.result.result.Invalid = d.result.saturation(d.Load.Users)
}

// median of some durations; 0 for fewer than three.
func median(of []time.Duration) time.Duration {
	if len(of) < 3 {
		return 0
	}
	return slices.Sorted(slices.Values(of))[len(of)/2]
}

// checkExceptions tells of what the locustfile raised. A load without any request
// because of that is no load.
func (d *loadRun) checkExceptions() error {
	if len(d.exceptions) == 0 {
		return nil
	}
	var sum int64
	most := d.exceptions[0]
	for _, e := range d.exceptions {
		sum += e.Count
		if e.Count > most.Count {
			most = e
		}
	}
	what := fmt.Sprintf("it raised exceptions, %d times, most of them: %s", sum, most)
	if d.result.result.Total.Requests == 0 {
		return d.scriptError(what, "")
	}
	d.Note(d.File + ": " + what)
	return nil
}
