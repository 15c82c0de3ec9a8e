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

// errPageTimeout is a page of Locust's that did not answer in time: its one process
// is busy with its users.
var errPageTimeout = errors.New("no answer of the page of Locust in time")

// fetch fetches a page of Locust's.
func (d *loadRun) fetch(ctx context.Context, method, path string, within time.Duration) (agent.Answer, error) {
	ctx, cancel := context.WithTimeout(ctx, within)
	defer cancel()
	answer, err := d.Fetch(ctx, agent.Page{Method: method, URL: "http://" + d.container.Address() + path})
	switch {
	case err == nil || lostAgent(err) != nil:
		return answer, err
	case errors.Is(err, context.DeadlineExceeded):
		return answer, errPageTimeout
	}
	return answer, d.pageError(err)
}

// post asks for something to be done: by POST, or by GET as older versions
// want it.
func (d *loadRun) post(ctx context.Context, path string, within time.Duration) error {
	answer, err := d.fetch(ctx, http.MethodPost, path, within)
	if err == nil && answer.Status == http.StatusMethodNotAllowed {
		answer, err = d.fetch(ctx, http.MethodGet, path, within)
	}
	if err == nil && answer.Status != http.StatusOK {
		err = d.pageError(fmt.Errorf("%s was answered with %d", path, answer.Status))
	}
	return err
}

// fetchParsed fetches a page and reads it.
func fetchParsed[T any](ctx context.Context, d *loadRun, path string, parse func([]byte) (T, error)) (T, error) {
	answer, err := d.fetch(ctx, http.MethodGet, path, fetchTime)
	if err != nil {
		var none T
		return none, err
	}
	value, err := parse(answer.Body)
	if err != nil {
		return value, d.pageError(fmt.Errorf("%s was answered with %d: %w", path, answer.Status, err))
	}
	return value, nil
}

// pageError is a page of Locust's that does not say what it should.
func (d *loadRun) pageError(err error) error {
	return &containers.Error{
		Kind: containers.Other, Summary: "Locust's page does not tell its figures: " + err.Error(), Err: err,
		Help: "the locustfile or the driver's image may have changed it; Locust 2.12 and 2.47 are known to work",
	}
}

func (d *loadRun) fetchState(ctx context.Context) (uiState, error) {
	return fetchParsed(ctx, d, "/stats/requests", parseUIState)
}

func (d *loadRun) fetchStats(ctx context.Context) (requestStats, error) {
	return fetchParsed(ctx, d, "/stats/requests/csv", parseStats)
}

// fetchCounters fetches all that was counted. Failures come first: what fails
// between the two is then counted, if without a class.
func (d *loadRun) fetchCounters(ctx context.Context) (counters, error) {
	failures, err := fetchParsed(ctx, d, "/stats/failures/csv", parseFailures)
	if err != nil {
		return counters{}, err
	}
	stats, err := d.fetchStats(ctx)
	return counters{Stats: stats, Failures: failures}, err
}

// pingPage asks for what the locustfile raised, which costs Locust next to
// nothing: how long the answer takes is how long anything waits in it.
func (d *loadRun) pingPage(ctx context.Context) error {
	answer, err := d.fetch(ctx, http.MethodGet, "/exceptions/csv", windowTime)
	if errors.Is(err, errPageTimeout) {
		answer.Took = windowTime
	}
	if !d.active.IsZero() && d.ended.IsZero() && answer.Took > 0 {
		d.pageDelays = append(d.pageDelays, answer.Took)
	}
	if raised, err := parseExceptions(answer.Body); err == nil {
		d.exceptions = raised
	}
	return err
}
