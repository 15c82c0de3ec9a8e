package engine

import (
	"cmp"
	"context"
	"math/rand/v2"
	"net/http"
	"time"

	"plan/internal/exchange"
)

// httpVU is one virtual user: it asks, waits for the answer, thinks, and asks
// again, over a connection of its own.
type httpVU struct {
	transport   *httpTransport
	shard       *shard
	endpoint    int
	client      *http.Client
	random      *rand.Rand
	rows        []int32 // by feed: what it drew
	onStartDone int     // how many of the requests that it begins with went well

	firstStart   time.Time     // its first request; zero before
	firstTimeout time.Duration // that request's timeout
	answered     bool          // any answer, wanted or not
	retiredAt    time.Time     // when it retired; zero while it is active

	period activePeriod
}

// newVU adds the i-th user.
func (tr *httpTransport) newVU(i, address int) *httpVU {
	u := &httpVU{
		transport: tr,
		shard:     tr.shards[i%len(tr.shards)],
		endpoint:  address,
		client:    exchange.NewClient(tr.dial, true, &tr.keepAlives),
		random:    rand.New(rand.NewPCG(tr.run.load.Seed, uint64(i))),
		rows:      tr.run.feeds.rows(1),
	}
	exchange.LimitHandshake(u.client, longestTimeout(tr.run.requests))
	if tr.run.keepsCookies() {
		u.client.Jar = &exchange.Jar{}
	}
	if tr.run.load.Insecure {
		exchange.TakeAnyCertificate(u.client)
	}
	tr.users = append(tr.users, u)
	return u
}

// runClosed is a user of the closed model, from a slot on: it goes on as long as it
// is to stay, and ends the exchange that it is in unless ctx ends before. When
// ctx ends, stay may do so a little later.
func (u *httpVU) runClosed(ctx, stay context.Context, slot time.Time) {
	timer := stoppedTimer()
	for intended := slot; ctx.Err() == nil && stay.Err() == nil && !u.transport.run.over(); {
		request := u.nextRequest()
		outcome, begun := u.doRequest(ctx, request, intended, !intended.IsZero())
		if !begun {
			return
		}
		intended = time.Time{}
		if u.transport.run.isOnStart(request) && u.countOnStart(outcome) {
			continue
		}
		pause, scheduled := pauseAfter(outcome, u.transport.run.load.ThinkTime.next(u.random))
		if pause <= 0 {
			continue
		}
		due := time.Now().Add(pause)
		sleepUntil(stay, timer, due)
		if scheduled {
			intended = due
		}
	}
}

// nextRequest is what a user asks now: what it begins with, and then what it draws.
func (u *httpVU) nextRequest() int {
	if request, more := u.transport.run.nextOnStart(u.onStartDone); more {
		return request
	}
	return u.transport.run.choice.pick(u.random)
}

// serveArrival makes the request of an arrival, after what the user begins with. That
// it then comes late is not this side's doing, but it waits since it was due.
func (u *httpVU) serveArrival(ctx context.Context, request int, due time.Time) {
	first := true
	for intended := due; ; first, intended = false, time.Now() {
		opener, more := u.transport.run.nextOnStart(u.onStartDone)
		if !more {
			break
		}
		outcome, begun := u.doRequest(ctx, opener, intended, first)
		if !begun {
			return
		}
		if !u.countOnStart(outcome) {
			u.shard.dropBlocked(request)
			return
		}
	}
	u.doRequest(ctx, request, due, first)
}

// countOnStart notes an answer to what a user begins with; false says that it
// is to pause, and to begin again.
func (u *httpVU) countOnStart(o exchange.Outcome) bool {
	if o.Class != exchange.OK {
		u.onStartDone = 0
		return false
	}
	u.onStartDone++
	return true
}

// doRequest makes one exchange; false says that a feed is used up, and nothing was
// begun. Without a schedule it begins as soon as it can, and so is never late.
// In the open model it counts from when it was intended.
func (u *httpVU) doRequest(ctx context.Context, request int, intended time.Time, scheduled bool) (exchange.Outcome, bool) {
	lr := u.transport.run
	if !lr.feeds.draw(request, u.rows, u.random) {
		return exchange.Outcome{}, false
	}
	began := time.Now()
	if u.firstStart.IsZero() {
		u.firstStart, u.firstTimeout = began, lr.requests[request].EffectiveTimeout()
	}
	outcome := u.send(ctx, request)
	if outcome.Status != 0 {
		u.answered = true
	}
	e := event{request: request, endpoint: u.endpoint, outcome: outcome, scheduled: scheduled, lateness: max(0, began.Sub(intended))}
	if lr.load.Open() {
		e.outcome.Took += e.lateness
		began = intended
	}
	if outcome.Class == exchange.Aborted {
		e.outcome.Took = min(e.outcome.Took, lr.deadline.Sub(began))
	}
	e.judged = lr.isJudged(request, began.Sub(lr.start))
	u.shard.add(e)
	return outcome, true
}

// send sends a request, unless the load is over.
func (u *httpVU) send(ctx context.Context, request int) exchange.Outcome {
	if u.transport.run.over() {
		return exchange.Outcome{Class: exchange.Aborted}
	}
	u.transport.waiting.Add(1)
	defer u.transport.waiting.Add(-1)
	outcome := u.transport.senders[u.endpoint][request].Send(ctx, u.client, u.rows...)
	u.transport.recordVersion(outcome.Version)
	return outcome
}

// overdue tells whether a user that was never answered has waited longer than
// its first request's timeout.
func (u *httpVU) overdue(now time.Time) bool {
	return !u.answered && cmp.Or(u.retiredAt, now).Sub(u.firstStart) > u.firstTimeout
}

func stoppedTimer() *time.Timer {
	timer := time.NewTimer(time.Hour)
	timer.Stop()
	return timer
}

// sleepUntil waits for a moment; false when ctx ended before.
func sleepUntil(ctx context.Context, timer *time.Timer, moment time.Time) bool {
	if pause := time.Until(moment); pause > 0 {
		timer.Reset(pause)
		select {
		case <-timer.C:
		case <-ctx.Done():
			timer.Stop()
		}
	}
	return ctx.Err() == nil
}
