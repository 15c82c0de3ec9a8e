package engine

import (
	"context"
	"sync"
	"time"
)

// activePeriod is a user's activity from its start to its stop, in the closed
// model.
type activePeriod struct {
	retire context.CancelFunc
	done   chan struct{} // closed at its end; nil before the first period
}

// spawn starts and stops the users of the closed model at their times, until
// starting ends.
func (tr *httpTransport) spawn(ctx, starting context.Context, users *sync.WaitGroup) {
	timer, lr := stoppedTimer(), tr.run
	for s := newSteps(&lr.load); s.next() && s.at < lr.load.Runtime; {
		if !lr.load.owns(s.user) {
			continue
		}
		slot, own := lr.start.Add(s.at), s.user/lr.load.shares()
		if !sleepUntil(starting, timer, slot) {
			return
		}
		if !s.starts {
			tr.users[own].period.retire()
			continue
		}
		lr.userStarted(s.user, time.Since(lr.start))
		if own == len(tr.users) {
			tr.newVU(s.user % len(lr.endpoints))
		}
		tr.startVU(ctx, starting, users, tr.users[own], slot, s.intent)
	}
}

// startVU starts a period of a user. If the last exchange of the period before
// still runs, the user starts at its end instead of at the slot.
func (tr *httpTransport) startVU(
	ctx, starting context.Context, users *sync.WaitGroup, u *httpVU, slot time.Time, how intent,
) {
	stay, retire := context.WithCancel(starting)
	before, now := u.period.done, activePeriod{retire: retire, done: make(chan struct{})}
	u.period = now
	if before != nil {
		select {
		case <-before:
		default:
			how = unscheduled
		}
	}
	users.Go(func() {
		defer close(now.done)
		defer retire()
		if before != nil {
			<-before
		}
		tr.active.Add(1)
		u.retiredAt = time.Time{}
		u.runClosed(ctx, stay, slot, how)
		if starting.Err() == nil && !tr.run.over() {
			u.retiredAt = time.Now()
			tr.active.Add(-1)
			u.client.CloseIdleConnections()
		}
	})
}

// serveArrivals gives each arrival of the open model to a free user, until
// starting ends.
func (tr *httpTransport) serveArrivals(ctx, starting context.Context, users *sync.WaitGroup) {
	timer, lr := stoppedTimer(), tr.run
	for a := tr.arrivals; a.at < lr.load.Runtime; a.skip(lr.load.shares()) {
		intended := lr.start.Add(a.at)
		if !sleepUntil(starting, timer, intended) {
			return
		}
		request, u := a.request, tr.takeFreeVU(a.n)
		if tr.ended(ctx) {
			return // a user whose request was interrupted by the end is not free
		}
		if u == nil {
			tr.shards[0].drop(request)
			continue
		}
		users.Go(func() {
			u.serveArrival(ctx, request, intended)
			tr.freeMu.Lock()
			defer tr.freeMu.Unlock()
			tr.free[u.endpoint] = append(tr.free[u.endpoint], u)
		})
	}
}
