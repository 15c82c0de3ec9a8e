// Package inference speaks to a model's API: is it ready, and does it answer
// one request of each kind?
//
// It knows nothing of plans, containers or load. The bundled service that
// stands in for an API is in the folder sample.
package inference

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"sync"
	"time"

	"plan/internal/exchange"
)

// NotReady says that an API did not show itself ready in the time it had.
type NotReady struct {
	Last string // what the last attempt came to, for people; "" when it was not answered
}

func (e *NotReady) Error() string {
	if e.Last == "" {
		return "not ready: no answer"
	}
	return "not ready: " + e.Last
}

// Pauses between an attempt that failed and the next one, and how long one
// waits before the next begins beside it.
const (
	firstPause   = 25 * time.Millisecond
	longestPause = 250 * time.Millisecond
	besideAfter  = time.Second
)

// WaitReady asks until the API shows itself ready. plain says that all it
// showed is that it takes connections. When ctx ends before, the error is a
// *NotReady with what the last attempt came to.
func WaitReady(ctx context.Context, probe Probe) (plain bool, err error) {
	attempt, err := probe.attempt()
	if err != nil {
		return false, err
	}
	return poll(ctx, attempt)
}

// shown is what one attempt came to.
type shown struct {
	exchange.Outcome
	plain bool // it took a connection, and spoke no HTTP
}

// poll makes attempts until one succeeds: with growing pauses after those that
// fail, and each second beside those that wait.
func poll(ctx context.Context, attempt func(context.Context) shown) (plain bool, err error) {
	attempts, cancel := context.WithCancel(ctx)
	var running sync.WaitGroup
	defer running.Wait()
	defer cancel()
	type numbered struct {
		shown
		number int
	}
	ended := make(chan numbered)
	begun, last, pause := 0, "", firstPause
	next, waits := time.NewTimer(0), false // waits: the newest attempt has not ended
	defer next.Stop()
	for {
		select {
		case <-ctx.Done():
			return false, &NotReady{Last: last}
		case <-next.C:
			if waits { // so what was said before no longer holds
				last = ""
			}
			begun++
			number := begun
			waits = true
			running.Go(func() {
				got := numbered{attempt(attempts), number}
				select {
				case ended <- got:
				case <-attempts.Done():
				}
			})
			next.Reset(besideAfter)
		case got := <-ended:
			if got.Class == exchange.OK {
				return got.plain, nil
			}
			if got.number == begun && !over(ctx) {
				waits, last = false, describe(got.Outcome)
				next.Reset(pause)
				pause = min(pause*3/2, longestPause)
			}
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

// First sends one of each request to the API at address, in order and as one
// user, which keeps the cookies that it is given. One that is refused or
// answered 503 is sent again as long as within has not passed. It ends at the
// first that fails: the last outcome tells which.
func First(ctx context.Context, address string, requests []exchange.Request, within time.Duration) []exchange.Outcome {
	client := exchange.NewClient((&net.Dialer{}).DialContext, true, &exchange.KeepAlives{})
	client.Jar = &exchange.Jar{}
	defer client.CloseIdleConnections()
	patience, cancel := context.WithTimeout(ctx, within)
	defer cancel()
	outcomes := make([]exchange.Outcome, 0, len(requests))
	for _, request := range requests {
		outcome := repeat(patience, func() exchange.Outcome { return exchange.Do(ctx, client, address, request) })
		outcomes = append(outcomes, outcome)
		if outcome.Class != exchange.OK {
			break
		}
	}
	return outcomes
}

// repeat sends until the answer is no longer that of a service which is not
// there yet, or ctx ends.
func repeat(ctx context.Context, send func() exchange.Outcome) exchange.Outcome {
	for pause := firstPause; ; pause = min(pause*3/2, longestPause) {
		outcome := send()
		if !early(outcome) {
			return outcome
		}
		select {
		case <-ctx.Done():
			return outcome
		case <-time.After(pause):
		}
	}
}

// early says whether an answer is that of a service which is not there yet.
func early(o exchange.Outcome) bool {
	return o.Class == exchange.Refused || o.Class != exchange.OK && o.Status == http.StatusServiceUnavailable
}
