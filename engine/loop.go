package engine

import (
	"math/rand/v2"
	"sync/atomic"
	"time"

	"plan/engine/wheel"
	"plan/internal/exchange"
)

const (
	// bufferSize is the size of a loop's read buffer, in bytes.
	bufferSize = 64 << 10
	// maxReads is the number of reads from one connection before the other
	// connections have their turn.
	maxReads = 16
	// maxAlarms is the number of alarms that a loop handles before it polls for
	// events.
	maxAlarms = 16
	// maxReports is the number of reports, one a second, that wait while a
	// recorder hangs.
	maxReports = 60
)

// loop runs a part of the users on one thread: every count-th of them, and
// every count-th arrival. While it runs, it writes to nothing that another loop
// uses, except the cursors of feeds, the keep-alive estimates and
// loadRun.allActive.
type loop struct {
	run      *loadRun
	wire     *wireRequests
	net      sockets
	index    int // its number, from 0, among the loops of all agents
	count    int // number of these loops, if every agent has as many
	users    []epollVU
	alarms   *wheel.Wheel // of the users, then of the loop itself
	source   source
	random   *rand.Rand // draws from source
	buffer   []byte
	lastAddr []int // by endpoint: index of the IP address to connect to first

	active      int       // number of active users
	waiting     int       // number of requests in flight
	connections int       // number of connections opened so far
	steps       *steps    // closed model only
	arrivals    *arrivals // open model only
	free        [][]int32 // open model only: stacks of free users by endpoint

	pending, spare []socketEvent // connections with unread data, and the buffer for the next round

	draining atomic.Bool // no further request may start
	stopped  atomic.Bool
	counts   *tally
	reports  chan loopReport
	tallies  chan *tally
}

// Alarms of the loop itself. Their numbers follow those of the users.
const (
	startAlarm    = iota // the next arrival, or start or stop of a user
	windowAlarm          // end of a second: a report is due
	deadlineAlarm        // end of the load
	loopAlarms
)

// source draws from the generator that it points to, so that a user stores only
// the state of a generator.
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
		nth := index + i*of
		l.users[i] = epollVU{
			random: *rand.NewPCG(lr.load.Seed, uint64(nth)), fd: -1, tag: uint64(i), endpoint: nth % len(w.endpoints),
		}
	}
	if feeds := len(lr.load.Feeds); feeds > 0 || len(lr.load.OnStart) > 0 {
		states, rows := make([]vuState, users), lr.feeds.rows(users)
		for i := range states {
			states[i].rows = rows[i*feeds : (i+1)*feeds]
			l.users[i].state = &states[i]
		}
	}
	l.alarms.Set(users+deadlineAlarm, lr.load.Runtime)
	l.set(windowAlarm, time.Second)
	if !lr.load.Open() {
		l.steps = newSteps(&lr.load)
		l.scheduleStep()
		return l
	}
	l.free = make([][]int32, len(w.endpoints))
	for i := users - 1; i >= 0; i-- { // all users are free, the first one on top
		endpoint := l.users[i].endpoint
		l.free[endpoint] = append(l.free[endpoint], int32(i))
	}
	l.arrivals = newArrivals(&lr.load, lr.choice)
	l.arrivals.skip(index)
	l.set(startAlarm, l.arrivals.at)
	return l
}

// set sets an alarm of the loop itself, unless it is due after the end of the
// load.
func (l *loop) set(alarm int, at time.Duration) {
	if at < l.run.load.Runtime {
		l.alarms.Set(len(l.users)+alarm, at)
	}
}

// serve runs the loop until the load ends or the loop is stopped.
func (l *loop) serve() {
	lockThread()
	for {
		timeout := time.Duration(0)
		if len(l.pending) == 0 {
			next, _ := l.alarms.Next() // deadlineAlarm is always set
			timeout = next - l.clock()
		}
		for _, event := range l.net.wait(timeout) {
			l.onEvent(event)
		}
		l.pending, l.spare = l.spare[:0], l.pending
		for _, event := range l.spare {
			l.onEvent(event)
		}
		now := l.clock()
		if now >= l.run.load.Runtime || l.stopped.Load() || l.waiting == 0 && l.draining.Load() {
			break
		}
		l.fire(now)
	}
	l.finish()
}

// clock returns the time since the start of the load.
func (l *loop) clock() time.Duration { return time.Since(l.run.start) }

// fire handles the alarms that are due.
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

// closeWindow reports the counts of a second.
func (l *loop) closeWindow(at time.Duration) {
	l.set(windowAlarm, at+time.Second)
	l.sendReport(loopReport{at: at})
}

// sendReport sends the counts and continues with an empty tally.
func (l *loop) sendReport(r loopReport) {
	r.counts, r.users, r.waiting, r.connections = l.counts, l.active, l.waiting, l.connections
	l.reports <- r
	select {
	case l.counts = <-l.tallies:
	default:
		l.counts = l.run.newTally()
	}
}

// finish counts the requests in flight, closes all connections and sends the
// last report.
func (l *loop) finish() {
	last := loopReport{at: min(l.clock(), l.run.load.Runtime), final: true}
	alarm := len(l.users) + windowAlarm // windows end unnoticed while the process is stopped
	for at, set := l.alarms.IsSet(alarm); set && at <= last.at; at, set = l.alarms.IsSet(alarm) {
		l.alarms.Stop(alarm)
		l.closeWindow(at)
	}
	for i := range l.users {
		u := &l.users[i]
		if u.phase != idle {
			end, o := last.at, exchange.Outcome{Class: exchange.Aborted, Retried: u.retried}
			if u.phase == undecided {
				o.Class, o.Detail, end = exchange.Reset, u.breakErr.Error(), u.idleSince+u.lastBreak.IdleAtBreak
			}
			l.countExchange(u, o, max(end, u.start))
			if l.run.isOnStart(u.request) {
				l.dropBlocked(u)
			}
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
