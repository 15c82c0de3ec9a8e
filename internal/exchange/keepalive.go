package exchange

import (
	"sync"
	"time"
)

// idleRace is how near to the server's own idle time a request must be to have
// met its close by chance, and a tenth of that time where it is short.
const idleRace = 50 * time.Millisecond

// KeepAlive is how long a server keeps idle connections, learnt from how long
// those were idle that it closed: a vote of their majority, against which each
// answer on a connection counts that had been idle for longer. So closes that
// come by chance, as when a worker dies, are no idle time. The zero value knows
// nothing.
type KeepAlive struct {
	at    time.Duration
	votes int
	alive time.Duration // the longest that a connection had been idle and was answered on
}

// Votes that a time needs to be known, and the most that it has.
const (
	enoughVotes = 2
	mostVotes   = 10
)

// Closed learns that the server closed a connection that had been idle for so
// long, with no request on it.
func (k *KeepAlive) Closed(idle time.Duration) {
	switch {
	case k.votes == 0:
		k.at, k.votes = idle, 1
	case (idle - k.at).Abs() <= k.race():
		k.votes = min(k.votes+1, mostVotes)
	default:
		k.votes--
	}
}

// Answered learns that a request was answered on a connection that had been
// idle for so long.
func (k *KeepAlive) Answered(idle time.Duration) {
	k.alive = max(k.alive, idle)
	if k.votes > 0 && idle > k.at+k.race() {
		k.votes--
	}
}

// race is how near to the idle time counts as that time.
func (k *KeepAlive) race() time.Duration { return min(idleRace, k.at/10) }

// meets tells whether a request that was sent and broken when its connection
// had been idle for so long met the server's own close. A server that lacks CPU
// closes late, but nobody waits half a second for that.
func (k *KeepAlive) meets(sent, broken time.Duration) bool {
	return k.votes >= enoughVotes && (sent-k.at).Abs() <= k.race() && broken <= k.at+10*k.race()
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
	return b.ClosedBefore() || k.meets(b.Asked, b.Broke) || b.Acked == 0 && k.mayBe(b.Asked)
}

// mayBe tells whether a server may close a connection that was idle for so
// long: for its known idle time or longer, as timers are late, and where none is
// known, for no short time after which longer ones were answered.
func (k *KeepAlive) mayBe(idle time.Duration) bool {
	if k.votes >= enoughVotes {
		return idle >= k.at-k.race()
	}
	return idle >= 10*idleRace && k.alive <= idle+idleRace
}

// Doubt is how long to wait before Idle is asked again, where Doubts says so.
const Doubt = 2 * idleRace

// Doubts tells whether it may soon be known that the connection was closed for
// being idle: as many users come back at once, the first of them may meet a
// close before others show that it is one.
func (k *KeepAlive) Doubts(b Break) bool {
	return !b.ClosedBefore() && k.votes < enoughVotes && k.mayBe(b.Asked)
}

// KeepAlives are the idle times of servers by their address. Any number of
// clients may share them. The zero value knows none.
type KeepAlives struct {
	mu sync.Mutex
	of map[string]*KeepAlive
}

func (k *KeepAlives) closed(address string, idle time.Duration) {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.at(address).Closed(idle)
}

func (k *KeepAlives) answered(address string, idle time.Duration) {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.at(address).Answered(idle)
}

func (k *KeepAlives) idle(address string, b Break) bool {
	k.mu.Lock()
	defer k.mu.Unlock()
	return k.at(address).Idle(b)
}

func (k *KeepAlives) doubts(address string, b Break) bool {
	k.mu.Lock()
	defer k.mu.Unlock()
	return k.at(address).Doubts(b)
}

func (k *KeepAlives) at(address string) *KeepAlive {
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
