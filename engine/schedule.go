package engine

import (
	"cmp"
	"time"
)

// scheduleFirst schedules the first event of the loop. In the open model this
// is an arrival, and all users are free, the first one on top of the stack; in
// the closed model it is the start of a user.
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

// scheduleStep schedules the next start or stop of a user of this loop.
func (l *loop) scheduleStep() {
	for l.steps.next() {
		if l.steps.user%l.count == l.index {
			l.set(startAlarm, l.steps.at)
			return
		}
	}
}

// startNext handles the next arrival, or the next start or stop of a user.
func (l *loop) startNext() {
	if l.draining.Load() {
		return
	}
	if a := l.arrivals; a != nil {
		if u := l.takeFreeVU(a.n); u == nil {
			l.counts.requests[a.request].dropped++
		} else {
			if !u.started {
				l.active++
			}
			l.serveArrival(u, a.request, a.at)
		}
		a.skip(l.count)
		l.set(startAlarm, a.at)
		return
	}
	step := *l.steps
	l.scheduleStep()
	u := &l.users[step.user/l.count]
	switch {
	case !step.starts && u.phase == idle:
		l.deactivate(u, l.clock())
	case !step.starts:
		u.retiring = true
	case u.retiring: // its last exchange still runs
		u.retiring = false
	default:
		l.active++
		u.retiredAt = 0
		now := l.clock()
		l.run.userStarted(step.user, now)
		l.startRequest(u, l.nextRequest(u), step.at, true, now)
	}
}

// deactivate closes a user's connection and stops its alarm. The user may start
// again later.
func (l *loop) deactivate(u *epollVU, now time.Duration) {
	l.active--
	u.retiring, u.retiredAt = false, now
	l.alarms.Stop(u.number())
	l.disconnect(u)
}

// overdue reports whether a user without any response has waited longer than
// the timeout of its first request.
func (u *epollVU) overdue(now time.Duration) bool {
	return cmp.Or(u.retiredAt, now)-u.firstStart > u.firstTimeout
}

// takeFreeVU returns a free user, preferably of the endpoint whose turn it is,
// or nil if all users are busy.
func (l *loop) takeFreeVU(turn int) *epollVU {
	for i := range l.free {
		stack := &l.free[(turn+i)%len(l.free)]
		if n := len(*stack); n > 0 {
			u := &l.users[(*stack)[n-1]]
			*stack = (*stack)[:n-1]
			return u
		}
	}
	return nil
}
