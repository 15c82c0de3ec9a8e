package engine

import (
	"bytes"
	"errors"
	"net/http"
	"strconv"
	"syscall"
	"time"

	"plan/engine/http1"
	"plan/internal/exchange"
)

// errTimeout ends an exchange that exceeded the timeout of its request.
var errTimeout = errors.New("no complete response in time")

// onResponse counts a complete response and continues with the user. keep
// reports whether the connection can be used again.
func (l *loop) onResponse(u *epollVU, keep bool) {
	now := l.clock()
	o := exchange.Outcome{Status: u.parser.Status(), Bytes: u.parser.Received(), Retried: u.retried}
	switch p := l.run.patterns[u.request]; {
	case !p.Request.Accepts(o.Status):
		o.Class = exchange.StatusClass(o.Status)
		if !l.counts.hasExample(o.Class) {
			status, body := strconv.Itoa(o.Status)+" "+http.StatusText(o.Status), u.parser.Body()
			location := string(u.parser.Header(locationHeader))
			o.Detail = p.Request.UnexpectedStatusText(status, location, body)
		}
	case p.HasChecks():
		if o.Detail = p.CheckBody(string(u.parser.Header(encodingHeader)), u.parser.Body(), o.Bytes); o.Detail != "" {
			o.Class = exchange.CheckFailed
		}
	}
	u.parser.Release()
	if u.reused {
		l.keepAlive(u).RecordResponse(u.sentAt - u.idleSince)
	}
	u.idleSince = now
	if l.run.keepsCookies() {
		for more, line := u.parser.Header(cookieHeader), []byte(nil); len(more) > 0; {
			line, more, _ = bytes.Cut(more, []byte{'\n'})
			u.state.jar.Set(string(line))
		}
	}
	if !keep || u.written < len(l.requestBytes(u)) {
		l.disconnect(u)
	}
	l.finishRequest(u, o, now)
}

// onError counts an exchange that ended without a complete response. If the
// server had closed an idle connection under the request, onError sends it
// again where that is allowed.
func (l *loop) onError(u *epollVU, err error) {
	now := l.clock()
	o := exchange.Outcome{Class: u.classify(err), Retried: u.retried}
	if o.Class == exchange.Reset && u.phase == exchanging && u.reused && !u.gotBytes {
		b, keep := exchange.Break{
			Sent: int64(u.written), Acked: l.net.acked(u.fd) - u.writtenBefore,
			FIN:        err == http1.ErrNoAnswer && u.writeErr != syscall.ECONNRESET, // a write may have consumed the reset
			IdleAtSend: u.sentAt - u.idleSince, IdleAtBreak: now - u.idleSince,
		}, l.keepAlive(u)
		keep.RecordBreak(b)
		switch {
		case b.Unsent():
			l.resend(u, false)
			return
		case keep.ClosedIdle(b):
			o.Class = exchange.IdleClosed
		case keep.Undecided(b):
			l.disconnect(u)
			u.phase, u.lastBreak, u.breakErr = undecided, b, err
			l.alarms.Set(u.number(), now+exchange.DecideAfter)
			return
		}
	}
	if u.phase == exchanging {
		o.Bytes = u.parser.Received()
	}
	if u.phase == exchanging && err != errTimeout {
		o.Status = u.parser.Status()
	}
	l.finishFailed(u, o, err, now)
}

// resend sends the request on a new connection. sent reports whether any of it
// was sent before.
func (l *loop) resend(u *epollVU, sent bool) {
	l.disconnect(u)
	u.retried, u.triedAddrs, u.addr = sent, 0, l.lastAddr[u.endpoint]
	l.connect(u)
}

// finishFailed counts an exchange that ended at the time then without a
// complete response, unless its request may be sent again.
func (l *loop) finishFailed(u *epollVU, o exchange.Outcome, err error, then time.Duration) {
	r := &l.run.requests[u.request]
	malformed, quotes := errors.AsType[*http1.Malformed](err)
	if o.Class == exchange.IdleClosed && r.Replayable() {
		l.resend(u, true)
		return
	}
	l.disconnect(u)
	switch {
	case l.counts.hasExample(o.Class): // an example is stored already
	case err == errTimeout && o.Class == exchange.ConnectTimeout:
		o.Detail = "no connection within " + r.EffectiveTimeout().String()
	case err == errTimeout:
		o.Detail = "no complete response within " + r.EffectiveTimeout().String()
	case quotes:
		o.Detail = malformed.Quote(r.Mask.Cut)
	default:
		o.Detail = err.Error()
	}
	l.finishRequest(u, o, then)
}

// keepAlive returns the keep-alive estimate of the user's endpoint.
func (l *loop) keepAlive(u *epollVU) *exchange.KeepAlive {
	return l.wire.endpoints[u.endpoint].keepAlive
}

// classify returns the class of a failed exchange.
func (u *epollVU) classify(err error) exchange.Class {
	class := exchange.Classify(err)
	switch {
	case err == errTimeout:
		class = exchange.Timeout
	case errors.Is(err, http1.ErrShortBody):
		class = exchange.ShortBody
	case errors.Is(err, http1.ErrNoAnswer), errors.Is(err, http1.ErrShortHeader):
		class = exchange.Reset
	}
	if class == exchange.Timeout && u.phase == connecting {
		return exchange.ConnectTimeout
	}
	return class
}

// finishRequest counts an exchange and continues with the user.
func (l *loop) finishRequest(u *epollVU, o exchange.Outcome, now time.Duration) {
	l.waiting--
	late := u.phase == undecided // it ended earlier
	u.phase = idle
	u.answered = u.answered || o.Status != 0
	l.countExchange(u, o, now)
	if late || l.run.patterns[u.request].HasChecks() {
		now = l.clock() // reading and checking the response took time
	}
	if l.run.isOnStart(u.request) && l.continueOnStart(u, o, now) {
		return
	}
	if l.arrivals != nil {
		l.alarms.Stop(u.number())
		l.free[u.endpoint] = append(l.free[u.endpoint], int32(u.number()))
		return
	}
	if u.retiring {
		l.deactivate(u, now)
		return
	}
	l.source.of = &u.random
	pause, intent := pauseAfter(o, l.run.load.ThinkTime.next(l.random))
	switch {
	case now >= l.run.load.Runtime:
		return
	case pause <= 0:
		l.startRequest(u, l.nextRequest(u), 0, unscheduled, now)
		return
	}
	u.intended, u.intent = now+pause, intent
	l.alarms.Set(u.number(), u.intended)
}

// countExchange counts an exchange that ended at end. In the open model it
// started at its intended start.
func (l *loop) countExchange(u *epollVU, o exchange.Outcome, end time.Duration) {
	began := u.start
	if l.arrivals != nil {
		began = u.intended
	}
	o.Took = end - began
	l.counts.add(event{
		request: u.request, endpoint: u.endpoint, began: began, outcome: o, judged: l.run.isJudged(u.request, began),
		intent: u.intent, lateness: u.start - u.intended,
	})
}
