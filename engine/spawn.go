package engine

import (
	"context"
	"sync"
	"time"
)

// activePeriod is what a user of the closed model does from its start until it
// retires.
type activePeriod struct {
	retire context.CancelFunc
	done   chan struct{} // closed when it is; nil before the first one
}

// spawn starts and retires the users of the closed model, each at its time, as
// long as anything is to be begun.
func (tr *httpTransport) spawn(ctx, beginning context.Context, users *sync.WaitGroup) {
	timer, lr := stoppedTimer(), tr.run
	for s := newSteps(&lr.load); s.next() && s.at < lr.load.Runtime; {
		slot := lr.start.Add(s.at)
		if !sleepUntil(beginning, timer, slot) {
			return
		}
		if !s.starts {
			tr.users[s.user].period.retire()
			continue
		}
		lr.userStarted(s.user, time.Since(lr.start))
		if s.user == len(tr.users) {
			tr.newVU(s.user, s.user%len(lr.endpoints))
		}
		tr.startVU(ctx, beginning, users, tr.users[s.user], slot)
	}
}

// startVU begins a life of a user. One that is still at the last exchange of the
// life before does not begin at its slot, but when that is over.
func (tr *httpTransport) startVU(ctx, beginning context.Context, users *sync.WaitGroup, u *httpVU, slot time.Time) {
	stay, retire := context.WithCancel(beginning)
	before, now := u.period.done, activePeriod{retire: retire, done: make(chan struct{})}
	u.period = now
	if before != nil {
		select {
		case <-before:
		default:
			slot = time.Time{}
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
		u.runClosed(ctx, stay, slot)
		if beginning.Err() == nil && !tr.run.over() {
			u.retiredAt = time.Now()
			tr.active.Add(-1)
			u.client.CloseIdleConnections()
		}
	})
}

// serveArrivals hands each arrival of the open model to a user that is free, as long as
// anything is to be begun.
func (tr *httpTransport) serveArrivals(ctx, beginning context.Context, users *sync.WaitGroup) {
	timer, lr := stoppedTimer(), tr.run
	for a := tr.arrivals; a.at < lr.load.Runtime; a.next() {
		intended := lr.start.Add(a.at)
		if !sleepUntil(beginning, timer, intended) {
			return
		}
		request, u := a.request, tr.takeFreeVU(a.n)
		if ctx.Err() != nil || lr.over() {
			return // a user whose request was cut by the end is not free
		}
		if u == nil {
			tr.shards[0].drop(request)
			continue
		}
		users.Go(func() {
			u.serveArrival(ctx, request, intended)
			tr.returnVU(u)
		})
	}
}
