package runner

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"time"

	"plan/agent"
	"plan/containers"
	"plan/engine"
	"plan/engine/locust"
)

// locustRun is what one load by Locust came to.
type locustRun struct {
	result   engine.Result
	version  string             // "" where it does not tell
	cpuShare *float64           // of the one CPU that it can use, while all users were active
	warned   bool               // it said itself that it had no CPU to spare
	deaf     bool               // its page did not answer in time
	log      []string           // last lines
	usage    []containers.Usage // one a second
}

// fullShare is the share of a CPU above which Locust's own delay shows in what
// it measures.
const fullShare = 0.8

// full says why Locust was the limit of a load, if it was.
func (l locustRun) full() (why string, is bool) {
	switch {
	case l.deaf:
		return "Locust had no time to answer on its own page", true
	case l.cpuShare != nil && *l.cpuShare > fullShare:
		return fmt.Sprintf("Locust used %s of the one CPU that it can use: what it measured is its own delay", percent(*l.cpuShare)), true
	case l.warned:
		return "Locust warned that it used more than 90 % of the one CPU that it can use: what it measured is its own delay", true
	}
	return "", false
}

// fetchTime is how long Locust's page may take to answer.
const fetchTime = 10 * time.Second

// errDeaf is a page of Locust's that did not answer in time: its one process
// is busy with its users.
var errDeaf = errors.New("no answer of the page of Locust in time")

// ask fetches a page of Locust's.
func (d *drive) ask(ctx context.Context, method, path string, within time.Duration) (agent.Answer, error) {
	ctx, cancel := context.WithTimeout(ctx, within)
	defer cancel()
	answer, err := d.run.agent.Fetch(ctx, agent.Page{Method: method, URL: "http://" + d.instance.Address() + path})
	switch {
	case err == nil || lostAgent(err) != nil:
		return answer, err
	case errors.Is(err, context.DeadlineExceeded):
		return answer, errDeaf
	}
	return answer, d.mute(err)
}

// press asks for something to be done: by POST, or by GET as older versions
// want it.
func (d *drive) press(ctx context.Context, path string, within time.Duration) error {
	answer, err := d.ask(ctx, http.MethodPost, path, within)
	if err == nil && answer.Status == http.StatusMethodNotAllowed {
		answer, err = d.ask(ctx, http.MethodGet, path, within)
	}
	if err == nil && answer.Status != http.StatusOK {
		err = d.mute(fmt.Errorf("%s was answered with %d", path, answer.Status))
	}
	return err
}

// parsed fetches a page and reads it.
func parsed[T any](ctx context.Context, d *drive, path string, parse func([]byte) (T, error)) (T, error) {
	answer, err := d.ask(ctx, http.MethodGet, path, fetchTime)
	if err != nil {
		var none T
		return none, err
	}
	value, err := parse(answer.Body)
	if err != nil {
		return value, d.mute(fmt.Errorf("%s was answered with %d: %w", path, answer.Status, err))
	}
	return value, nil
}

// mute is a page of Locust's that does not say what it should.
func (d *drive) mute(err error) error {
	return &containers.Error{
		Kind: containers.Other, Summary: "Locust's page does not tell its figures: " + err.Error(), Err: err,
		Help: "the locustfile or the driver's image may have changed it; Locust 2.12 and 2.47 are known to work",
	}
}

func (d *drive) page(ctx context.Context) (locust.Page, error) {
	return parsed(ctx, d, "/stats/requests", locust.ParsePage)
}

func (d *drive) stats(ctx context.Context) (locust.Stats, error) {
	return parsed(ctx, d, "/stats/requests/csv", locust.ParseStats)
}

// figures fetches all that was counted. Failures come first: what fails
// between the two is then counted, if without a class.
func (d *drive) figures(ctx context.Context) (locust.Figures, error) {
	failures, err := parsed(ctx, d, "/stats/failures/csv", locust.ParseFailures)
	if err != nil {
		return locust.Figures{}, err
	}
	stats, err := d.stats(ctx)
	return locust.Figures{Stats: stats, Failures: failures}, err
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
		d.live.Window(locust.Page{}, figures.Stats)
	case errors.Is(err, errDeaf):
		d.shown.deaf = true
	case ctx.Err() == nil:
		return err
	}
	d.showed.Lasted = d.over.Sub(d.began).Seconds()
	d.showed.From, d.showed.Full = d.active.Sub(d.began).Seconds(), figures
	if d.active.IsZero() {
		d.showed.From, d.showed.Ramp, d.showed.Full = d.showed.Lasted, figures, locust.Figures{}
	}
	d.showed.Series = d.live.Series()
	d.keep()
	return d.exceptions(last)
}

// keep puts what Locust showed into the engine's words.
func (d *drive) keep() {
	d.shown.result = d.showed.Result()
	if usage, ok := d.instance.Usage(); ok && usage.CPUSeconds != nil {
		d.shown.result.CPUSeconds = *usage.CPUSeconds
	}
	used, took := since(d.from.CPUSeconds, d.to.CPUSeconds), d.to.At.Sub(d.from.At).Seconds()
	if used != nil && took > 0 {
		d.shown.cpuShare = new(*used / took)
	}
}

// exceptions tells, where that can be known, of what the locustfile raised. A load without any request
// because of that is no load.
func (d *drive) exceptions(ctx context.Context) error {
	raised, _ := parsed(ctx, d, "/exceptions/csv", locust.ParseExceptions)
	if len(raised) == 0 {
		return nil
	}
	var sum int64
	most := raised[0]
	for _, e := range raised {
		sum += e.Count
		if e.Count > most.Count {
			most = e
		}
	}
	what := fmt.Sprintf("it raised exceptions, %d times, most of them: %s", sum, most.Message)
	if d.shown.result.Total.Requests == 0 {
		return locustFault(*d.order.stage.Load.Driver, what, "")
	}
	d.run.Observer.Note(d.order.stage.Load.Driver.File + ": " + what)
	return nil
}
