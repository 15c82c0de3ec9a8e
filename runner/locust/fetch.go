package locust

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"time"

	"plan/agent"
	"plan/containers"
	"plan/internal/metrics"
)

// fetchTime is the timeout of Locust's web page.
const fetchTime = 10 * time.Second

// errPageTimeout means that Locust's one process is too busy with its users to
// serve its web page.
var errPageTimeout = errors.New("the web page of Locust did not respond in time")

// fetch sends a request to Locust's web page. The error is errPageTimeout, that of
// a lost agent, or one for users.
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

// post sends a command: by POST, or by GET, which older versions take.
func (d *loadRun) post(ctx context.Context, path string, within time.Duration) error {
	answer, err := d.fetch(ctx, http.MethodPost, path, within)
	if err == nil && answer.Status == http.StatusMethodNotAllowed {
		answer, err = d.fetch(ctx, http.MethodGet, path, within)
	}
	if err == nil && answer.Status != http.StatusOK {
		err = d.pageError(fmt.Errorf("%s returned status %d", path, answer.Status))
	}
	return err
}

// fetchParsed fetches a path and parses the response.
func fetchParsed[T any](ctx context.Context, d *loadRun, path string, parse func([]byte) (T, error)) (T, error) {
	answer, err := d.fetch(ctx, http.MethodGet, path, fetchTime)
	if err != nil {
		var none T
		return none, err
	}
	value, err := parse(answer.Body)
	if err != nil {
		return value, d.pageError(fmt.Errorf("%s returned status %d: %w", path, answer.Status, err))
	}
	return value, nil
}

// pageError is the error of a web page whose figures cannot be read.
func (d *loadRun) pageError(err error) error {
	return &containers.Error{
		Kind: containers.Other, Summary: "the figures on Locust's web page cannot be read: " + err.Error(), Err: err,
		Help: "check whether the locustfile or the image of the driver changes that page; Locust 2.12 and 2.47 work",
	}
}

func (d *loadRun) fetchState(ctx context.Context) (uiState, error) {
	return fetchParsed(ctx, d, "/stats/requests", parseUIState)
}

func (d *loadRun) fetchStats(ctx context.Context) (requestStats, error) {
	return fetchParsed(ctx, d, "/stats/requests/csv", parseStats)
}

// fetchCounters fetches all that Locust has counted. Failures come first: those
// between the two requests are then counted, without a class. A percentile that a
// threshold bounds must be among the figures.
func (d *loadRun) fetchCounters(ctx context.Context) (counters, error) {
	failures, err := fetchParsed(ctx, d, "/stats/failures/csv", parseFailures)
	if err != nil {
		return counters{}, err
	}
	stats, err := d.fetchStats(ctx)
	for _, bound := range d.Bounds {
		column := metrics.Named(bound).Locust
		if err == nil && !slices.Contains(stats.Columns, column) {
			err = d.scriptError(fmt.Sprintf("it leaves out the column %s, which a threshold needs", column),
				"add that percentile to locust.stats.PERCENTILES_TO_REPORT")
		}
	}
	return counters{Stats: stats, Failures: failures}, err
}

// pingPage fetches the exceptions of the locustfile, which costs Locust next to
// nothing: the time until the response is how long anything waits in Locust.
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
