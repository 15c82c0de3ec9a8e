package exchange

import (
	"sync"
	"time"
)

const (
	// idleRace is the interval before the server's idle timeout in which a
	// request can collide with the close.
	idleRace = 50 * time.Millisecond
	// minIdle is the shortest idle timeout considered. Servers use seconds; an
	// earlier close has another cause. It is also the maximum delay of a close,
	// for example on a server that lacks CPU.
	minIdle = 500 * time.Millisecond
	// DecideAfter is the wait before ClosedIdle is called again, if Undecided
	// returned true. It is also the interval in which closes count as one
	// event.
	DecideAfter = 2 * idleRace
)

const (
	// closeWeight is how many responses outweigh one close. A server whose idle
	// timeout is near the users' pauses closes many connections, and loses few
	// requests for other reasons.
	closeWeight = 3
	// maxScore is the score of ten closes, and the limit of the score in both
	// directions.
	maxScore = 10 * closeWeight
	// fewResponses is a number of responses that proves nothing.
	fewResponses = 10
)

// KeepAlive estimates the idle timeout of a server, from the idle times after
// which connections were closed or still served a request. It holds one
// candidate at a time: closes near the candidate raise its score; responses
// near or after it, and closes at other times, lower it. Hence occasional
// closes, as from a worker that dies, and lost requests yield no estimate. The
// zero value has no estimate. It is safe for concurrent use.
type KeepAlive struct {
	mu             sync.Mutex
	idleTime       time.Duration // of closes if score > 0, else the longest idle time with a response
	score          int
	lastEarlyClose time.Time // last close of a connection that was not idle for long
}

// RecordClose records that the server closed a connection without a request on
// it, and how long it was idle. A close before minIdle shows that a worker
// ended: closes of other connections at the same time have the same cause and
// are ignored.
func (k *KeepAlive) RecordClose(idle time.Duration) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if idle < minIdle {
		k.lastEarlyClose = time.Now()
		k.discount(maxScore)
		return
	}
	k.countClose(idle, minIdle)
}

// RecordBreak records how a connection broke under a request. A server that
// closes after it read a request sends a FIN. One that closes with unread data
// sends a reset, which shows as much as a close of an idle connection.
func (k *KeepAlive) RecordBreak(b Break) {
	switch {
	case b.ClosedBeforeRequest():
		k.RecordClose(b.IdleAtSend)
	case b.IdleAtSend >= minIdle:
		sooner := minIdle
		if b.FIN {
			sooner = idleRace
		}
		k.mu.Lock()
		defer k.mu.Unlock()
		k.countClose(b.IdleAtSend, sooner)
	}
}

// countClose counts a close. It may be earlier than the candidate by at most
// sooner: then the closes before were late.
func (k *KeepAlive) countClose(idle, sooner time.Duration) {
	switch {
	case time.Since(k.lastEarlyClose) < DecideAfter:
	case k.score <= 0 && idle >= k.idleTime-idleRace:
		if idle > k.idleTime+idleRace { // responses show nothing about this idle time
			k.score = 0
		}
		if k.score += closeWeight; k.score > 0 {
			k.idleTime = idle
		}
	case k.score > 0 && idle >= k.idleTime-sooner && idle <= k.idleTime+minIdle:
		if k.score = min(k.score+closeWeight, maxScore); sooner > idleRace {
			k.idleTime = min(k.idleTime, idle)
		}
	default:
		k.discount(closeWeight)
	}
}

// discount lowers the score of a candidate from closes, and drops it at 0.
func (k *KeepAlive) discount(by int) {
	if k.score > 0 {
		if k.score -= by; k.score <= 0 {
			k.idleTime, k.score = 0, 0
		}
	}
}

// RecordResponse records a response on a connection that was idle for so long
// before the request.
func (k *KeepAlive) RecordResponse(idle time.Duration) {
	if idle < minIdle {
		return
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	switch {
	case k.score > 0 && idle > k.idleTime+idleRace:
		k.discount(1)
	case idle > k.idleTime+idleRace:
		k.idleTime, k.score = idle, -1
	case idle >= k.idleTime-idleRace:
		if k.score = max(k.score-1, -maxScore); k.score <= 0 {
			k.idleTime = max(k.idleTime, idle)
		}
	}
}

// Break describes how a reused connection ended before any byte of a response.
type Break struct {
	Sent  int64 // bytes of the request that were written
	Acked int64 // of them: acknowledged by the peer; negative if unknown
	FIN   bool  // it ended with the server's FIN, not with a reset
	// How long the connection had been idle when the request was sent, and when
	// the connection broke.
	IdleAtSend, IdleAtBreak time.Duration
}

// Unsent reports whether nothing of the request was written, so that sending it
// on another connection is not a repetition.
func (b Break) Unsent() bool { return b.Sent == 0 }

// ClosedBeforeRequest reports whether the server closed before the request
// arrived: its FIN acknowledges no byte of the request. A live socket would
// have acknowledged it. A reset proves nothing, because a socket that received
// the request and one that is gone send the same.
func (b Break) ClosedBeforeRequest() bool { return b.Unsent() || b.FIN && b.Acked == 0 }

// ClosedIdle reports whether the server closed the connection because it was
// idle, so that the request may be sent on another one. Otherwise the server
// received the request and failed.
func (k *KeepAlive) ClosedIdle(b Break) bool {
	k.mu.Lock()
	defer k.mu.Unlock()
	switch {
	case b.ClosedBeforeRequest():
		return true
	case k.known():
		return b.IdleAtSend >= k.idleTime-idleRace && (!b.FIN || b.IdleAtBreak <= max(k.idleTime, b.IdleAtSend)+minIdle)
	}
	return b.Acked == 0 && k.plausible(b.IdleAtSend, fewResponses)
}

// Undecided reports whether closes of other connections may soon show that this
// one was closed because it was idle. If many users return at the same time,
// the first of them sees a close before there is a pattern.
func (k *KeepAlive) Undecided(b Break) bool {
	k.mu.Lock()
	defer k.mu.Unlock()
	return !b.ClosedBeforeRequest() && !k.known() && k.plausible(b.IdleAtSend, maxScore)
}

// known reports whether there is an estimate; it takes more than one close.
func (k *KeepAlive) known() bool { return k.score > closeWeight }

// plausible reports whether a server without an estimate may close a connection
// after this idle time: the time is not short, and the server did not respond
// often after such a time or a longer one.
func (k *KeepAlive) plausible(idle time.Duration, often int) bool {
	if idle < minIdle || k.score <= 0 && idle < k.idleTime-idleRace {
		return false
	}
	return k.score > -often || idle > k.idleTime+idleRace
}

// KeepAlives holds the estimates of several servers by address. It is safe for
// concurrent use. The zero value is empty.
type KeepAlives struct {
	mu        sync.Mutex
	byAddress map[string]*KeepAlive
}

// forAddress returns the estimate of one server.
func (k *KeepAlives) forAddress(address string) *KeepAlive {
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.byAddress == nil {
		k.byAddress = map[string]*KeepAlive{}
	}
	one := k.byAddress[address]
	if one == nil {
		one = new(KeepAlive)
		k.byAddress[address] = one
	}
	return one
}
