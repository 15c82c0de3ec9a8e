package engine

import (
	"cmp"
	"time"
)

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
		l.startRequest(u, l.nextRequest(u), step.at, step.intent, now)
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
