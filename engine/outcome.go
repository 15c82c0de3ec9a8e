package engine

import (
	"errors"
	"net/http"
	"strconv"
	"syscall"
	"time"

	"plan/engine/http1"
	"plan/internal/exchange"
)

// errTimeout ends an exchange that took longer than its request may.
var errTimeout = errors.New("no whole answer in time")

// onResponse counts a whole answer and goes on. keep says that the connection may
// be used again.
func (l *loop) onResponse(u *epollVU, keep bool) {
	now := l.clock()
	o := exchange.Outcome{Status: u.parser.Status(), Bytes: u.parser.Received(), Retried: u.retried}
	switch p := l.run.patterns[u.request]; {
	case !p.Request.Accepts(o.Status):
		o.Class = exchange.StatusClass(o.Status)
		if !l.counts.hasExample(o.Class) {
			o.Detail = exchange.UnwantedText(statusLine(o.Status), string(u.parser.Header(locationHeader)), u.bodyHead())
		}
	case p.Checked():
		if o.Detail = p.Judge(string(u.parser.Header(encodingHeader)), u.parser.Body(), o.Bytes); o.Detail != "" {
			o.Class = exchange.CheckFailed
		}
	}
	u.parser.Release()
	if u.reused {
		l.keepAlive(u).Answered(u.sentAt - u.idleSince)
	}
	u.idleSince = now
	if l.run.keepsCookies() {
		u.storeCookies()
	}
	if !keep || u.written < len(l.requestBytes(u)) {
		l.disconnect(u)
	}
	l.finishRequest(u, o, now)
}

// bodyHead is the start of an answer's body, for people.
func (u *epollVU) bodyHead() []byte {
	body := u.parser.Body()
	return body[:min(len(body), exchange.HeadLimit)]
}

func statusLine(status int) string {
	return strconv.Itoa(status) + " " + http.StatusText(status)
}

// onError counts an exchange that ended without a whole answer, or sends the
// request once more where the server had closed a connection that was kept.
func (l *loop) onError(u *epollVU, err error) {
	now := l.clock()
	o := exchange.Outcome{Class: u.classify(err), Retried: u.retried}
	if o.Class == exchange.Reset && u.phase == exchanging && u.reused && !u.gotBytes {
		b, keep := l.breakOf(u, err, now), l.keepAlive(u)
		keep.Broke(b)
		switch {
		case b.Unsent():
			l.resend(u, false)
			return
		case keep.Idle(b):
			o.Class = exchange.IdleClosed
		case keep.Doubts(b):
			l.disconnect(u)
			u.phase, u.lastBreak, u.breakErr = undecided, b, err
			l.alarms.Set(l.number(u), now+exchange.Doubt)
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

// resolveUndecided ends a doubt.
func (l *loop) resolveUndecided(u *epollVU) {
	o := exchange.Outcome{Class: exchange.Reset, Retried: u.retried}
	if l.keepAlive(u).Idle(u.lastBreak) {
		o.Class = exchange.IdleClosed
	}
	l.alarms.Set(l.number(u), u.deadline)
	l.finishFailed(u, o, u.breakErr, u.idleSince+u.lastBreak.Broke)
}

// resend sends the request on a new connection: once more, if it was sent
// before.
func (l *loop) resend(u *epollVU, sent bool) {
	l.disconnect(u)
	u.retried, u.triedAddrs, u.addr = sent, 0, l.lastAddr[u.endpoint]
	l.connect(u)
}

// finishFailed counts an exchange that ended then without a whole answer, unless
// its request may be sent once more.
func (l *loop) finishFailed(u *epollVU, o exchange.Outcome, err error, then time.Duration) {
	r := &l.run.requests[u.request]
	if o.Class == exchange.IdleClosed && r.Replayable() {
		l.resend(u, true)
		return
	}
	l.disconnect(u)
	switch {
	case l.counts.hasExample(o.Class): // nobody will look at another one
	case err == errTimeout && o.Class == exchange.ConnectTimeout:
		o.Detail = "no connection within " + r.EffectiveTimeout().String()
	case err == errTimeout:
		o.Detail = "no whole answer within " + r.EffectiveTimeout().String()
	default:
		o.Detail = err.Error()
	}
	l.finishRequest(u, o, then)
}

// keepAlive is what is known of the idle time of the user's server.
func (l *loop) keepAlive(u *epollVU) *exchange.KeepAlive {
	return l.wire.endpoints[u.endpoint].keepAlive
}

// breakOf is how a kept connection ended under a request.
func (l *loop) breakOf(u *epollVU, err error, now time.Duration) exchange.Break {
	return exchange.Break{
		Sent: int64(u.written), Acked: l.net.acked(u.fd) - u.writtenBefore,
		Ended: err == http1.ErrNoAnswer && u.writeErr != syscall.ECONNRESET, // of which writing may have told
		Asked: u.sentAt - u.idleSince, Broke: now - u.idleSince,
	}
}

// classify tells why an exchange failed.
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

// finishRequest counts an exchange and lets its user go on.
func (l *loop) finishRequest(u *epollVU, o exchange.Outcome, now time.Duration) {
	l.waiting--
	late := u.phase == undecided // it ended before
	u.phase = idle
	u.answered = u.answered || o.Status != 0
	l.countExchange(u, o, now)
	if late || l.run.patterns[u.request].Checked() {
		now = l.clock() // it took time to look at the answer
	}
	if l.run.isOnStart(u.request) && l.continueOnStart(u, o, now) {
		return
	}
	if l.arrivals != nil {
		l.alarms.Stop(l.number(u))
		l.free[u.endpoint] = append(l.free[u.endpoint], int32(l.number(u)))
		return
	}
	if u.retiring {
		l.deactivate(u, now)
		return
	}
	pause, scheduled := pauseAfter(o, l.drawPause(u))
	switch {
	case now >= l.run.load.Runtime:
		return
	case pause <= 0:
		l.startRequest(u, l.nextRequest(u), 0, false, now)
		return
	}
	u.intended, u.scheduled = now+pause, scheduled
	l.alarms.Set(l.number(u), u.intended)
}

// countInFlight counts an exchange that the end of the load cut.
func (l *loop) countInFlight(u *epollVU, end time.Duration) {
	o := exchange.Outcome{Class: exchange.Aborted, Retried: u.retried}
	if u.phase == undecided {
		o.Class, o.Detail, end = exchange.Reset, u.breakErr.Error(), u.idleSince+u.lastBreak.Broke
	}
	l.countExchange(u, o, max(end, u.start))
	if l.run.isOnStart(u.request) {
		l.dropBlocked(u)
	}
}

// countExchange counts an exchange that ended then. In the open model it began when it
// was to begin.
func (l *loop) countExchange(u *epollVU, o exchange.Outcome, end time.Duration) {
	began := u.start
	if l.arrivals != nil {
		began = u.intended
	}
	o.Took = end - began
	l.counts.add(event{
		request: u.request, endpoint: u.endpoint, outcome: o, judged: l.run.isJudged(u.request, began),
		scheduled: u.scheduled, lateness: u.start - u.intended,
	})
}
