package runner

import (
	"context"
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
	overran  bool               // it went on past its run time, and was ended
	log      []string           // last lines
	usage    []containers.Usage // one a second
}

// fullShare is the share of a CPU above which Locust's own delay shows in what
// it measures.
const fullShare = 0.8

// full says why Locust was the limit of a load, if it was.
func (l locustRun) full() (why string, is bool) {
	switch {
	case l.overran:
		return "Locust went on long after its run time, and was ended", true
	case l.cpuShare != nil && *l.cpuShare > fullShare:
		return fmt.Sprintf("Locust used %s of the one CPU that it can use: what it measured is its own delay", percent(*l.cpuShare)), true
	case l.warned:
		return "Locust warned that it used more than 90 % of the one CPU that it can use: what it measured is its own delay", true
	}
	return "", false
}

// fetchTime is how long Locust's page may take to answer.
const fetchTime = 10 * time.Second

// ask fetches a page of Locust's.
func (d *drive) ask(ctx context.Context, method, path string) (agent.Answer, error) {
	within, cancel := context.WithTimeout(ctx, fetchTime)
	defer cancel()
	answer, err := d.run.agent.Fetch(within, agent.Page{Method: method, URL: "http://" + d.instance.Address() + path})
	if err != nil && lostAgent(err) == nil {
		err = d.mute(err)
	}
	return answer, err
}

// parsed fetches a page and reads it.
func parsed[T any](ctx context.Context, d *drive, path string, parse func([]byte) (T, error)) (T, error) {
	answer, err := d.ask(ctx, http.MethodGet, path)
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

// spawned keeps the figures of the ramp and lets Locust count anew: thresholds
// are held against what comes from here on. What ends in the milliseconds
// between the two is counted nowhere.
func (d *drive) spawned(ctx context.Context) error {
	figures, err := d.figures(ctx)
	if err != nil {
		return err
	}
	answer, err := d.ask(ctx, http.MethodPost, "/stats/reset")
	if err == nil && answer.Status == http.StatusMethodNotAllowed { // before 2.33
		answer, err = d.ask(ctx, http.MethodGet, "/stats/reset")
	}
	if err != nil {
		return err
	}
	if answer.Status != http.StatusOK {
		return d.mute(fmt.Errorf("/stats/reset was answered with %d", answer.Status))
	}
	d.active = time.Now()
	d.from, _ = d.instance.Usage()
	d.showed.Ramp = figures
	d.live.Reset(figures.Stats)
	return nil
}

// conclude fetches the last figures, also those of a load that ctx has ended.
func (d *drive) conclude(ctx context.Context) error {
	if d.began.IsZero() {
		return nil
	}
	if d.over.IsZero() {
		d.over = time.Now()
		d.to, _ = d.instance.Usage()
	}
	last, cancel := context.WithTimeout(context.WithoutCancel(ctx), fetchTime)
	defer cancel()
	figures, err := d.figures(last)
	switch {
	case err == nil:
		d.live.Window(locust.Page{}, figures.Stats)
	case d.shown.overran || ctx.Err() != nil: // what is missing decides nothing
	default:
		return err
	}
	d.showed.Lasted = d.over.Sub(d.began).Seconds()
	d.showed.From, d.showed.Full = d.active.Sub(d.began).Seconds(), figures
	if d.active.IsZero() {
		d.showed.From, d.showed.Ramp, d.showed.Full = d.showed.Lasted, figures, locust.Figures{}
	}
	d.showed.Series = d.live.Series()
	d.keep()
	if err != nil {
		return nil
	}
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

// exceptions tells of what the locustfile raised. A load without any request
// because of that is no load.
func (d *drive) exceptions(ctx context.Context) error {
	raised, err := parsed(ctx, d, "/exceptions/csv", locust.ParseExceptions)
	if err != nil || len(raised) == 0 {
		return err
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
