// Package inference sends single requests to the API of a model: readiness
// probes, and one request of each kind.
//
// It knows nothing of plans, containers or load. The folder sample has the
// bundled service that stands in for an API.
package inference

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"plan/internal/exchange"
)

// NotReady is the error of an API that was not ready in time.
type NotReady struct {
	Last string // result of the last attempt, for people; "" without a response
}

func (e *NotReady) Error() string {
	if e.Last == "" {
		return "not ready: no response"
	}
	return "not ready: " + e.Last
}

// Pauses after a failed attempt, and how long an attempt may wait before the
// next one starts alongside it.
const (
	firstPause   = 25 * time.Millisecond
	longestPause = 250 * time.Millisecond
	overlapAfter = time.Second
)

// WaitReady probes the API until it is ready. tcpOnly reports that it only
// accepted connections. If ctx ends first, the error is a *NotReady with the
// result of the last attempt.
func WaitReady(ctx context.Context, probe Probe) (tcpOnly bool, err error) {
	var attempt func(context.Context) attemptResult
	switch {
	case probe.URL != "" && probe.TCP == "" && probe.Any:
		attempt, err = probe.newAny()
	case probe.URL != "" && probe.TCP == "":
		attempt, err = probe.newGet()
	case probe.TCP != "" && probe.URL == "":
		attempt = probe.connect
	default:
		err = errors.New("a probe needs either a URL or a TCP address")
	}
	if err != nil {
		return false, err
	}
	return poll(ctx, attempt)
}

// attemptResult is the result of one attempt.
type attemptResult struct {
	exchange.Outcome
	tcpOnly bool // the API accepted a connection and did not speak HTTP
}

// poll makes attempts until one succeeds: after growing pauses if attempts
// fail, and each second alongside attempts that wait.
func poll(ctx context.Context, attempt func(context.Context) attemptResult) (tcpOnly bool, err error) {
	attempts, cancel := context.WithCancel(ctx)
	var running sync.WaitGroup
	defer running.Wait()
	defer cancel()
	type numbered struct {
		attemptResult
		number int
	}
	ended := make(chan numbered)
	started, last, pause := 0, "", firstPause
	next, pending := time.NewTimer(0), false // pending: the newest attempt has not ended
	defer next.Stop()
	for {
		select {
		case <-ctx.Done():
			return false, &NotReady{Last: last}
		case <-next.C:
			if pending { // the result of the attempt before is outdated
				last = ""
			}
			started++
			number := started
			pending = true
			running.Go(func() {
				got := numbered{attempt(attempts), number}
				select {
				case ended <- got:
				case <-attempts.Done():
				}
			})
			next.Reset(overlapAfter)
		case got := <-ended:
			if got.Class == exchange.OK {
				return got.tcpOnly, nil
			}
			// Connections measure the deadline with a clock of their own.
			deadline, has := ctx.Deadline()
			if ctx.Err() != nil || has && !time.Now().Before(deadline) || got.number != started {
				continue
			}
			pending, last = false, got.Detail
			if got.Status == 0 {
				last = fmt.Sprintf("%s: %s", got.Class, got.Detail)
			}
			next.Reset(pause)
			pause = min(pause*3/2, longestPause)
		}
	}
}
