package truth

import (
	"time"

	"plan/internal/exchange"
)

// connection is the referee's log of one connection.
type connection struct {
	Listener int
	Asked    []asked
	Idle     bool // the referee closed its side while there was no request
	Open     bool // the other side never closed it
}

// asked is one request with the referee's deed.
type asked struct {
	Name        string
	Row         string // of a feed
	Cut         bool   // it never arrived completely
	Began       moment // its first byte, by the kernel's clock
	Arrived     moment // its last byte
	Treated     moment // when the referee had read it
	First, Last moment // when bytes of the response were sent; 0 if none were
	Deed        deed
	Status      int   // of the response; 0 without one
	Body        int64 // bytes of the response body that were sent
	Taken       bool  // the other side received the whole response
}

// deed is what a referee does with a request.
type deed string

const (
	answers  deed = "answers"  // immediate response
	waits    deed = "waits"    // delayed response
	chunks   deed = "chunks"   // chunked response with extensions and a trailer
	fills    deed = "fills"    // large response
	moves    deed = "moves"    // 302
	refuses  deed = "refuses"  // 404
	breaks   deed = "breaks"   // 503
	parts    deed = "parts"    // response with Connection: close, then close
	resets   deed = "resets"   // reset before the response
	hangsUp  deed = "hangs up" // close before the response
	tears    deed = "tears"    // reset within the body
	cuts     deed = "cuts"     // close within the body
	never    deed = "never"    // no response until the other side gives up
	tooLate  deed = "too late" // the connection was closed while it was idle
	unheard  deed = "unheard"  // the request was incomplete when the other side closed
	withheld deed = "withheld" // no response because the load is about to end
)

// fate is the expected count of one request in the log.
type fate struct {
	class exchange.Class
	again bool // no outcome: the load sent it again
	doubt bool // a reset, unless the load classified it as idle_closed
	verge bool // in flight at the end, unless connecting took so long that it timed out
}

// fates returns the fate of each request of a connection. The load ended at
// end.
//
// The way in which a connection ended decides the fate of its last request.
// Closing a socket sends a FIN if all data was read, and a RST if some was
// left. A response that was sent completely, acknowledged and followed by a FIN
// was received; otherwise the load gave up, because of a timeout or its end.
func (c connection) fates(requests map[string]exchange.Request, end moment) []fate {
	all := make([]fate, len(c.Asked))
	for i, a := range c.Asked {
		all[i] = a.fate(requests[a.Name], end)
		all[i].verge = i == 0 && all[i].class == exchange.Aborted
		all[i].doubt = i > 0 && a.Deed == resets && a.Began.after(c.Asked[i-1].Last) >= mayBeIdle
	}
	return all
}

// mayBeIdle is the minimum idle time of a connection for which a reset may
// count as a close by the server, before there is an estimate.
const mayBeIdle = 500 * time.Millisecond

func (a asked) fate(r exchange.Request, end moment) fate {
	switch {
	case a.Deed == tooLate:
		return closedBefore(r)
	case a.Deed == resets, a.Deed == hangsUp, a.Deed == tears:
		return fate{class: exchange.Reset}
	case a.Deed == cuts && a.Taken:
		return fate{class: exchange.ShortBody}
	case !a.Taken && a.Began.plus(r.EffectiveTimeout()) < end:
		return fate{class: exchange.Timeout}
	case !a.Taken:
		return fate{class: exchange.Aborted}
	case !r.Accepts(a.Status):
		return fate{class: exchange.StatusClass(a.Status)}
	case len(r.Checks) > 0 && (r.Checks[0].Text == unwritten) != r.Checks[0].Not:
		return fate{class: exchange.CheckFailed}
	}
	return fate{class: exchange.OK}
}

// closedBefore returns the fate of a request on a connection that was closed
// while it was idle.
func closedBefore(r exchange.Request) fate {
	if r.Replayable() {
		return fate{again: true}
	}
	return fate{class: exchange.IdleClosed}
}

// service returns how long the referee had a request.
func (a asked) service() time.Duration { return a.Last.after(a.Arrived) }
