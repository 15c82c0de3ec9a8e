package engine

import (
	"math/rand/v2"
	"syscall"
	"time"

	"plan/engine/http1"
	"plan/internal/exchange"
)

// epollVU is one virtual user of an event loop, with its connection. Times are
// since the start of the load.
type epollVU struct {
	random        rand.PCG
	state         *vuState // nil if the load has no feeds and no on_start requests
	parser        http1.Parser
	tag           uint64 // of its connection's events: the user's number and a generation
	fd            int    // -1 without a connection
	endpoint      int
	request       int
	addr          int   // index of the IP address in its endpoint
	triedAddrs    int   // how many IP addresses failed to connect
	written       int   // bytes of the request that were written
	writtenBefore int64 // bytes that were written to the connection before this request
	phase         phase
	intent        intent // of this exchange, or of the next one
	started       bool
	answered      bool // it got a response, of any status
	reused        bool // the connection served an exchange before
	gotBytes      bool // part of the response has arrived
	retried       bool
	retiring      bool          // it stops after this exchange
	writeErr      syscall.Errno // error of the last write; a response may arrive nevertheless
	intended      time.Duration // intended start of this exchange, or of the next one
	start         time.Duration
	sentAt        time.Duration // when the request was written to the connection
	deadline      time.Duration
	idleSince     time.Duration  // since when the connection is idle, or was idle before the request
	lastBreak     exchange.Break // in the phase undecided: how the connection broke
	breakErr      error          // in the phase undecided: the error
	firstStart    time.Duration  // start of its first request
	firstTimeout  time.Duration  // timeout of its first request
	retiredAt     time.Duration  // when it stopped; 0 while it is active
}

type phase uint8

// tagBits is the number of bits of a tag that hold the user's number.
const tagBits = 32

const (
	idle       phase = iota // the user pauses, or is free
	connecting              // the connection is being established
	exchanging              // the request is being sent, or the response received
	undecided               // the connection broke; later closes may show that the server closes idle connections
)

func (u *epollVU) number() int { return int(uint32(u.tag)) }

// onAlarm handles the alarm of a user: its pause is over, or its request timed
// out. Most responses arrive long before their timeout, so the alarm is moved
// to a new deadline only here.
func (l *loop) onAlarm(u *epollVU, now time.Duration) {
	switch {
	case u.phase == idle:
		l.startRequest(u, l.nextRequest(u), u.intended, u.intent, l.clock())
	case u.phase == undecided: // other closes had time to show whether it was idle
		o := exchange.Outcome{Class: exchange.Reset, Retried: u.retried}
		if l.keepAlive(u).ClosedIdle(u.lastBreak) {
			o.Class = exchange.IdleClosed
		}
		l.alarms.Set(u.number(), u.deadline)
		l.finishFailed(u, o, u.breakErr, u.idleSince+u.lastBreak.IdleAtBreak)
	case now < u.deadline:
		l.alarms.Set(u.number(), u.deadline)
	default:
		if u.phase == connecting && u.addr == l.lastAddr[u.endpoint] { // the next connection goes to the next address
			l.lastAddr[u.endpoint] = (u.addr + 1) % len(l.wire.endpoints[u.endpoint].addrs)
		}
		l.onError(u, errTimeout)
	}
}

// startRequest starts an exchange, unless the load ends because a feed is
// exhausted.
func (l *loop) startRequest(u *epollVU, request int, intended time.Duration, intent intent, now time.Duration) {
	if !l.prepareRequest(u, request) {
		return
	}
	timeout := l.run.requests[request].EffectiveTimeout()
	if !u.started {
		u.started, u.firstStart, u.firstTimeout = true, now, timeout
	}
	u.request, u.intended, u.intent, u.start, u.deadline = request, intended, intent, now, now+timeout
	u.retried = false
	l.waiting++
	if at, set := l.alarms.IsSet(u.number()); !set || at > u.deadline {
		l.alarms.Set(u.number(), u.deadline)
	}
	if u.fd < 0 {
		u.triedAddrs, u.addr = 0, l.lastAddr[u.endpoint]
		l.connect(u)
		return
	}
	u.reused = true
	l.send(u, now)
}

// connect opens a connection to an IP address of the endpoint, and tries the
// next address if that fails at once.
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

// connectFailed tries the next IP address of the endpoint, or fails the
// exchange after the last one.
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

// onConnected sends the request on a new connection.
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

// send starts to write the request.
func (l *loop) send(u *epollVU, now time.Duration) {
	u.writtenBefore += int64(u.written)
	u.phase, u.sentAt, u.written, u.gotBytes, u.writeErr = exchanging, now, 0, false, 0
	u.parser.Begin(&l.wire.wants[u.request])
	l.writeRequest(u)
}

// writeRequest writes the request until the socket buffer is full.
func (l *loop) writeRequest(u *epollVU) {
	for wire := l.requestBytes(u); u.written < len(wire); {
		n, errno := l.net.write(u.fd, wire[u.written:])
		switch {
		case errno == syscall.EAGAIN:
			return
		case errno != 0:
			u.writeErr = errno
			l.receive(u, true) // the server may have responded before it closed
			return
		}
		u.written += n
	}
}

// requestBytes returns the bytes of the user's request.
func (l *loop) requestBytes(u *epollVU) []byte {
	if t := &l.wire.endpoints[u.endpoint].templates[u.request]; t.fixed != nil {
		return t.fixed
	}
	return u.state.request
}

// onEvent handles an event of a connection. It ignores events of connections
// that are closed.
func (l *loop) onEvent(e socketEvent) {
	u := &l.users[uint32(e.tag)]
	if u.tag != e.tag {
		return
	}
	switch {
	case u.phase == idle: // the server closed the connection, or sent data without a request
		n, errno := l.net.read(u.fd, l.buffer)
		if errno == syscall.EAGAIN {
			return
		}
		if n <= 0 {
			l.keepAlive(u).RecordClose(l.clock() - u.idleSince)
		}
		l.disconnect(u)
		return
	case u.phase == connecting && !e.writable:
		return
	case u.phase == connecting:
		l.onConnected(u) // the server may have sent data on its own, and no other event announces it
	}
	if e.readable && u.tag == e.tag && u.phase == exchanging {
		l.receive(u, e.ended)
	}
	if e.writable && u.tag == e.tag && u.phase == exchanging && u.written < len(l.requestBytes(u)) {
		l.writeRequest(u)
	}
}

// receive reads the available part of the response. If the server has closed
// its side, receive reads all of it, because no other event follows.
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
			if err := u.parser.End(); err != nil {
				l.onError(u, err)
			} else {
				l.onResponse(u, false) // the end of the stream is also that of the body
			}
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

// disconnect closes the user's connection and changes its tag, so that later
// events of the connection are ignored.
func (l *loop) disconnect(u *epollVU) {
	if u.fd >= 0 {
		l.net.close(u.fd)
		u.fd = -1
		u.tag += 1 << tagBits
	}
}
