package engine

import (
	"math/rand/v2"
	"syscall"
	"time"

	"plan/engine/http1"
	"plan/internal/exchange"
)

// caller is one virtual user of a loop with its connection. Times are since
// the load's start.
type caller struct {
	random    rand.PCG
	own       *luggage // nil in a load that needs none
	parser    http1.Parser
	tag       uint64 // of its connection's events: a number that never comes again, and its own
	fd        int    // -1 without a connection
	address   int
	request   int
	end       int   // which of its address's ends
	tried     int   // how many of them
	written   int   // bytes of the request
	before    int64 // bytes written to the connection before it
	phase     phase
	begun     bool
	answered  bool // any answer, wanted or not
	scheduled bool // the exchange, or the one that comes next, has an intended start
	reused    bool // the connection was kept from an exchange before
	heard     bool // part of the answer
	retried   bool
	leaving   bool          // it retires after this exchange
	broken    syscall.Errno // how writing ended; there may be an answer all the same
	intended  time.Duration // start of this exchange, or of the next
	began     time.Duration
	sent      time.Duration // when the request was put on the connection
	deadline  time.Duration
	kept      time.Duration  // since when its connection is idle, or was before the request
	doubt     exchange.Break // while it is doubting
	fault     error          // and why
	first     time.Duration  // its first request
	patience  time.Duration  // that request's timeout
	left      time.Duration  // when it retired, 0 while it is active
}

type phase uint8

// tagBits is how many bits of a tag are its user's number.
const tagBits = 32

const (
	idle       phase = iota // it thinks, or is free
	connecting              // its connection is being made
	asking                  // the request is on its way, or the answer
	doubting                // its connection broke, and may soon be known to have been idle
)

func newCaller(i int, seed uint64, nth, addresses int) caller {
	return caller{random: *rand.NewPCG(seed, uint64(nth)), fd: -1, tag: uint64(i), address: nth % addresses}
}

func (l *loop) number(u *caller) int { return int(uint32(u.tag)) }

// pick draws a request of a user.
func (l *loop) pick(u *caller) int {
	l.source.of = &u.random
	return l.crew.choice.pick(l.random)
}

// think draws the next pause of a user.
func (l *loop) think(u *caller) time.Duration {
	l.source.of = &u.random
	return l.crew.load.ThinkTime.next(l.random)
}

// ring is a user's alarm: its pause is over, or its request took too long. The
// alarm of a timeout is moved only here, since most requests are answered long
// before.
func (l *loop) ring(u *caller, now time.Duration) {
	switch {
	case u.phase == idle:
		l.ask(u, l.next(u), u.intended, u.scheduled, l.clock())
	case u.phase == doubting:
		l.decide(u)
	case now < u.deadline:
		l.alarms.Set(l.number(u), u.deadline)
	default:
		l.fail(u, errTimeout)
	}
}

// ask begins an exchange now, unless the load is ending.
func (l *loop) ask(u *caller, request int, intended time.Duration, scheduled bool, now time.Duration) {
	if !l.ready(u, request) {
		return
	}
	timeout := l.crew.requests[request].EffectiveTimeout()
	if !u.begun {
		u.begun, u.first, u.patience = true, now, timeout
	}
	u.request, u.intended, u.scheduled, u.began, u.deadline = request, intended, scheduled, now, now+timeout
	u.retried = false
	l.waiting++
	if at, set := l.alarms.IsSet(l.number(u)); !set || at > u.deadline {
		l.alarms.Set(l.number(u), u.deadline)
	}
	if u.fd < 0 {
		u.tried, u.end = 0, l.ends[u.address]
		l.connect(u)
		return
	}
	u.reused = true
	l.send(u, now)
}

// connect begins a connection to one of the address's ends, and to the next
// one where that fails at once.
func (l *loop) connect(u *caller) {
	u.phase, u.reused, u.heard, u.written, u.before = connecting, false, false, 0, 0
	t := &l.wire.targets[u.address]
	if t.err != nil {
		l.fail(u, t.err)
		return
	}
	fd, errno := l.net.connect(t.ends[u.end], u.tag)
	if errno != 0 {
		l.unconnected(u, errno)
		return
	}
	u.fd = fd
}

