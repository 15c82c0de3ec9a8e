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

// runResult is the outcome of one load.
type runResult struct {
	result       engine.Result
	version      string        // "" where the log does not have it
	cpuShare     *float64      // of the one CPU that it can use, while all users were active
	cpuWarning   bool          // Locust warned that it had no CPU to spare
	pageDelay    time.Duration // median of pingPage; 0 where it is not known
	pageTimedOut bool          // the web page did not respond in time
	usersLate    bool          // the load ended before all users had started

	missing   int // the most users that were missing after all had been active
	unstopped int // users that Locust had to kill
}

// Above these Locust's own delay is part of what it measures: the share of a CPU
// that it uses, and the time until it serves its web page. The second shows a
// Locust that would use more CPU than it gets.
const (
	mostShare = 0.8
	mostDelay = 20 * time.Millisecond
)

// saturation returns the limits that Locust reached in a load of so many users.
func (l runResult) saturation(users int) []engine.Saturation {
	var limits []engine.Saturation
	lackOfCPU := ""
	switch {
	case l.pageTimedOut:
		lackOfCPU = "Locust was overloaded: its web page did not respond in time"
	case l.usersLate:
		lackOfCPU = "Locust was overloaded: it had not started all users when the load ended"
	case l.cpuShare != nil && *l.cpuShare > mostShare:
		lackOfCPU = fmt.Sprintf("Locust was overloaded: it used %s of the one CPU that it can use, "+
			"so its latencies include its own delay", units.Percent(*l.cpuShare))
	case l.cpuWarning:
		lackOfCPU = "Locust was overloaded: it warned that it used more than 90 % of the one CPU that it can use, " +
			"so its latencies include its own delay"
	case l.pageDelay > mostDelay:
		lackOfCPU = fmt.Sprintf("Locust was overloaded: its web page took %s to respond, "+
			"so its latencies include its own delay", units.Duration(l.pageDelay.Round(time.Millisecond)))
	}
	if lackOfCPU != "" {
		limits = append(limits, engine.Saturation{Kind: engine.SaturationCPU, Text: lackOfCPU})
	}
	if l.missing > 0 {
		limits = append(limits, engine.Saturation{Kind: engine.SaturationRate, Text: fmt.Sprintf(
			"Locust ran only %d of %d users at times: the others had ended", users-l.missing, users)})
	}
	if l.unstopped > 0 {
		limits = append(limits, engine.Saturation{Kind: engine.SaturationRate, Text: fmt.Sprintf(
			"%d of %d Locust users had not stopped %s after the end of the load: their last requests are not counted",
			l.unstopped, users, units.Duration(stopTime))})
	}
	return limits
}

// conclude fetches the last figures, also those of a load that ctx has ended, and
// fills in the outcome.
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
		d.outcome.pageTimedOut = true
	case ctx.Err() == nil:
		return err
	}
	d.figures.Lasted = d.ended.Sub(d.began).Seconds()
	d.figures.From, d.figures.Full = d.active.Sub(d.began).Seconds(), figures
	if d.active.IsZero() {
		d.figures.From, d.figures.Ramp, d.figures.Full = d.figures.Lasted, figures, counters{}
	}
	d.figures.Series = d.live.windows
	d.outcome.result = d.figures.result()
	if usage, ok := d.container.Usage(); ok && usage.CPUSeconds != nil {
		d.outcome.result.CPUSeconds = *usage.CPUSeconds
	}
	from, to, took := d.from.CPUSeconds, d.to.CPUSeconds, d.to.At.Sub(d.from.At).Seconds()
	if from != nil && to != nil && took > 0 {
		d.outcome.cpuShare = new((*to - *from) / took)
	}
	if len(d.pageDelays) >= 3 {
		d.outcome.pageDelay = slices.Sorted(slices.Values(d.pageDelays))[len(d.pageDelays)/2]
	}
	d.outcome.usersLate = d.active.IsZero()
	d.outcome.result.Saturated = d.outcome.saturation(d.Load.Users)
	_ = d.pingPage(last) // exceptions decide nothing where requests were made
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
	what := fmt.Sprintf("it raised %d exceptions, most often: %s", sum, most)
	if d.outcome.result.Total.Requests == 0 { // because of that
		return d.scriptError(what, "")
	}
	d.Note(d.File + ": " + what)
	return nil
}
