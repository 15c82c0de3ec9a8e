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

// answer counts a whole answer and goes on. keep says that the connection may
// be used again.
func (l *loop) answer(u *caller, keep bool) {
	now := l.clock()
	o := exchange.Outcome{Status: u.parser.Status(), Bytes: u.parser.Received(), Retried: u.retried}
	switch p := l.crew.patterns[u.request]; {
	case !p.Request.Accepts(o.Status):
		o.Class = exchange.StatusClass(o.Status)
		if !l.counts.hasExample(o.Class) {
			o.Detail = exchange.UnwantedText(statusLine(o.Status), string(u.parser.Header(locationHeader)), u.head())
		}
	case p.Checked():
		if o.Detail = p.Judge(string(u.parser.Header(encodingHeader)), u.parser.Body(), o.Bytes); o.Detail != "" {
			o.Class = exchange.CheckFailed
		}
	}
	u.parser.Release()
	if u.reused {
		l.keepAlive(u).Answered(u.sent - u.kept)
	}
	u.kept = now
	if l.crew.keepsCookies() {
		u.keepCookies()
	}
	if !keep || u.written < len(l.bytes(u)) {
		l.drop(u)
	}
	l.settle(u, o, now)
}

// head is the start of an answer's body, for people.
func (u *caller) head() []byte {
	body := u.parser.Body()
	return body[:min(len(body), exchange.HeadLimit)]
}

func statusLine(status int) string {
	return strconv.Itoa(status) + " " + http.StatusText(status)
}

// fail counts an exchange that ended without a whole answer, or sends the
// request once more where the server had closed a connection that was kept.
func (l *loop) fail(u *caller, err error) {
	now := l.clock()
	o := exchange.Outcome{Class: u.classify(err), Retried: u.retried}
	if o.Class == exchange.Reset && u.phase == asking && u.reused && !u.heard {
		b, keep := l.broke(u, err, now), l.keepAlive(u)
		keep.Broke(b)
		switch {
		case b.Unsent():
			l.again(u, false)
			return
		case keep.Idle(b):
			o.Class = exchange.IdleClosed
		case keep.Doubts(b):
			l.drop(u)
			u.phase, u.doubt, u.fault = doubting, b, err
			l.alarms.Set(l.number(u), now+exchange.Doubt)
			return
		}
	}
	if u.phase == asking {
		o.Bytes = u.parser.Received()
	}
	if u.phase == asking && err != errTimeout {
		o.Status = u.parser.Status()
	}
	l.conclude(u, o, err, now)
}

// decide ends a doubt.
func (l *loop) decide(u *caller) {
	o := exchange.Outcome{Class: exchange.Reset, Retried: u.retried}
	if l.keepAlive(u).Idle(u.doubt) {
		o.Class = exchange.IdleClosed
	}
	l.alarms.Set(l.number(u), u.deadline)
	l.conclude(u, o, u.fault, u.kept+u.doubt.Broke)
}

// again sends the request on a new connection: once more, if it was sent
// before.
func (l *loop) again(u *caller, sent bool) {
	l.drop(u)
	u.retried, u.tried, u.end = sent, 0, l.ends[u.address]
	l.connect(u)
}

// conclude counts an exchange that ended then without a whole answer, unless
// its request may be sent once more.
func (l *loop) conclude(u *caller, o exchange.Outcome, err error, then time.Duration) {
	r := &l.crew.requests[u.request]
	if o.Class == exchange.IdleClosed && r.Replayable() {
		l.again(u, true)
		return
	}
	l.drop(u)
	switch {
	case l.counts.hasExample(o.Class): // nobody will look at another one
	case err == errTimeout && o.Class == exchange.ConnectTimeout:
		o.Detail = "no connection within " + r.EffectiveTimeout().String()
	case err == errTimeout:
		o.Detail = "no whole answer within " + r.EffectiveTimeout().String()
	default:
		o.Detail = err.Error()
	}
	l.settle(u, o, then)
}

// keepAlive is what is known of the idle time of the user's server.
func (l *loop) keepAlive(u *caller) *exchange.KeepAlive { return l.wire.targets[u.address].keepAlive }

// broke is how a kept connection ended under a request.
func (l *loop) broke(u *caller, err error, now time.Duration) exchange.Break {
	return exchange.Break{
		Sent: int64(u.written), Acked: l.net.acked(u.fd) - u.before,
		Ended: err == http1.ErrNoAnswer && u.broken != syscall.ECONNRESET, // of which writing may have told
		Asked: u.sent - u.kept, Broke: now - u.kept,
	}
}

// classify tells why an exchange failed.
func (u *caller) classify(err error) exchange.Class {
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

// settle counts an exchange and lets its user go on.
func (l *loop) settle(u *caller, o exchange.Outcome, now time.Duration) {
	l.waiting--
	late := u.phase == doubting // it ended before
	u.phase = idle
	u.answered = u.answered || o.Status != 0
	l.count(u, o, now)
	if late || l.crew.patterns[u.request].Checked() {
		now = l.clock() // it took time to look at the answer
	}
	if l.crew.starting(u.request) && l.goOnStarting(u, o, now) {
		return
	}
	if l.arrivals != nil {
		l.alarms.Stop(l.number(u))
		l.free[u.address] = append(l.free[u.address], int32(l.number(u)))
		return
	}
	if u.leaving {
		l.leave(u, now)
		return
	}
	pause, scheduled := pauseAfter(o, l.think(u))
	switch {
	case now >= l.crew.load.Runtime:
		return
	case pause <= 0:
		l.ask(u, l.next(u), 0, false, now)
		return
	}
	u.intended, u.scheduled = now+pause, scheduled
	l.alarms.Set(l.number(u), u.intended)
}

// abort counts an exchange that the end of the load cut.
func (l *loop) abort(u *caller, end time.Duration) {
	o := exchange.Outcome{Class: exchange.Aborted, Retried: u.retried}
	if u.phase == doubting {
		o.Class, o.Detail, end = exchange.Reset, u.fault.Error(), u.kept+u.doubt.Broke
	}
	l.count(u, o, max(end, u.began))
	if l.crew.starting(u.request) {
		l.miss(u)
	}
}

// count counts an exchange that ended then. In the open model it began when it
// was to begin.
func (l *loop) count(u *caller, o exchange.Outcome, end time.Duration) {
	began := u.began
	if l.arrivals != nil {
		began = u.intended
	}
	o.Took = end - began
	l.counts.add(event{
		request: u.request, address: u.address, outcome: o, judged: l.crew.judges(u.request, began),
		scheduled: u.scheduled, late: u.began - u.intended,
	})
}
