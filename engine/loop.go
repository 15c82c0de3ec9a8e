package engine

import (
	"math/rand/v2"
	"sync/atomic"
	"time"

	"plan/engine/wheel"
)

const (
	// bufferSize is how much is read at once, in bytes. A loop has one buffer.
	bufferSize = 64 << 10
	// maxReads is how many times a connection is read before others have their
	// turn.
	maxReads = 16
	// maxAlarms is how many alarms a loop serves before it looks for answers.
	maxAlarms = 16
	// maxReports is how many seconds of counts may wait for a recorder that hangs.
	maxReports = 60
)

// loop is some of the users of a load on one thread: every n-th of them, and
// of the arrivals. All that it touches while it runs is its own.
type loop struct {
	run      *loadRun
	wire     *wireRequests
	net      sockets
	index    int // which of the loops
	count    int // how many there are
	users    []epollVU
	alarms   *wheel.Wheel // of users, and its own
	source   source
	random   *rand.Rand // draws from source
	buffer   []byte
	lastAddr []int // by address: which of its ends was the last to answer

	active      int       // users
	waiting     int       // requests
	connections int       // opened
	steps       *steps    // of the closed model
	arrivals    *arrivals // of the open model
	free        [][]int32 // of the open model: users by address

	pending, spare []socketEvent // connections with more to read, and room for those of the next time

	draining atomic.Bool // nothing more is to be begun
	stopped  atomic.Bool
	counts   *tally
	reports  chan loopReport
	tallies  chan *tally
}

// Alarms of the loop itself, after those of its users.
const (
	startAlarm    = iota // the next arrival, or user that starts or retires
	windowAlarm          // a second is over: counts are handed in
	deadlineAlarm        // ends the last wait
	loopAlarms
)

// source draws from whoever is to draw, so that users need no generator but
// its state.
type source struct{ of *rand.PCG }

func (s *source) Uint64() uint64 { return s.of.Uint64() }

func newLoop(lr *loadRun, w *wireRequests, network sockets, index, of int) *loop {
	users := (lr.load.Users - index + of - 1) / of
	l := &loop{
		run: lr, wire: w, net: network, index: index, count: of,
		users: make([]epollVU, users), alarms: wheel.New(users + loopAlarms),
		buffer: make([]byte, bufferSize), lastAddr: make([]int, len(w.endpoints)),
		counts: lr.newTally(), reports: make(chan loopReport, maxReports), tallies: make(chan *tally, 1),
	}
	l.random = rand.New(&l.source)
	for i := range l.users {
		l.users[i] = newEpollVU(i, lr.load.Seed, index+i*of, len(w.endpoints))
	}
	l.initVUState()
	l.alarms.Set(users+deadlineAlarm, lr.load.Runtime)
	l.set(windowAlarm, time.Second)
	l.scheduleFirst()
	return l
}

// set sets an alarm of the loop's own, unless the load ends before.
func (l *loop) set(alarm int, at time.Duration) {
	if at < l.run.load.Runtime {
		l.alarms.Set(len(l.users)+alarm, at)
	}
}

// serve is the loop, until the runtime ends or it is stopped.
func (l *loop) serve() {
	lockThread()
	for {
		for _, event := range l.net.wait(l.waitTimeout()) {
			l.onEvent(event)
		}
		l.readPending()
		now := l.clock()
		if now >= l.run.load.Runtime || l.stopped.Load() || l.waiting == 0 && l.draining.Load() {
			break
		}
		l.fire(now)
	}
	l.finish()
}

// clock is the time since the load's start.
func (l *loop) clock() time.Duration { return time.Since(l.run.start) }

// readPending reads on where more had come than is read at once.
func (l *loop) readPending() {
	l.pending, l.spare = l.spare[:0], l.pending
	for _, event := range l.spare {
		l.onEvent(event)
	}
}

// waitTimeout is how long nothing has to be done but to wait for events.
func (l *loop) waitTimeout() time.Duration {
	if len(l.pending) > 0 {
		return 0
	}
	next, _ := l.alarms.Next() // the end is always there
	return next - l.clock()
}

// fire serves the alarms that are due.
func (l *loop) fire(now time.Duration) {
	for range maxAlarms {
		i, due := l.alarms.Pop(now)
		if !due {
			return
		}
		switch i - len(l.users) {
		case startAlarm:
			l.startNext()
		case windowAlarm:
			at, _ := l.alarms.IsSet(i)
			l.closeWindow(at)
		default:
			l.onAlarm(&l.users[i], now)
		}
	}
}

// closeWindow hands in the counts of a second.
func (l *loop) closeWindow(at time.Duration) {
	l.set(windowAlarm, at+time.Second)
	l.sendReport(loopReport{at: at})
}

// closeMissed closes the windows that ended while the loop could do nothing,
// as when its process was stopped.
func (l *loop) closeMissed(now time.Duration) {
	alarm := len(l.users) + windowAlarm
	for at, set := l.alarms.IsSet(alarm); set && at <= now; at, set = l.alarms.IsSet(alarm) {
		l.alarms.Stop(alarm)
		l.closeWindow(at)
	}
}

// sendReport hands the counts in, and goes on with empty ones.
func (l *loop) sendReport(r loopReport) {
	r.counts, r.users, r.waiting, r.connections = l.counts, l.active, l.waiting, l.connections
	l.reports <- r
	select {
	case l.counts = <-l.tallies:
	default:
		l.counts = l.run.newTally()
	}
}

// recycle gives an empty tally back. It is for another goroutine to call.
func (l *loop) recycle(empty *tally) {
	select {
	case l.tallies <- empty:
	default:
	}
}

// finish counts what is in flight, closes all connections and hands in the
// last counts.
func (l *loop) finish() {
	last := loopReport{at: min(l.clock(), l.run.load.Runtime), final: true}
	l.closeMissed(last.at)
	for i := range l.users {
		u := &l.users[i]
		if u.phase != idle {
			l.countInFlight(u, last.at)
		}
		l.disconnect(u)
		if u.started && !u.answered {
			last.neverAnswered++
			if u.overdue(last.at) {
				last.overdue++
			}
		}
	}
	if a := l.arrivals; a != nil {
		last.unsent = l.run.unsentArrivals(a, last.at, l.count)
		last.arrivals = int64((a.n-l.index)/l.count) + last.unsent
		l.counts.dropUnsent(last.unsent, a.choice)
	}
	l.sendReport(last)
}
