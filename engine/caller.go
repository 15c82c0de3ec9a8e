package engine

import (
	"math/rand/v2"
	"syscall"
	"time"

	"plan/engine/http1"
	"plan/internal/exchange"
)

// epollVU is one virtual user of a loop with its connection. Times are since
// the load's start.
type epollVU struct {
	random        rand.PCG
	state         *vuState // nil in a load that needs none
	parser        http1.Parser
	tag           uint64 // of its connection's events: a number that never comes again, and its own
	fd            int    // -1 without a connection
	endpoint      int
	request       int
	addr          int   // which of its address's ends
	triedAddrs    int   // how many of them
	written       int   // bytes of the request
	writtenBefore int64 // bytes written to the connection before it
	phase         phase
	started       bool
	answered      bool // any answer, wanted or not
	scheduled     bool // the exchange, or the one that comes next, has an intended start
	reused        bool // the connection was kept from an exchange before
	gotBytes      bool // part of the answer
	retried       bool
	retiring      bool          // it retires after this exchange
	writeErr      syscall.Errno // how writing ended; there may be an answer all the same
	intended      time.Duration // start of this exchange, or of the next
	start         time.Duration
	sentAt        time.Duration // when the request was put on the connection
	deadline      time.Duration
	idleSince     time.Duration  // since when its connection is idle, or was before the request
	lastBreak     exchange.Break // while it is doubting
	breakErr      error          // and why
	firstStart    time.Duration  // its first request
	firstTimeout  time.Duration  // that request's timeout
	retiredAt     time.Duration  // when it retired, 0 while it is active
}

type phase uint8

// tagBits is how many bits of a tag are its user's number.
const tagBits = 32

const (
	idle       phase = iota // it thinks, or is free
	connecting              // its connection is being made
	exchanging              // the request is on its way, or the answer
	undecided               // its connection broke, and may soon be known to have been idle
)

func newEpollVU(i int, seed uint64, nth, addresses int) epollVU {
	return epollVU{random: *rand.NewPCG(seed, uint64(nth)), fd: -1, tag: uint64(i), endpoint: nth % addresses}
}

func (l *loop) number(u *epollVU) int { return int(uint32(u.tag)) }

// pickRequest draws a request of a user.
func (l *loop) pickRequest(u *epollVU) int {
	l.source.of = &u.random
	return l.run.choice.pick(l.random)
}

// drawPause draws the next pause of a user.
func (l *loop) drawPause(u *epollVU) time.Duration {
	l.source.of = &u.random
	return l.run.load.ThinkTime.next(l.random)
}

// onAlarm is a user's alarm: its pause is over, or its request took too long. The
// alarm of a timeout is moved only here, since most requests are answered long
// before.
func (l *loop) onAlarm(u *epollVU, now time.Duration) {
	switch {
	case u.phase == idle:
		l.startRequest(u, l.nextRequest(u), u.intended, u.scheduled, l.clock())
	case u.phase == undecided:
		l.resolveUndecided(u)
	case now < u.deadline:
		l.alarms.Set(l.number(u), u.deadline)
	default:
		l.onError(u, errTimeout)
	}
}

// startRequest begins an exchange now, unless the load is ending.
func (l *loop) startRequest(u *epollVU, request int, intended time.Duration, scheduled bool, now time.Duration) {
	if !l.prepareRequest(u, request) {
		return
	}
	timeout := l.run.requests[request].EffectiveTimeout()
	if !u.started {
		u.started, u.firstStart, u.firstTimeout = true, now, timeout
	}
	u.request, u.intended, u.scheduled, u.start, u.deadline = request, intended, scheduled, now, now+timeout
	u.retried = false
	l.waiting++
	if at, set := l.alarms.IsSet(l.number(u)); !set || at > u.deadline {
		l.alarms.Set(l.number(u), u.deadline)
	}
	if u.fd < 0 {
		u.triedAddrs, u.addr = 0, l.lastAddr[u.endpoint]
		l.connect(u)
		return
	}
	u.reused = true
	l.send(u, now)
}

// connect begins a connection to one of the address's ends, and to the next
// one where that fails at once.
func (l *loop) connect(u *epollVU) {
	u.phase, u.reused, u.gotBytes, u.written, u.writtenBefore = connecting, false, false, 0, 0
	t := &l.wire.endpoints[u.endpoint]
	if t.resolveErr != nil {
		l.onError(u, t.resolveErr)
		return
	}
	fd, errno := l.net.connect(t.addrs[u.addr], u.tag)
	if errno != 0 {
		l.connectFailed(u, errno)
		return
	}
	u.fd = fd
}

