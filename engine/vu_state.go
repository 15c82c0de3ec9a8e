package engine

import (
	"time"

	"plan/internal/exchange"
)

// vuState is the further state of a user whose requests are not constant.
type vuState struct {
	rows    []int32 // current row of each feed
	request []byte  // its request as it is sent
	jar     exchange.Jar

	onStartDone int           // number of on_start requests that succeeded
	arrival     int           // open model: index of the request of its arrival
	due         time.Duration // open model: when the arrival was due
}

// prepareRequest draws rows and renders the request of a user. It returns false
// if a feed is exhausted; then no further request may start.
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

// nextRequest returns the index of the request that a user sends next: its next
// on_start request, then the request of its arrival (open model) or a random
// one (closed model).
func (l *loop) nextRequest(u *epollVU) int {
	if u.state != nil {
		if request, more := l.run.nextOnStart(u.state.onStartDone); more {
			return request
		}
	}
	if l.arrivals != nil {
		return u.state.arrival
	}
	l.source.of = &u.random
	return l.run.choice.pick(l.random)
}

// serveArrival starts the request of an arrival, or the user's next on_start
// request.
func (l *loop) serveArrival(u *epollVU, request int, at time.Duration) {
	if u.state != nil {
		u.state.arrival, u.state.due = request, at
		request = l.nextRequest(u)
	}
	l.startRequest(u, request, at, scheduled, l.clock())
}

// continueOnStart continues after the response to an on_start request. It
// returns false if the user has to pause and start on_start again, or to stop.
// The request of the arrival does not count as late after on_start, but its
// latency counts from when the arrival was due.
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
	l.startRequest(u, request, intended, unscheduled, now)
	return true
}

// dropBlocked counts an arrival whose user could not finish on_start.
func (l *loop) dropBlocked(u *epollVU) {
	if l.arrivals != nil {
		l.counts.dropBlocked(u.state.arrival)
	}
}
