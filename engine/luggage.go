package engine

import (
	"bytes"
	"time"

	"plan/internal/exchange"
)

// luggage is what a user of a loop carries besides, where its requests are not
// always the same.
type luggage struct {
	rows []int32 // by feed: what it drew
	wire []byte  // its request, as it is sent
	jar  exchange.Jar

	started int           // how many of the requests that it begins with went well
	arrival int           // open model: the request for which it was taken
	due     time.Duration // and when that was to begin
}

// pack gives each user its luggage, if this load needs any.
func (l *loop) pack() {
	c := l.crew
	feeds := len(c.load.Feeds)
	if feeds == 0 && len(c.load.OnStart) == 0 {
		return
	}
	all, rows := make([]luggage, len(l.users)), c.feeds.rows(len(l.users))
	for i := range all {
		all[i].rows = rows[i*feeds : (i+1)*feeds]
		l.users[i].own = &all[i]
	}
}

// ready makes a user ready to ask; false says that no request is to be begun
// any more.
func (l *loop) ready(u *caller, request int) bool {
	if u.own == nil {
		return true
	}
	l.source.of = &u.random
	if !l.crew.feeds.draw(request, u.own.rows, l.random) {
		return false
	}
	if t := &l.wire.targets[u.address].wires[request]; t.fixed == nil {
		u.own.wire = t.append(u.own.wire[:0], u.own.rows, u.own.jar.Header())
	}
	return true
}

// next is what a user asks now: what it begins with, and then what it draws or
// what it was taken for.
func (l *loop) next(u *caller) int {
	if u.own != nil {
		if request, more := l.crew.opener(u.own.started); more {
			return request
		}
	}
	if l.arrivals != nil {
		return u.own.arrival
	}
	return l.pick(u)
}

// take gives an arrival to a user.
func (l *loop) take(u *caller, request int, at time.Duration) {
	if u.own != nil {
		u.own.arrival, u.own.due = request, at
		request = l.next(u)
	}
	l.ask(u, request, at, true, l.clock())
}

// goOnStarting goes on after an answer to what a user begins with; false says
// that it is to pause and to begin again, or to leave. That the request for
// which it was taken comes late is not this side's doing, but it waits since it
// was due.
func (l *loop) goOnStarting(u *caller, o exchange.Outcome, now time.Duration) bool {
	if o.Class != exchange.OK {
		u.own.started = 0
		l.miss(u)
		return false
	}
	if u.own.started++; u.leaving {
		return false
	}
	if now >= l.crew.load.Runtime {
		l.miss(u)
		return true
	}
	request, intended := l.next(u), now
	if l.arrivals != nil && !l.crew.starting(request) {
		intended = u.own.due
	}
	l.ask(u, request, intended, false, now)
	return true
}

// miss counts an arrival whose user could not begin.
func (l *loop) miss(u *caller) {
	if l.arrivals != nil {
		l.counts.miss(u.own.arrival)
	}
}

// keepCookies takes those of an answer.
func (u *caller) keepCookies() {
	for more, line := u.parser.Header(cookieHeader), []byte(nil); len(more) > 0; {
		line, more, _ = bytes.Cut(more, []byte{'\n'})
		u.own.jar.Set(string(line))
	}
}
