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
	// turns is how many times a connection is read before others have their
	// turn.
	turns = 16
	// burst is how many alarms a loop serves before it looks for answers.
	burst = 16
	// backlog is how many seconds of counts may wait for a recorder that hangs.
	backlog = 60
)

// loop is some of the users of a load on one thread: every n-th of them, and
// of the arrivals. All that it touches while it runs is its own.
type loop struct {
	crew   *crew
	wire   *wire
	net    sockets
	index  int // which of the loops
	of     int // how many there are
	users  []caller
	alarms *wheel.Wheel // of users, and its own
	source source
	random *rand.Rand // draws from source
	buffer []byte
	ends   []int // by address: which of its ends was the last to answer

	active      int       // users
	waiting     int       // requests
	connections int       // opened
	steps       *steps    // of the closed model
	arrivals    *arrivals // of the open model
	free        [][]int32 // of the open model: users by address

	more, before []ready // connections with more to read, and room for those of the next time

	ending  atomic.Bool // nothing more is to be begun
	stopped atomic.Bool
	counts  *tally
	full    chan report
	empty   chan *tally
}

// Alarms of the loop itself, after those of its users.
const (
	beginAlarm  = iota // the next arrival, or user that starts or retires
	windowAlarm        // a second is over: counts are handed in
	endAlarm           // ends the last wait
	ownAlarms
)

// source draws from whoever is to draw, so that users need no generator but
// its state.
type source struct{ of *rand.PCG }

func (s *source) Uint64() uint64 { return s.of.Uint64() }

func newLoop(c *crew, w *wire, network sockets, index, of int) *loop {
	users := (c.load.Users - index + of - 1) / of
	l := &loop{
		crew: c, wire: w, net: network, index: index, of: of,
		users: make([]caller, users), alarms: wheel.New(users + ownAlarms),
		buffer: make([]byte, bufferSize), ends: make([]int, len(w.targets)),
		counts: c.newTally(), full: make(chan report, backlog), empty: make(chan *tally, 1),
	}
	l.random = rand.New(&l.source)
	for i := range l.users {
		l.users[i] = newCaller(i, c.load.Seed, index+i*of, len(w.targets))
	}
	l.pack()
	l.alarms.Set(users+endAlarm, c.load.Runtime)
	l.set(windowAlarm, time.Second)
	l.plan()
	return l
}

// set sets an alarm of the loop's own, unless the load ends before.
func (l *loop) set(alarm int, at time.Duration) {
	if at < l.crew.load.Runtime {
		l.alarms.Set(len(l.users)+alarm, at)
	}
}

// run is the loop, until the runtime ends or it is stopped.
func (l *loop) run() {
	takeThread()
	for {
		for _, event := range l.net.wait(l.patience()) {
			l.handle(event)
		}
		l.goOn()
		now := l.clock()
		if now >= l.crew.load.Runtime || l.stopped.Load() || l.waiting == 0 && l.ending.Load() {
			break
		}
		l.fire(now)
	}
	l.finish()
}

// clock is the time since the load's start.
func (l *loop) clock() time.Duration { return time.Since(l.crew.start) }

// goOn reads on where more had come than is read at once.
func (l *loop) goOn() {
	l.more, l.before = l.before[:0], l.more
	for _, event := range l.before {
		l.handle(event)
	}
}

// patience is how long nothing has to be done but to wait for events.
func (l *loop) patience() time.Duration {
	if len(l.more) > 0 {
		return 0
	}
	next, _ := l.alarms.Next() // the end is always there
	return next - l.clock()
}

// fire serves the alarms that are due.
func (l *loop) fire(now time.Duration) {
	for range burst {
		i, due := l.alarms.Pop(now)
		if !due {
			return
		}
		switch i - len(l.users) {
		case beginAlarm:
			l.begin()
		case windowAlarm:
			at, _ := l.alarms.IsSet(i)
			l.closeWindow(at)
		default:
			l.ring(&l.users[i], now)
		}
	}
}

// closeWindow hands in the counts of a second.
func (l *loop) closeWindow(at time.Duration) {
	l.set(windowAlarm, at+time.Second)
	l.hand(report{at: at})
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

// hand hands the counts in, and goes on with empty ones.
func (l *loop) hand(b report) {
	b.counts, b.users, b.waiting, b.connections = l.counts, l.active, l.waiting, l.connections
	l.full <- b
	select {
	case l.counts = <-l.empty:
	default:
		l.counts = l.crew.newTally()
	}
}

// recycle gives an empty tally back. It is for another goroutine to call.
func (l *loop) recycle(empty *tally) {
	select {
	case l.empty <- empty:
	default:
	}
}

// finish counts what is in flight, closes all connections and hands in the
// last counts.
func (l *loop) finish() {
	last := report{at: min(l.clock(), l.crew.load.Runtime), final: true}
	l.closeMissed(last.at)
	for i := range l.users {
		u := &l.users[i]
		if u.phase != idle {
			l.abort(u, last.at)
		}
		l.drop(u)
		if u.begun && !u.answered {
			last.never++
			if u.overdue(last.at) {
				last.overdue++
			}
		}
	}
	if a := l.arrivals; a != nil {
		last.unsent = l.crew.behind(a, last.at, l.of)
		last.arrivals = int64((a.n-l.index)/l.of) + last.unsent
		l.counts.forgo(last.unsent, a.choice)
	}
	l.hand(last)
}
