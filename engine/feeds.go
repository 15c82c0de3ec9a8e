package engine

import (
	"fmt"
	"math/rand/v2"
	"sync"
	"sync/atomic"
	"time"

	"plan/internal/exchange"
)

// feeds holds the feeds of a running load and the number of rows drawn from
// each by all users. An exhausted feed ends the load.
type feeds struct {
	all       []exchange.Feed
	first     int64 // of every so many rows this agent draws one, from the first on
	every     int64
	byRequest [][]int  // by request: indices of the feeds that it uses
	cursors   []cursor // by feed
	exhausted chan struct{}
	once      sync.Once
	reason    string // set before exhausted is closed
}

// cursor counts the rows drawn from a feed. It is the only value that event
// loops share for writing: with one count per loop, a loop with a fast service
// would use its rows sooner. The padding gives it a cache line of its own.
type cursor struct {
	rows atomic.Int64
	_    [56]byte
}

// rows returns the current rows of so many users, by user and feed; -1 before
// the first draw.
func (f *feeds) rows(users int) []int32 {
	rows := make([]int32, users*len(f.all))
	for i := range rows {
		rows[i] = -1
	}
	return rows
}

// draw updates a user's rows for a request. It returns false if a feed is
// exhausted; then no further request may start.
func (f *feeds) draw(request int, rows []int32, random *rand.Rand) bool {
	if f.endReason() != "" {
		return false
	}
	for _, i := range f.byRequest[request] {
		if f.all[i].PerUser && rows[i] >= 0 {
			continue
		}
		row, ok := f.nextRow(i, random)
		if !ok {
			f.once.Do(func() {
				f.reason = fmt.Sprintf("feed %q was used up", f.all[i].Name)
				close(f.exhausted)
			})
			return false
		}
		rows[i] = int32(row)
	}
	return true
}

// nextRow draws the next row of a feed, and returns false if the feed is
// exhausted.
func (f *feeds) nextRow(i int, random *rand.Rand) (row int64, ok bool) {
	rows, order := int64(len(f.all[i].Rows)), f.all[i].Order
	if order == exchange.Random {
		return random.Int64N(rows), true
	}
	n := f.first + f.every*(f.cursors[i].rows.Add(1)-1)
	return n % rows, order == exchange.InOrder || n < rows
}

// unsentArrivals returns how many arrivals were due when the load ended and
// were not handled. It returns 0 if a feed ended the load, because nothing was
// left to send.
func (lr *loadRun) unsentArrivals(a *arrivals, ended time.Duration, of int) int64 {
	if lr.feeds.endReason() != "" {
		return 0
	}
	return a.dueBefore(ended, of)
}

// endReason returns why a feed ended the load, or "".
func (f *feeds) endReason() string {
	select {
	case <-f.exhausted:
		return f.reason
	default:
		return ""
	}
}
