package inference

import (
	"context"
	"net"
	"net/http"
	"time"

	"plan/internal/exchange"
)

// Answers holds the outcomes of requests of one user.
type Answers struct {
	Outcomes []exchange.Outcome // up to the first failure
	Cookies  string             // cookies of the user afterwards, as the value of a Cookie header; "" without any
}

// First sends each request once to the API at address (host:port), in order, as
// one user with cookies. It repeats a request that is refused or gets a 503
// until within has passed since the call. It stops after the first failure,
// which is the last outcome.
func First(ctx context.Context, address string, requests []exchange.Request, within time.Duration) Answers {
	client := exchange.NewClient((&net.Dialer{}).DialContext, true, &exchange.KeepAlives{})
	jar := &exchange.Jar{}
	client.Jar = jar
	defer client.CloseIdleConnections()
	waitCtx, cancel := context.WithTimeout(ctx, within)
	defer cancel()
	starting := func(o exchange.Outcome) bool { // it is typical of a service that is starting
		return o.Class == exchange.Refused || o.Class != exchange.OK && o.Status == http.StatusServiceUnavailable
	}
	outcomes := make([]exchange.Outcome, 0, len(requests))
	for _, request := range requests {
		outcome := retry(waitCtx, starting, func() exchange.Outcome { return exchange.Do(ctx, client, address, request) })
		outcomes = append(outcomes, outcome)
		if outcome.Class != exchange.OK {
			break
		}
	}
	return Answers{outcomes, string(jar.Header())}
}

// Again sends each request once to an API that has responded before, in order.
// Any status is a response. It repeats a request without a response until its
// timeout, and stops after the first one that gets none.
func Again(ctx context.Context, address string, requests []exchange.Request) []exchange.Outcome {
	client := exchange.NewClient((&net.Dialer{}).DialContext, true, &exchange.KeepAlives{})
	defer client.CloseIdleConnections()
	outcomes := make([]exchange.Outcome, 0, len(requests))
	for _, request := range requests {
		waitCtx, cancel := context.WithTimeout(ctx, request.EffectiveTimeout())
		outcome := retry(waitCtx, noResponse, func() exchange.Outcome { return exchange.Do(ctx, client, address, request) })
		cancel()
		outcomes = append(outcomes, outcome)
		if noResponse(outcome) {
			break
		}
	}
	return outcomes
}

// retry sends until again is false for the outcome, or ctx ends, with growing
// pauses.
func retry(ctx context.Context, again func(exchange.Outcome) bool, send func() exchange.Outcome) exchange.Outcome {
	for pause := firstPause; ; pause = min(pause*3/2, longestPause) {
		outcome := send()
		if !again(outcome) {
			return outcome
		}
		select {
		case <-ctx.Done():
			return outcome
		case <-time.After(pause):
		}
	}
}

// noResponse reports whether an exchange ended without a response.
func noResponse(o exchange.Outcome) bool { return o.Status == 0 }
