package engine

import (
	"cmp"
	"context"
	"math/rand/v2"
	"net/http"
	"time"

	"plan/internal/exchange"
)

// user is one virtual user: it asks, waits for the answer, thinks, and asks
// again, over a connection of its own.
type user struct {
	clients *clients
	shard   *shard
	address int
	client  *http.Client
	random  *rand.Rand
	rows    []int32 // by feed: what it drew
	started int     // how many of the requests that it begins with went well

	asked    time.Time     // its first request; zero before
	patience time.Duration // that request's timeout
	answered bool          // any answer, wanted or not
	left     time.Time     // when it retired; zero while it is active

	life life
}

// newUser adds the i-th user.
func (p *clients) newUser(i, address int) *user {
	u := &user{
		clients: p,
		shard:   p.shards[i%len(p.shards)],
		address: address,
		client:  exchange.NewClient(p.dial, true, &p.known),
		random:  rand.New(rand.NewPCG(p.crew.load.Seed, uint64(i))),
		rows:    p.crew.feeds.rows(1),
	}
	exchange.LimitHandshake(u.client, longestTimeout(p.crew.requests))
	if p.crew.keepsCookies() {
		u.client.Jar = &exchange.Jar{}
	}
	if p.crew.load.Insecure {
		exchange.TakeAnyCertificate(u.client)
	}
	p.users = append(p.users, u)
	return u
}

// live is a user of the closed model, from a slot on: it goes on as long as it
// is to stay, and ends the exchange that it is in unless ctx ends before. When
// ctx ends, stay may do so a little later.
func (u *user) live(ctx, stay context.Context, slot time.Time) {
	timer := stoppedTimer()
	for intended := slot; ctx.Err() == nil && stay.Err() == nil && !u.clients.crew.over(); {
		request := u.next()
		outcome, begun := u.ask(ctx, request, intended, !intended.IsZero())
		if !begun {
			return
		}
		intended = time.Time{}
		if u.clients.crew.starting(request) && u.goOnStarting(outcome) {
			continue
		}
		pause, scheduled := pauseAfter(outcome, u.clients.crew.load.ThinkTime.next(u.random))
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

// next is what a user asks now: what it begins with, and then what it draws.
func (u *user) next() int {
	if request, more := u.clients.crew.opener(u.started); more {
		return request
	}
	return u.clients.crew.choice.pick(u.random)
}

// serve makes the request of an arrival, after what the user begins with. That
// it then comes late is not this side's doing, but it waits since it was due.
func (u *user) serve(ctx context.Context, request int, due time.Time) {
	first := true
	for intended := due; ; first, intended = false, time.Now() {
		opener, more := u.clients.crew.opener(u.started)
		if !more {
			break
		}
		outcome, begun := u.ask(ctx, opener, intended, first)
		if !begun {
			return
		}
		if !u.goOnStarting(outcome) {
			u.shard.miss(request)
			return
		}
	}
	u.ask(ctx, request, due, first)
}

// goOnStarting notes an answer to what a user begins with; false says that it
// is to pause, and to begin again.
func (u *user) goOnStarting(o exchange.Outcome) bool {
	if o.Class != exchange.OK {
		u.started = 0
		return false
	}
	u.started++
	return true
}

// ask makes one exchange; false says that a feed is used up, and nothing was
// begun. Without a schedule it begins as soon as it can, and so is never late.
// In the open model it counts from when it was intended.
func (u *user) ask(ctx context.Context, request int, intended time.Time, scheduled bool) (exchange.Outcome, bool) {
	c := u.clients.crew
	if !c.feeds.draw(request, u.rows, u.random) {
		return exchange.Outcome{}, false
	}
	began := time.Now()
	if u.asked.IsZero() {
		u.asked, u.patience = began, c.requests[request].EffectiveTimeout()
	}
	outcome := u.send(ctx, request)
	if outcome.Status != 0 {
		u.answered = true
	}
	e := event{request: request, address: u.address, outcome: outcome, scheduled: scheduled, late: max(0, began.Sub(intended))}
	if c.load.Open() {
		e.outcome.Took += e.late
		began = intended
	}
	if outcome.Class == exchange.Aborted {
		e.outcome.Took = min(e.outcome.Took, c.end.Sub(began))
	}
	e.judged = c.judges(request, began.Sub(c.start))
	u.shard.add(e)
	return outcome, true
}

// send sends a request, unless the load is over.
func (u *user) send(ctx context.Context, request int) exchange.Outcome {
	if u.clients.crew.over() {
		return exchange.Outcome{Class: exchange.Aborted}
	}
	u.clients.waiting.Add(1)
	defer u.clients.waiting.Add(-1)
	outcome := u.clients.senders[u.address][request].Send(ctx, u.client, u.rows...)
	u.clients.hear(outcome.Version)
	return outcome
}

// overdue tells whether a user that was never answered has waited longer than
// its first request's timeout.
func (u *user) overdue(now time.Time) bool {
	return !u.answered && cmp.Or(u.left, now).Sub(u.asked) > u.patience
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
