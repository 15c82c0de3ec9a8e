package engine

import (
	"context"
	"sync"
	"time"
)

// life is what a user of the closed model does from its start until it
// retires.
type life struct {
	retire context.CancelFunc
	over   chan struct{} // closed when it is; nil before the first one
}

// spawn starts and retires the users of the closed model, each at its time, as
// long as anything is to be begun.
func (p *clients) spawn(ctx, beginning context.Context, users *sync.WaitGroup) {
	timer, c := stoppedTimer(), p.crew
	for s := newSteps(&c.load); s.next() && s.at < c.load.Runtime; {
		slot := c.start.Add(s.at)
		if !sleepUntil(beginning, timer, slot) {
			return
		}
		if !s.starts {
			p.users[s.user].life.retire()
			continue
		}
		c.begun(s.user, time.Since(c.start))
		if s.user == len(p.users) {
			p.newUser(s.user, s.user%len(c.addresses))
		}
		p.start(ctx, beginning, users, p.users[s.user], slot)
	}
}

// start begins a life of a user. One that is still at the last exchange of the
// life before does not begin at its slot, but when that is over.
func (p *clients) start(ctx, beginning context.Context, users *sync.WaitGroup, u *user, slot time.Time) {
	stay, retire := context.WithCancel(beginning)
	before, now := u.life.over, life{retire: retire, over: make(chan struct{})}
	u.life = now
	if before != nil {
		select {
		case <-before:
		default:
			slot = time.Time{}
		}
	}
	users.Go(func() {
		defer close(now.over)
		defer retire()
		if before != nil {
			<-before
		}
		p.active.Add(1)
		u.left = time.Time{}
		u.live(ctx, stay, slot)
		if beginning.Err() == nil && !p.crew.over() {
			u.left = time.Now()
			p.active.Add(-1)
			u.client.CloseIdleConnections()
		}
	})
}

// arrive hands each arrival of the open model to a user that is free, as long as
// anything is to be begun.
func (p *clients) arrive(ctx, beginning context.Context, users *sync.WaitGroup) {
	timer, c := stoppedTimer(), p.crew
	for a := p.arrivals; a.at < c.load.Runtime; a.next() {
		intended := c.start.Add(a.at)
		if !sleepUntil(beginning, timer, intended) {
			return
		}
		request, u := a.pick, p.take(a.n)
		if ctx.Err() != nil || c.over() {
			return // a user whose request was cut by the end is not free
		}
		if u == nil {
			p.shards[0].drop(request)
			continue
		}
		users.Go(func() {
			u.serve(ctx, request, intended)
			p.give(u)
		})
	}
}
