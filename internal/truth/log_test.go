package truth

import (
	"time"

	"plan/internal/exchange"
)

// connection is what a referee saw of one connection.
type connection struct {
	Listener int
	Asked    []asked
	Idle     bool // the referee closed its way while nothing was asked
	Open     bool // the other side never closed it
}

// asked is one request, and what the referee did to it.
type asked struct {
	Name        string
	Row         string // of a feed
	Cut         bool   // it never came whole
	Began       moment // its first byte, as the kernel saw it
	Arrived     moment // its last byte
	Treated     moment // when the referee had read it
	First, Last moment // bytes of the answer were sent; 0 where none was
	Deed        deed
	Status      int   // of the answer; 0 without one
	Body        int64 // bytes of the answer's body that were sent
	Taken       bool  // the other side had the whole answer before it went
}

// deed is what a referee does to a request.
type deed string

const (
	answers  deed = "answers"  // at once
	waits    deed = "waits"    // and answers then
	chunks   deed = "chunks"   // the answer is chunked, with extensions and a trailer
	fills    deed = "fills"    // the answer is large
	moves    deed = "moves"    // 302
	refuses  deed = "refuses"  // 404
	breaks   deed = "breaks"   // 503
	parts    deed = "parts"    // answers with Connection: close, and closes
	resets   deed = "resets"   // before the answer
	hangsUp  deed = "hangs up" // closes before the answer
	tears    deed = "tears"    // resets in mid-body
	cuts     deed = "cuts"     // closes in mid-body
	never    deed = "never"    // says nothing until the other side gives up
	tooLate  deed = "too late" // the connection had been closed while it was idle
	unheard  deed = "unheard"  // it was not whole when the other side went
	withheld deed = "withheld" // says nothing, as the load is about to end
)

// fate is what one request of a log must be in the counts.
type fate struct {
	class exchange.Class
	again bool // no outcome: the load sent it once more
	doubt bool // it is a reset, unless the load took it for a close of an idle connection
	verge bool // it was given up at the end, unless to connect took so long that it had timed out
}

// fates tells of a connection's requests what the load made of them. It ended
// at end.
//
// A request on a connection's end is decided by how that end came. Whoever
// closes a socket from which all was read sends a FIN, and a RST where
// something was left: an answer that was sent whole, acknowledged and followed
// by a FIN was taken, any other was given up. The load gives up for a timeout,
// or because it ends.
func (c connection) fates(requests map[string]exchange.Request, end moment) []fate {
	all := make([]fate, len(c.Asked))
	for i, a := range c.Asked {
		all[i] = a.fate(requests[a.Name], end)
		all[i].verge = i == 0 && all[i].class == exchange.Aborted
		all[i].doubt = i > 0 && a.Deed == resets && a.Began.after(c.Asked[i-1].Last) >= mayBeIdle
	}
	return all
}

// mayBeIdle is how long a connection must have been idle so that a reset may
// be taken for a close by the server, before more is known of it.
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

// closedBefore is the fate of a request on a connection that had been closed
// while it was idle.
func closedBefore(r exchange.Request) fate {
	if r.Replayable() {
		return fate{again: true}
	}
	return fate{class: exchange.IdleClosed}
}

// service is how long the referee had a request.
func (a asked) service() time.Duration { return a.Last.after(a.Arrived) }
