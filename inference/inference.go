// Package inference speaks to a model's API: is it ready, and does it answer
// one request of each kind?
//
// It knows nothing of plans, containers or load. The bundled service that
// stands in for an API is in the folder sample.
package inference

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"time"

	"plan/internal/exchange"
)

// Probe says how an API shows that it is ready: by answering a GET of URL
// with Status, or by taking connections at TCP, host:port.
type Probe struct {
	URL    string `json:"url,omitempty"`
	TCP    string `json:"tcp,omitempty"`
	Status int    `json:"status,omitempty"` // wanted; 0 means any 2xx
}

// NotReady says that an API did not show itself ready in the time it had.
type NotReady struct {
	Last string // what the last attempt came to, for people; "" when none ended
}

func (e *NotReady) Error() string {
	if e.Last == "" {
		return "not ready: no answer"
	}
	return "not ready: " + e.Last
}

// Pauses between two attempts, and how long one attempt may take.
const (
	firstPause   = 25 * time.Millisecond
	longestPause = 250 * time.Millisecond
	attemptLimit = 5 * time.Second
)

// WaitReady asks until the API shows itself ready. When ctx ends before, the
// error is a *NotReady with what the last attempt came to.
func WaitReady(ctx context.Context, probe Probe) error {
	attempt, err := probe.attempt()
	if err != nil {
		return err
	}
	return poll(ctx, attempt)
}

// poll makes attempts until one succeeds, with growing pauses.
func poll(ctx context.Context, attempt func(context.Context) exchange.Outcome) error {
	last := ""
	for pause := firstPause; ; pause = min(pause*3/2, longestPause) {
		outcome := attempt(ctx)
		if outcome.Class == exchange.OK {
			return nil
		}
		if !over(ctx) {
			last = describe(outcome)
		}
		select {
		case <-ctx.Done():
			return &NotReady{Last: last}
		case <-time.After(pause):
		}
	}
}

// over says whether ctx has ended, or is just about to: connections keep its
// deadline by a clock of their own.
func over(ctx context.Context) bool {
	deadline, has := ctx.Deadline()
	return ctx.Err() != nil || has && !time.Now().Before(deadline)
}

func describe(outcome exchange.Outcome) string {
	if outcome.Status == 0 {
		return fmt.Sprintf("%s: %s", outcome.Class, outcome.Detail)
	}
	return outcome.Detail
}

// attempt gives the function that makes one attempt.
func (p Probe) attempt() (func(context.Context) exchange.Outcome, error) {
	switch {
	case p.URL != "" && p.TCP == "":
		return p.get()
	case p.TCP != "" && p.URL == "":
		return p.connect, nil
	}
	return nil, errors.New("a probe needs a URL or a TCP address, and only one of them")
}

// get asks on a new connection each time, as the API behind it may have
// changed.
func (p Probe) get() (func(context.Context) exchange.Outcome, error) {
	target, err := url.Parse(p.URL)
	if err != nil {
		return nil, err
	}
	request := exchange.Request{Name: "ready", Method: http.MethodGet, Path: target.RequestURI(), Timeout: attemptLimit}
	if p.Status != 0 {
		request.Status = []int{p.Status}
	}
	sender, err := exchange.Prepare(target.Scheme+"://"+target.Host, request)
	if err != nil {
		return nil, err
	}
	client := exchange.NewClient((&net.Dialer{}).DialContext, false, &exchange.KeepAlives{})
	return func(ctx context.Context) exchange.Outcome { return sender.Send(ctx, client) }, nil
}

func (p Probe) connect(ctx context.Context) exchange.Outcome {
	start := time.Now()
	connection, err := (&net.Dialer{Timeout: attemptLimit}).DialContext(ctx, "tcp", p.TCP)
	if err != nil {
		return exchange.Outcome{Class: exchange.Classify(err), Detail: err.Error(), Took: time.Since(start)}
	}
	connection.Close()
	return exchange.Outcome{Took: time.Since(start)}
}

// First sends one of each request to the API at address, in order and as one
// user, which keeps the cookies that it is given. It ends at the first that
// fails: the last outcome tells which.
func First(ctx context.Context, address string, requests []exchange.Request) []exchange.Outcome {
	client := exchange.NewClient((&net.Dialer{}).DialContext, true, &exchange.KeepAlives{})
	client.Jar = &exchange.Jar{}
	defer client.CloseIdleConnections()
	outcomes := make([]exchange.Outcome, 0, len(requests))
	for _, request := range requests {
		outcome := exchange.Do(ctx, client, address, request)
		outcomes = append(outcomes, outcome)
		if outcome.Class != exchange.OK {
			break
		}
	}
	return outcomes
}