// unconnected goes on to the next end, as long as there is one that was not
// tried.
func (l *loop) unconnected(u *caller, errno syscall.Errno) {
	l.drop(u)
	ends := len(l.wire.targets[u.address].ends)
	if u.tried++; u.tried >= ends {
		l.fail(u, errno)
		return
	}
	u.end = (u.end + 1) % ends
	l.connect(u)
}

// connected sends the request once the connection is there.
func (l *loop) connected(u *caller) {
	if errno := l.net.established(u.fd); errno != 0 {
		l.unconnected(u, errno)
		return
	}
	now := l.clock()
	if now >= l.crew.load.Runtime {
		return
	}
	l.connections++
	l.ends[u.address] = u.end
	l.send(u, now)
}

// send puts the request on the connection.
func (l *loop) send(u *caller, now time.Duration) {
	u.before += int64(u.written)
	u.phase, u.sent, u.written, u.heard, u.broken = asking, now, 0, false, 0
	u.parser.Begin(&l.wire.wants[u.request])
	l.write(u)
}

// write sends as much of the request as goes.
func (l *loop) write(u *caller) {
	for wire := l.bytes(u); u.written < len(wire); {
		n, errno := l.net.write(u.fd, wire[u.written:])
		switch {
		case errno == syscall.EAGAIN:
			return
		case errno != 0:
			u.broken = errno
			l.receive(u, true) // it may have answered before it closed
			return
		}
		u.written += n
	}
}

// bytes is the user's request.
func (l *loop) bytes(u *caller) []byte {
	if t := &l.wire.targets[u.address].wires[u.request]; t.fixed != nil {
		return t.fixed
	}
	return u.own.wire
}

// handle serves an event of a connection, unless that is gone.
func (l *loop) handle(e ready) {
	u := &l.users[uint32(e.tag)]
	if u.tag != e.tag {
		return
	}
	switch {
	case u.phase == idle:
		l.listen(u)
		return
	case u.phase == connecting && !e.writable:
		return
	case u.phase == connecting:
		l.connected(u) // what the server says by itself may have come with it, and no other event will
	}
	if e.readable && u.tag == e.tag && u.phase == asking {
		l.receive(u, e.ended)
	}
	if e.writable && u.tag == e.tag && u.phase == asking && u.written < len(l.bytes(u)) {
		l.write(u)
	}
}

// listen looks at an idle connection on which something happened: the server
// closed it, or sent what nobody asked for. Either way it is of no more use.
func (l *loop) listen(u *caller) {
	n, errno := l.net.read(u.fd, l.buffer)
	if errno == syscall.EAGAIN {
		return
	}
	if n <= 0 {
		l.keepAlive(u).Closed(l.clock() - u.kept)
	}
	l.drop(u)
}

// receive reads what there is of the answer. All of it must be read when the
// server has closed, as no other event will come.
func (l *loop) receive(u *caller, ended bool) {
	for range turns {
		n, errno := l.net.read(u.fd, l.buffer)
		switch {
		case errno == syscall.EAGAIN:
			if u.broken != 0 {
				l.fail(u, u.broken)
			}
			return
		case errno != 0:
			l.fail(u, errno)
			return
		case n == 0:
			l.eof(u)
			return
		}
		u.heard = true
		_, done, err := u.parser.Feed(l.buffer[:n])
		switch {
		case err != nil:
			l.fail(u, err)
			return
		case done:
			l.answer(u, u.parser.KeepAlive() && !ended)
			return
		case n < len(l.buffer) && !ended:
			return
		}
	}
	l.more = append(l.more, ready{tag: u.tag, readable: true, ended: ended})
}

// eof is the end of the stream, which may be that of the answer.
func (l *loop) eof(u *caller) {
	if err := u.parser.End(); err != nil {
		l.fail(u, err)
		return
	}
	l.answer(u, false)
}

// drop closes the user's connection. Events of it that are still to come have
// a tag of no one's.
func (l *loop) drop(u *caller) {
	if u.fd >= 0 {
		l.net.close(u.fd)
		u.fd = -1
		u.tag += 1 << tagBits
	}
}