// connectFailed goes on to the next end, as long as there is one that was not
// tried.
func (l *loop) connectFailed(u *epollVU, errno syscall.Errno) {
	l.disconnect(u)
	ends := len(l.wire.endpoints[u.endpoint].addrs)
	if u.triedAddrs++; u.triedAddrs >= ends {
		l.onError(u, errno)
		return
	}
	u.addr = (u.addr + 1) % ends
	l.connect(u)
}

// onConnected sends the request once the connection is there.
func (l *loop) onConnected(u *epollVU) {
	if errno := l.net.established(u.fd); errno != 0 {
		l.connectFailed(u, errno)
		return
	}
	now := l.clock()
	if now >= l.run.load.Runtime {
		return
	}
	l.connections++
	l.lastAddr[u.endpoint] = u.addr
	l.send(u, now)
}

// send puts the request on the connection.
func (l *loop) send(u *epollVU, now time.Duration) {
	u.writtenBefore += int64(u.written)
	u.phase, u.sentAt, u.written, u.gotBytes, u.writeErr = exchanging, now, 0, false, 0
	u.parser.Begin(&l.wire.wants[u.request])
	l.writeRequest(u)
}

// writeRequest sends as much of the request as goes.
func (l *loop) writeRequest(u *epollVU) {
	for wire := l.requestBytes(u); u.written < len(wire); {
		n, errno := l.net.write(u.fd, wire[u.written:])
		switch {
		case errno == syscall.EAGAIN:
			return
		case errno != 0:
			u.writeErr = errno
			l.receive(u, true) // it may have answered before it closed
			return
		}
		u.written += n
	}
}

// requestBytes is the user's request.
func (l *loop) requestBytes(u *epollVU) []byte {
	if t := &l.wire.endpoints[u.endpoint].templates[u.request]; t.fixed != nil {
		return t.fixed
	}
	return u.state.request
}

// onEvent serves an event of a connection, unless that is gone.
func (l *loop) onEvent(e socketEvent) {
	u := &l.users[uint32(e.tag)]
	if u.tag != e.tag {
		return
	}
	switch {
	case u.phase == idle:
		l.onIdleEvent(u)
		return
	case u.phase == connecting && !e.writable:
		return
	case u.phase == connecting:
		l.onConnected(u) // what the server says by itself may have come with it, and no other event will
	}
	if e.readable && u.tag == e.tag && u.phase == exchanging {
		l.receive(u, e.ended)
	}
	if e.writable && u.tag == e.tag && u.phase == exchanging && u.written < len(l.requestBytes(u)) {
		l.writeRequest(u)
	}
}

// onIdleEvent looks at an idle connection on which something happened: the server
// closed it, or sent what nobody asked for. Either way it is of no more use.
func (l *loop) onIdleEvent(u *epollVU) {
	n, errno := l.net.read(u.fd, l.buffer)
	if errno == syscall.EAGAIN {
		return
	}
	if n <= 0 {
		l.keepAlive(u).Closed(l.clock() - u.idleSince)
	}
	l.disconnect(u)
}

// receive reads what there is of the answer. All of it must be read when the
// server has closed, as no other event will come.
func (l *loop) receive(u *epollVU, ended bool) {
	for range maxReads {
		n, errno := l.net.read(u.fd, l.buffer)
		switch {
		case errno == syscall.EAGAIN:
			if u.writeErr != 0 {
				l.onError(u, u.writeErr)
			}
			return
		case errno != 0:
			l.onError(u, errno)
			return
		case n == 0:
			l.onEOF(u)
			return
		}
		u.gotBytes = true
		_, done, err := u.parser.Feed(l.buffer[:n])
		switch {
		case err != nil:
			l.onError(u, err)
			return
		case done:
			l.onResponse(u, u.parser.KeepAlive() && !ended)
			return
		case n < len(l.buffer) && !ended:
			return
		}
	}
	l.pending = append(l.pending, socketEvent{tag: u.tag, readable: true, ended: ended})
}

// onEOF is the end of the stream, which may be that of the answer.
func (l *loop) onEOF(u *epollVU) {
	if err := u.parser.End(); err != nil {
		l.onError(u, err)
		return
	}
	l.onResponse(u, false)
}

// disconnect closes the user's connection. Events of it that are still to come have
// a tag of no one's.
func (l *loop) disconnect(u *epollVU) {
	if u.fd >= 0 {
		l.net.close(u.fd)
		u.fd = -1
		u.tag += 1 << tagBits
	}
}
