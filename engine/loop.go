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
	burst = 64
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

	begun       int // users
	waiting     int // requests
	connections int // opened
	arrivals    *arrivals
	free        [][]int32 // of the open model: users by address

	more, before []ready // connections with more to read, and room for those of the next time

	stopped atomic.Bool
	over    bool
	counts  *tally
	full    chan report
	empty   chan *tally
}

// Alarms of the loop itself, after those of its users.
const (
	beginAlarm = iota // the next user or arrival
	windowAlarm
	endAlarm
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
	l.alarms.Set(users+endAlarm, c.load.Runtime)
	l.nextWindow(time.Second)
	if c.load.open() {
		l.open()
	} else {
		l.alarms.Set(users+beginAlarm, schedule(index, c.load.SpawnRate))
	}
	return l
}

// open prepares the open model: all users are free, and the first arrival is
// known. The first of the users are on top.
func (l *loop) open() {
	l.free = make([][]int32, len(l.wire.targets))
	for i := len(l.users) - 1; i >= 0; i-- {
		address := l.users[i].address
		l.free[address] = append(l.free[address], int32(i))
	}
	l.arrivals = newArrivals(&l.crew.load, l.crew.choice)
	l.arrivals.skip(l.index)
	l.alarms.Set(len(l.users)+beginAlarm, l.arrivals.at)
}

// run is the loop, until the runtime ends or it is stopped.
func (l *loop) run() {
	takeThread()
	for !l.over {
		for _, event := range l.net.wait(l.patience()) {
			l.handle(event)
		}
		l.goOn()
		if l.stopped.Load() {
			break
		}
		l.fire(l.clock())
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
			l.nextWindow(at + time.Second)
			l.hand(report{at: at})
		case endAlarm:
			l.over = true
			return
		default:
			l.ring(&l.users[i], now)
		}
	}
}

// nextWindow sets when to hand counts in; the last time is the end's.
func (l *loop) nextWindow(at time.Duration) {
	if at < l.crew.load.Runtime {
		l.alarms.Set(len(l.users)+windowAlarm, at)
	}
}

// begin starts the next user, or serves the next arrival.
func (l *loop) begin() {
	if l.arrivals != nil {
		l.arrive(l.arrivals.n, l.arrivals.pick, l.arrivals.at)
		l.arrivals.skip(l.of)
		l.alarms.Set(len(l.users)+beginAlarm, l.arrivals.at)
		return
	}
	u, rate := &l.users[l.begun], l.crew.load.SpawnRate
	l.begun++
	nth := l.index + l.begun*l.of
	if l.begun < len(l.users) {
		l.alarms.Set(len(l.users)+beginAlarm, schedule(nth, rate))
	}
	if nth-l.of == l.crew.load.Users-1 {
		l.crew.complete.Store(int64(l.clock()))
	}
	l.ask(u, l.pick(u), schedule(nth-l.of, rate), true, l.clock())
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
				l.begun++
			}
			l.ask(u, request, at, true, l.clock())
			return
		}
	}
	l.counts.requests[request].dropped++
}

// hand hands the counts in, and goes on with empty ones.
func (l *loop) hand(b report) {
	b.counts, b.users, b.waiting, b.connections = l.counts, l.begun, l.waiting, l.connections
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
	for i := range l.users {
		u := &l.users[i]
		if u.phase != idle {
			l.abort(u, last.at)
		}
		l.drop(u)
		if u.begun && !u.answered {
			last.never++
			if last.at-u.first > u.patience {
				last.overdue++
			}
		}
	}
	l.hand(last)
}
