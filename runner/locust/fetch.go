package locust

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"time"

	"plan/agent"
	"plan/containers"
)

// fetchTime is how long Locust's page may take to answer.
const fetchTime = 10 * time.Second

// errDeaf is a page of Locust's that did not answer in time: its one process
// is busy with its users.
var errDeaf = errors.New("no answer of the page of Locust in time")

// ask fetches a page of Locust's.
func (d *drive) ask(ctx context.Context, method, path string, within time.Duration) (agent.Answer, error) {
	ctx, cancel := context.WithTimeout(ctx, within)
	defer cancel()
	answer, err := d.Fetch(ctx, agent.Page{Method: method, URL: "http://" + d.container.Address() + path})
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

func (d *drive) page(ctx context.Context) (Page, error) {
	return parsed(ctx, d, "/stats/requests", ParsePage)
}

func (d *drive) stats(ctx context.Context) (Stats, error) {
	return parsed(ctx, d, "/stats/requests/csv", ParseStats)
}

// figures fetches all that was counted. Failures come first: what fails
// between the two is then counted, if without a class.
func (d *drive) figures(ctx context.Context) (Figures, error) {
	failures, err := parsed(ctx, d, "/stats/failures/csv", ParseFailures)
	if err != nil {
		return Figures{}, err
	}
	stats, err := d.stats(ctx)
	return Figures{Stats: stats, Failures: failures}, err
}

// trifle asks for what the locustfile raised, which costs Locust next to
// nothing: how long the answer takes is how long anything waits in it.
func (d *drive) trifle(ctx context.Context) error {
	answer, err := d.ask(ctx, http.MethodGet, "/exceptions/csv", windowTime)
	if errors.Is(err, errDeaf) {
		answer.Took = windowTime
	}
	if !d.active.IsZero() && d.over.IsZero() && answer.Took > 0 {
		d.delays = append(d.delays, answer.Took)
	}
	if raised, err := ParseExceptions(answer.Body); err == nil {
		d.raised = raised
	}
	return err
}
