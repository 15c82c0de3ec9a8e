package engine

import (
	"cmp"
	"time"
)

// plan makes the loop begin something: its arrivals in the open model, where
// all users are free at first and the first of them on top, or else its users.
func (l *loop) plan() {
	if !l.crew.load.Open() {
		l.steps = newSteps(&l.crew.load)
		l.nextStep()
		return
	}
	l.free = make([][]int32, len(l.wire.targets))
	for i := len(l.users) - 1; i >= 0; i-- {
		address := l.users[i].address
		l.free[address] = append(l.free[address], int32(i))
	}
	l.arrivals = newArrivals(&l.crew.load, l.crew.choice)
	l.arrivals.skip(l.index)
	l.set(beginAlarm, l.arrivals.at)
}

// nextStep goes to the next step of a user of this loop.
func (l *loop) nextStep() {
	for l.steps.next() {
		if l.steps.user%l.of == l.index {
			l.set(beginAlarm, l.steps.at)
			return
		}
	}
}

// begin serves the next arrival, or a user that starts or retires.
func (l *loop) begin() {
	if l.ending.Load() {
		return
	}
	if a := l.arrivals; a != nil {
		l.arrive(a.n, a.pick, a.at)
		a.skip(l.of)
		l.set(beginAlarm, a.at)
		return
	}
	step := *l.steps
	l.nextStep()
	u := &l.users[step.user/l.of]
	switch {
	case !step.starts:
		l.retire(u)
	case u.leaving: // it is still at what it asked for before
		u.leaving = false
	default:
		l.active++
		u.left = 0
		now := l.clock()
		l.crew.begun(step.user, now)
		l.ask(u, l.next(u), step.at, true, now)
	}
}

// retire lets a user go, if need be after the exchange that it is in.
func (l *loop) retire(u *caller) {
	if u.phase == idle {
		l.leave(u, l.clock())
		return
	}
	u.leaving = true
}

// leave ends what a user does, until it may start again.
func (l *loop) leave(u *caller, now time.Duration) {
	l.active--
	u.leaving, u.left = false, now
	l.alarms.Stop(l.number(u))
	l.drop(u)
}

// overdue tells whether a user that was never answered has waited longer than
// its first request's timeout.
func (u *caller) overdue(now time.Duration) bool {
	return cmp.Or(u.left, now)-u.first > u.patience
}

// arrive gives an arrival to a free user, of the address whose turn it is if
// there is one.
func (l *loop) arrive(turn, request int, at time.Duration) {
	for i := range l.free {
		stack := &l.free[(turn+i)%len(l.free)]
		if n := len(*stack); n > 0 {
			u := &l.users[(*stack)[n-1]]
			*stack = (*stack)[:n-1]
			if !u.begun {
				l.active++
			}
			l.take(u, request, at)
			return
		}
	}
	l.counts.requests[request].dropped++
}
