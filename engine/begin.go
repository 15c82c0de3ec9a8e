package engine

import (
	"cmp"
	"time"
)

// scheduleFirst makes the loop begin something: its arrivals in the open model, where
// all users are free at first and the first of them on top, or else its users.
func (l *loop) scheduleFirst() {
	if !l.run.load.Open() {
		l.steps = newSteps(&l.run.load)
		l.scheduleStep()
		return
	}
	l.free = make([][]int32, len(l.wire.endpoints))
	for i := len(l.users) - 1; i >= 0; i-- {
		address := l.users[i].endpoint
		l.free[address] = append(l.free[address], int32(i))
	}
	l.arrivals = newArrivals(&l.run.load, l.run.choice)
	l.arrivals.skip(l.index)
	l.set(startAlarm, l.arrivals.at)
}

// scheduleStep goes to the next step of a user of this loop.
func (l *loop) scheduleStep() {
	for l.steps.next() {
		if l.steps.user%l.count == l.index {
			l.set(startAlarm, l.steps.at)
			return
		}
	}
}

// startNext serves the next arrival, or a user that starts or retires.
func (l *loop) startNext() {
	if l.draining.Load() {
		return
	}
	if a := l.arrivals; a != nil {
		l.assignArrival(a.n, a.request, a.at)
		a.skip(l.count)
		l.set(startAlarm, a.at)
		return
	}
	step := *l.steps
	l.scheduleStep()
	u := &l.users[step.user/l.count]
	switch {
	case !step.starts:
		l.retire(u)
	case u.retiring: // it is still at what it asked for before
		u.retiring = false
	default:
		l.active++
		u.retiredAt = 0
		now := l.clock()
		l.run.userStarted(step.user, now)
		l.startRequest(u, l.nextRequest(u), step.at, true, now)
	}
}

// retire lets a user go, if need be after the exchange that it is in.
func (l *loop) retire(u *epollVU) {
	if u.phase == idle {
		l.deactivate(u, l.clock())
		return
	}
	u.retiring = true
}

// deactivate ends what a user does, until it may start again.
func (l *loop) deactivate(u *epollVU, now time.Duration) {
	l.active--
	u.retiring, u.retiredAt = false, now
	l.alarms.Stop(l.number(u))
	l.disconnect(u)
}

// overdue tells whether a user that was never answered has waited longer than
// its first request's timeout.
func (u *epollVU) overdue(now time.Duration) bool {
	return cmp.Or(u.retiredAt, now)-u.firstStart > u.firstTimeout
}

// assignArrival gives an arrival to a free user, of the address whose turn it is if
// there is one.
func (l *loop) assignArrival(turn, request int, at time.Duration) {
	for i := range l.free {
		stack := &l.free[(turn+i)%len(l.free)]
		if n := len(*stack); n > 0 {
			u := &l.users[(*stack)[n-1]]
			*stack = (*stack)[:n-1]
			if !u.started {
				l.active++
			}
			l.serveArrival(u, request, at)
			return
		}
	}
	l.counts.requests[request].dropped++
}
