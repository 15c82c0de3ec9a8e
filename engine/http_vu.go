package engine

import (
	"cmp"
	"context"
	"math/rand/v2"
	"net/http"
	"time"

	"plan/internal/exchange"
)

// httpVU is one virtual user on net/http: it sends a request, waits for the
// response, pauses, and starts again, over a connection of its own.
type httpVU struct {
	transport   *httpTransport
	shard       *shard
	endpoint    int
	client      *http.Client
	random      *rand.Rand
	rows        []int32 // current row of each feed
	onStartDone int     // number of on_start requests that succeeded

	firstStart   time.Time     // start of its first request; zero before it
	firstTimeout time.Duration // timeout of its first request
	answered     bool          // it got a response, of any status
	retiredAt    time.Time     // when it stopped; zero while it is active

	period activePeriod
}

// newVU adds the next user.
func (tr *httpTransport) newVU(address int) *httpVU {
	i, load := len(tr.users), &tr.run.load
	u := &httpVU{
		transport: tr,
		shard:     tr.shards[i%len(tr.shards)],
		endpoint:  address,
		client:    exchange.NewClient(tr.dial, true, &tr.keepAlives),
		random:    rand.New(rand.NewPCG(load.Seed, uint64(load.Agent+i*load.shares()))),
		rows:      tr.run.feeds.rows(1),
	}
	exchange.LimitHandshake(u.client, longestTimeout(tr.run.requests))
	if tr.run.keepsCookies() {
		u.client.Jar = &exchange.Jar{}
	}
	if tr.run.load.Insecure {
		exchange.AcceptAnyCertificate(u.client)
	}
	tr.users = append(tr.users, u)
	return u
}

// runClosed runs a user of the closed model until stay ends, and lets its last
// exchange finish unless ctx ends. stay may end shortly after ctx. The first
// request is to start at intended, if how says so.
func (u *httpVU) runClosed(ctx, stay context.Context, intended time.Time, how intent) {
	timer := stoppedTimer()
	for stay.Err() == nil && !u.transport.ended(ctx) {
		request := u.nextRequest()
		outcome, begun := u.doRequest(ctx, request, intended, how)
		if !begun {
			return
		}
		how = unscheduled
		if u.transport.run.isOnStart(request) && u.countOnStart(outcome) {
			continue
		}
		pause, next := pauseAfter(outcome, u.transport.run.load.ThinkTime.next(u.random))
		if pause <= 0 {
			continue
		}
		intended, how = time.Now().Add(pause), next
		sleepUntil(stay, timer, intended)
	}
}

// nextRequest returns the index of the next on_start request, or of a random
// request after them.
func (u *httpVU) nextRequest() int {
	if request, more := u.transport.run.nextOnStart(u.onStartDone); more {
		return request
	}
	return u.transport.run.choice.pick(u.random)
}

// serveArrival sends the request of an arrival, after the remaining on_start
// requests. The request then does not count as late, but its latency counts
// from when the arrival was due.
func (u *httpVU) serveArrival(ctx context.Context, request int, due time.Time) {
	how := scheduled
	for intended := due; ; how, intended = unscheduled, time.Now() {
		opener, more := u.transport.run.nextOnStart(u.onStartDone)
		if !more {
			break
		}
		outcome, begun := u.doRequest(ctx, opener, intended, how)
		if !begun {
			u.dropUnbegun(request, how)
			return
		}
		if !u.countOnStart(outcome) {
			u.shard.dropBlocked(request)
			return
		}
	}
	if _, begun := u.doRequest(ctx, request, due, how); !begun {
		u.dropUnbegun(request, how)
	}
}

// dropUnbegun counts an arrival that the end of the load overtook, before or
// after on_start requests of its user.
func (u *httpVU) dropUnbegun(request int, how intent) {
	switch {
	case u.transport.run.feeds.endReason() != "": // nothing more is to be sent
	case how == unscheduled:
		u.shard.dropBlocked(request)
	default:
		u.shard.drop(request)
		u.transport.unsent.Add(1)
	}
}

// countOnStart counts the outcome of an on_start request. It returns false if
// the user has to pause and start on_start again.
func (u *httpVU) countOnStart(o exchange.Outcome) bool {
	if o.Class != exchange.OK {
		u.onStartDone = 0
		return false
	}
	u.onStartDone++
	return true
}

// doRequest makes one exchange. It returns false if the load has ended or a feed
// is exhausted; then nothing was sent. Without a schedule a request is never late. In the open
// model its latency counts from its intended start, also without a schedule:
// that of an arrival after on_start has the wait for on_start.
func (u *httpVU) doRequest(
	ctx context.Context, request int, intended time.Time, how intent,
) (exchange.Outcome, bool) {
	lr := u.transport.run
	if u.transport.ended(ctx) || !lr.feeds.draw(request, u.rows, u.random) {
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
	waited := max(0, began.Sub(intended))
	e := event{request: request, endpoint: u.endpoint, outcome: outcome, intent: how, lateness: waited}
	if lr.load.Open() {
		e.outcome.Took += waited
		began = intended
	}
	if outcome.Class == exchange.Aborted {
		e.outcome.Took = min(e.outcome.Took, lr.deadline.Sub(began))
	}
	e.began = began.Sub(lr.start)
	e.judged = lr.isJudged(request, e.began)
	u.shard.add(e)
	return outcome, true
}

func (u *httpVU) send(ctx context.Context, request int) exchange.Outcome {
	u.transport.waiting.Add(1)
	defer u.transport.waiting.Add(-1)
	outcome := u.transport.senders[u.endpoint][request].Send(ctx, u.client, u.rows...)
	if version := outcome.Version; version > 0 && !u.transport.versions[version].Load() {
		u.transport.versions[version].Store(true)
	}
	return outcome
}

// overdue reports whether a user without any response has waited longer than
// the timeout of its first request.
func (u *httpVU) overdue(now time.Time) bool {
	return !u.answered && cmp.Or(u.retiredAt, now).Sub(u.firstStart) > u.firstTimeout
}

func stoppedTimer() *time.Timer {
	timer := time.NewTimer(time.Hour)
	timer.Stop()
	return timer
}

// sleepUntil waits for a moment, and returns false if ctx ended before.
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
