package locust

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"time"

	"plan/engine"
	"plan/internal/english"
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
	spawnError   string        // the error that ended the start of users; "" where none did
	shaped       bool          // a LoadTestShape sets the number of users

	missing    int           // the most users that were missing after all had been active
	endError   string        // the error that ended most users; "" where none did
	unstopped  int           // users that Locust had to kill at the end
	erased     bool          // something else than the driver has reset the counters
	cutOff     bool          // it had to kill users before, which its LoadTestShape stopped
	endedAfter time.Duration // the locustfile ended the load, so long after its first user; 0: it did not
}

// Above these Locust's own delay is part of what it measures: the share of a CPU
// that it uses, and the time until it serves its web page. The second shows a
// Locust that would use more CPU than it gets.
const (
	mostShare = 0.8
	mostDelay = 20 * time.Millisecond
)

// saturation returns the limits that Locust reached in a load.
func (l runResult) saturation(load engine.Load) []engine.Saturation {
	users := load.Users
	var limits []engine.Saturation
	lackOfCPU := ""
	switch {
	case l.pageTimedOut:
		lackOfCPU = "Locust was overloaded: its web page did not respond in time"
	case l.usersLate && l.spawnError != "":
		limits = append(limits, engine.Saturation{Kind: engine.SaturationRate,
			Text: "Locust could not start all users: " + l.spawnError})
	case l.usersLate && l.shaped:
		limits = append(limits, engine.Saturation{Kind: engine.SaturationRate,
			Text: "the load ended before the users of the first step of its LoadTestShape had started"})
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
		text := fmt.Sprintf("Locust ran only %d of %d users at times: the others had ended", users-l.missing, users)
		if l.endError != "" {
			text += ", most often by " + l.endError
		}
		limits = append(limits, engine.Saturation{Kind: engine.SaturationRate, Text: text})
	}
	if l.endedAfter > 0 {
		limits = append(limits, engine.Saturation{Kind: engine.SaturationRate, Text: fmt.Sprintf(
			"the locustfile ended the load after %s of %s, with %s", units.Duration(l.endedAfter.Round(100*time.Millisecond)),
			units.Duration(load.Runtime), english.Count(int(l.result.Total.Requests), "request"))})
	}
	if l.unstopped > 0 {
		limits = append(limits, engine.Saturation{Kind: engine.SaturationRate, Text: fmt.Sprintf(
			"%d of %d Locust users had not stopped %s after the end of the load: their last requests are not counted",
			l.unstopped, users, units.Duration(stopTime))})
	}
	if l.erased {
		limits = append(limits, engine.Saturation{Kind: engine.SaturationRate,
			Text: "the counters of Locust were reset during the load: what it had counted before is lost"})
	}
	if l.cutOff {
		limits = append(limits, engine.Saturation{Kind: engine.SaturationRate, Text: fmt.Sprintf(
			"Locust users that the LoadTestShape stopped had not stopped %s later: their last requests are not counted",
			units.Duration(stopTime))})
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
	d.outcome.shaped = d.shaped
	d.outcome.usersLate, d.outcome.erased = d.active.IsZero(), d.live.erased
	_ = d.pingPage(last) // exceptions decide nothing where requests were made
	raised := d.raised()
	d.outcome.endError = mostFrequent(slices.Collect(maps.Values(d.ends)))
	load := d.Load
	if d.Shape { // the load has no number of users
		for _, w := range d.live.windows {
			load.Users = max(load.Users, w.Users)
		}
	} else { // Locust replaces none, and its web page may have been too slow to show that they were missing
		d.outcome.missing = max(d.outcome.missing, min(len(d.ends), load.Users))
	}
	d.outcome.result.Saturated = d.outcome.saturation(load)
	// A load without a request says nothing about the service, unless requests were in
	// flight until their users were killed.
	inFlight := d.outcome.unstopped > 0 || d.outcome.cutOff || d.outcome.pageTimedOut || ctx.Err() != nil
	switch {
	case d.outcome.result.Total.Requests == 0 && !inFlight:
		if raised == "" {
			return d.scriptError("no user sent a request", "")
		}
		return d.scriptError("no user sent a request: "+raised, "correct it, or give it what it needs")
	case raised != "":
		d.Note(d.File + ": " + raised)
	}
	return nil
}

// raised says which exceptions the locustfile raised; "" where it raised none. Those that
// ended users are not among the exceptions that Locust counts.
func (d *loadRun) raised() string {
	var sum int64
	var most exception
	for _, e := range d.exceptions {
		sum += e.Count
		if e.Count > most.Count {
			most = e
		}
	}
	switch {
	case len(d.ends) > 0:
		return fmt.Sprintf("%s ended by an exception, most often: %s",
			english.Count(len(d.ends), "user"), mostFrequent(slices.Collect(maps.Values(d.ends))))
	case sum > 0:
		return fmt.Sprintf("it raised %s, most often: %s", english.Count(int(sum), "exception"), most)
	}
	return ""
}

// mostFrequent returns the text that occurs most often, of several the first in order.
func mostFrequent(texts []string) string {
	slices.Sort(texts)
	most, count := "", 0
	for start := 0; start < len(texts); {
		end := start
		for end < len(texts) && texts[end] == texts[start] {
			end++
		}
		if end-start > count {
			most, count = texts[start], end-start
		}
		start = end
	}
	return most
}
