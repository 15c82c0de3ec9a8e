package engine

import (
	"context"
	"math/rand/v2"
	"net/http"
	"time"

	"plan/internal/exchange"
)

// user is one virtual user: it asks, waits for the answer, thinks, and asks
// again, over a connection of its own.
type user struct {
	crew    *crew
	shard   *shard
	address int
	client  *http.Client
	random  *rand.Rand
	slot    time.Time // when it was to begin

	asked    time.Time     // its first request; zero before
	patience time.Duration // that request's timeout
	answered bool          // any answer, wanted or not
}

func (c *crew) newUser(i int, slot time.Time) *user {
	return &user{
		crew:    c,
		shard:   c.shards[i%len(c.shards)],
		address: i % len(c.senders),
		client:  exchange.NewClient(c.dial, true),
		random:  rand.New(rand.NewPCG(c.load.Seed, uint64(i))),
		slot:    slot,
	}
}

// live runs until ctx ends.
func (u *user) live(ctx context.Context) {
	defer u.client.CloseIdleConnections()
	timer := stoppedTimer()
	for intended := u.slot; ctx.Err() == nil; {
		u.ask(ctx, intended)
		intended = time.Time{}
		if pause := u.crew.load.ThinkTime.next(u.random); pause > 0 {
			intended = time.Now().Add(pause)
			sleepUntil(ctx, timer, intended)
		}
	}
}

// ask makes one exchange. A zero intended says that it begins as soon as it
// can, and so is never late.
func (u *user) ask(ctx context.Context, intended time.Time) {
	c := u.crew
	request := c.choice.pick(u.random)
	began := time.Now()
	if u.asked.IsZero() {
		u.asked, u.patience = began, c.load.Requests[request].EffectiveTimeout()
	}
	c.waiting.Add(1)
	outcome := c.senders[u.address][request].Send(ctx, u.client)
	c.waiting.Add(-1)
	if outcome.Status != 0 {
		u.answered = true
	}
	e := event{request: request, address: u.address, judged: c.judged(began), outcome: outcome}
	if outcome.Class == exchange.Aborted {
		e.outcome.Took = min(outcome.Took, c.end.Sub(began))
	}
	if !intended.IsZero() {
		e.scheduled, e.late = true, max(0, began.Sub(intended))
	}
	u.shard.add(e)
}

// overdue tells whether a user that was never answered has waited longer than
// its first request's timeout.
func (u *user) overdue(now time.Time) bool {
	return !u.answered && now.Sub(u.asked) > u.patience
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
