package exchange

import (
	"sync"
	"time"
)

const (
	// idleRace is how long before the server's own idle time a request may come
	// and yet meet its close by chance.
	idleRace = 50 * time.Millisecond
	// leastIdle is the shortest idle time of a server. They are of seconds:
	// what was closed sooner was not closed for being idle. It is also the
	// longest that such a close may be late, as on a server that lacks CPU.
	leastIdle = 500 * time.Millisecond
	// Doubt is how long to wait before Idle is asked again, where Doubts says
	// so. It is also how near to each other closes are of one event.
	Doubt = 2 * idleRace
)

const (
	// closeWeight is how many answers a close outweighs. A server that keeps
	// connections for as long as users pause closes many of them, and loses few
	// requests for other reasons.
	closeWeight = 3
	// mostScore is what ten closes are worth, and how many answers count.
	mostScore = 10 * closeWeight
	// fewAnswers show nothing yet.
	fewAnswers = 10
)

// KeepAlive is how long a server keeps idle connections, learnt from how long
// those were idle that it closed, and those on which it answered. It is about
// one time at once: a time is known while the closes about it outweigh the
// answers about it or after it, and closes at other times. So closes that come
// by chance, as when a worker dies, and requests that are lost now and then, are
// no idle time. The zero value knows nothing. Any number of goroutines may share
// it.
type KeepAlive struct {
	mu      sync.Mutex
	at      time.Duration // of closes if the score is above 0, else of the answers after the longest
	score   int
	strayed time.Time // when a connection was closed that was not idle for long
}

// Closed learns that the server has just closed a connection that had been
// idle for so long, with no request on it. A close too soon to be one of an
// idle connection tells of a worker that ended: then it closed others as well,
// and what they had been idle for means nothing.
func (k *KeepAlive) Closed(idle time.Duration) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if idle < leastIdle {
		k.strayed = time.Now()
		k.outweigh(mostScore)
		return
	}
	k.closed(idle, leastIdle)
}

// Broke learns how a connection ended under a request. A server that reads a
// request and closes sends a FIN, and one that closes with the request unread
// a reset, which tells as much as a close of an idle connection.
func (k *KeepAlive) Broke(b Break) {
	switch {
	case b.ClosedBefore():
		k.Closed(b.Asked)
	case b.Asked >= leastIdle:
		sooner := leastIdle
		if b.Ended {
			sooner = idleRace
		}
		k.mu.Lock()
		defer k.mu.Unlock()
		k.closed(b.Asked, sooner)
	}
}

// closed counts a close, which may come so much sooner than others at the same
// idle time: those that came late.
func (k *KeepAlive) closed(idle, sooner time.Duration) {
	switch {
	case time.Since(k.strayed) < Doubt:
	case k.score <= 0 && idle >= k.at-idleRace:
		if idle > k.at+idleRace { // of which the answers tell nothing
			k.score = 0
		}
		if k.score += closeWeight; k.score > 0 {
			k.at = idle
		}
	case k.score > 0 && idle >= k.at-sooner && idle <= k.at+leastIdle:
		if k.score = min(k.score+closeWeight, mostScore); sooner > idleRace {
			k.at = min(k.at, idle)
		}
	default:
		k.outweigh(closeWeight)
	}
}

// outweigh counts against a time at which closes came, which may be forgotten
// by it.
func (k *KeepAlive) outweigh(by int) {
	if k.score > 0 {
		if k.score -= by; k.score <= 0 {
			k.at, k.score = 0, 0
		}
	}
}

// Answered learns that a request was answered on a connection that had been
// idle for so long.
func (k *KeepAlive) Answered(idle time.Duration) {
	if idle < leastIdle {
		return
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	switch {
	case k.score > 0 && idle > k.at+idleRace:
		k.outweigh(1)
	case idle > k.at+idleRace:
		k.at, k.score = idle, -1
	case idle >= k.at-idleRace:
		if k.score = max(k.score-1, -mostScore); k.score <= 0 {
			k.at = max(k.at, idle)
		}
	}
}

// Break is how a kept connection ended before any byte of an answer.
type Break struct {
	Sent  int64 // bytes of the request that were put on it
	Acked int64 // of them, those that the server's side acknowledged; below 0: not known
	Ended bool  // in order, by the server's FIN, and not by a reset
	// How long the connection had been idle when the request was sent, and
	// when the connection broke.
	Asked, Broke time.Duration
}

// Unsent tells whether nothing of the request was put on the connection, so
// that sending it on another one is not sending it once more.
func (b Break) Unsent() bool { return b.Sent == 0 }

// ClosedBefore tells whether the server had closed before the request came to
// it: its FIN acknowledges none of the request, as it would have done had the
// request come to a socket that lived. A reset tells nothing: a socket that
// had taken the request, and one that was gone, send the same.
func (b Break) ClosedBefore() bool { return b.Unsent() || b.Ended && b.Acked == 0 }

// Idle tells whether the connection was closed for being idle, so that its
// request may be sent on another one. Otherwise the server had the request, and
// failed at it.
func (k *KeepAlive) Idle(b Break) bool {
	k.mu.Lock()
	defer k.mu.Unlock()
	switch {
	case b.ClosedBefore():
		return true
	case k.known():
		return b.Asked >= k.at-idleRace && (!b.Ended || b.Broke <= max(k.at, b.Asked)+leastIdle)
	}
	return b.Acked == 0 && k.mayBe(b.Asked, fewAnswers)
}

// Doubts tells whether it may soon be known that the connection was closed for
// being idle: as many users come back at once, the first of them may meet a
// close before others show that it is one.
func (k *KeepAlive) Doubts(b Break) bool {
	k.mu.Lock()
	defer k.mu.Unlock()
	return !b.ClosedBefore() && !k.known() && k.mayBe(b.Asked, mostScore)
}

// known takes more than one close.
func (k *KeepAlive) known() bool { return k.score > closeWeight }

// mayBe tells whether a server whose idle time is not known may close a
// connection that was idle for so long: for no short time, and none at which it
// answers so often, or after which it does.
func (k *KeepAlive) mayBe(idle time.Duration, often int) bool {
	if idle < leastIdle || k.score <= 0 && idle < k.at-idleRace {
		return false
	}
	return k.score > -often || idle > k.at+idleRace
}

// KeepAlives are the idle times of servers by their address. Any number of
// clients may share them. The zero value knows none.
type KeepAlives struct {
	mu sync.Mutex
	of map[string]*KeepAlive
}

// at is that of one server.
func (k *KeepAlives) at(address string) *KeepAlive {
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.of == nil {
		k.of = map[string]*KeepAlive{}
	}
	one := k.of[address]
	if one == nil {
		one = new(KeepAlive)
		k.of[address] = one
	}
	return one
}
