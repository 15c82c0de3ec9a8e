package engine

import (
	"bytes"
	"time"

	"plan/internal/exchange"
)

// vuState is what a user of a loop carries besides, where its requests are not
// always the same.
type vuState struct {
	rows    []int32 // by feed: what it drew
	request []byte  // its request, as it is sent
	jar     exchange.Jar

	onStartDone int           // how many of the requests that it begins with went well
	arrival     int           // open model: the request for which it was taken
	due         time.Duration // and when that was to begin
}

// initVUState gives each user its luggage, if this load needs any.
func (l *loop) initVUState() {
	lr := l.run
	feeds := len(lr.load.Feeds)
	if feeds == 0 && len(lr.load.OnStart) == 0 {
		return
	}
	all, rows := make([]vuState, len(l.users)), lr.feeds.rows(len(l.users))
	for i := range all {
		all[i].rows = rows[i*feeds : (i+1)*feeds]
		l.users[i].state = &all[i]
	}
}

// prepareRequest makes a user ready to ask; false says that no request is to be begun
// any more.
func (l *loop) prepareRequest(u *epollVU, request int) bool {
	if u.state == nil {
		return true
	}
	l.source.of = &u.random
	if !l.run.feeds.draw(request, u.state.rows, l.random) {
		return false
	}
	if t := &l.wire.endpoints[u.endpoint].templates[request]; t.fixed == nil {
		u.state.request = t.append(u.state.request[:0], u.state.rows, u.state.jar.Header())
	}
	return true
}

// nextRequest is what a user asks now: what it begins with, and then what it draws or
// what it was taken for.
func (l *loop) nextRequest(u *epollVU) int {
	if u.state != nil {
		if request, more := l.run.nextOnStart(u.state.onStartDone); more {
			return request
		}
	}
	if l.arrivals != nil {
		return u.state.arrival
	}
	return l.pickRequest(u)
}

// serveArrival gives an arrival to a user.
func (l *loop) serveArrival(u *epollVU, request int, at time.Duration) {
	if u.state != nil {
		u.state.arrival, u.state.due = request, at
		request = l.nextRequest(u)
	}
	l.startRequest(u, request, at, true, l.clock())
}

// continueOnStart goes on after an answer to what a user begins with; false says
// that it is to pause and to begin again, or to leave. That the request for
// which it was taken comes late is not this side's doing, but it waits since it
// was due.
func (l *loop) continueOnStart(u *epollVU, o exchange.Outcome, now time.Duration) bool {
	if o.Class != exchange.OK {
		u.state.onStartDone = 0
		l.dropBlocked(u)
		return false
	}
	if u.state.onStartDone++; u.retiring {
		return false
	}
	if now >= l.run.load.Runtime {
		l.dropBlocked(u)
		return true
	}
	request, intended := l.nextRequest(u), now
	if l.arrivals != nil && !l.run.isOnStart(request) {
		intended = u.state.due
	}
	l.startRequest(u, request, intended, false, now)
	return true
}

// dropBlocked counts an arrival whose user could not begin.
func (l *loop) dropBlocked(u *epollVU) {
	if l.arrivals != nil {
		l.counts.dropBlocked(u.state.arrival)
	}
}

// storeCookies takes those of an answer.
func (u *epollVU) storeCookies() {
	for more, line := u.parser.Header(cookieHeader), []byte(nil); len(more) > 0; {
		line, more, _ = bytes.Cut(more, []byte{'\n'})
		u.state.jar.Set(string(line))
	}
}
