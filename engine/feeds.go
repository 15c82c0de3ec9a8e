package engine

import (
	"fmt"
	"math/rand/v2"
	"sync"
	"sync/atomic"
	"time"

	"plan/internal/exchange"
)

// feeds are those of a load while it runs, and how far all of its users have
// drawn them. One of them that is used up ends the load.
type feeds struct {
	all       []exchange.Feed
	byRequest [][]int  // by request: the feeds that it takes a row of
	cursors   []cursor // by feed
	exhausted chan struct{}
	once      sync.Once
	reason    string // once spent is closed
}

// cursor counts the rows that were drawn. It is all that loops write together,
// since only one count for all users draws evenly: a loop whose service is
// quick must not draw its part of the rows more often. It has a cache line of
// its own.
type cursor struct {
	rows atomic.Int64
	_    [56]byte
}

// newFeeds asks patterns what each request takes.
func newFeeds(all []exchange.Feed, patterns []*exchange.Pattern) *feeds {
	f := &feeds{all: all, cursors: make([]cursor, len(all)), exhausted: make(chan struct{})}
	for _, p := range patterns {
		f.byRequest = append(f.byRequest, p.Feeds())
	}
	return f
}

// rows are what users have drawn: as many as there are feeds for each of them,
// and nothing yet.
func (f *feeds) rows(users int) []int32 {
	rows := make([]int32, users*len(f.all))
	for i := range rows {
		rows[i] = -1
	}
	return rows
}

// draw gives a user, who has these rows, those that a request takes. false says
// that a feed is used up: neither this request is to be begun, nor another one.
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

// nextRow is the next row of a feed in its order; false when it has no more.
func (f *feeds) nextRow(i int, random *rand.Rand) (row int64, ok bool) {
	rows, order := int64(len(f.all[i].Rows)), f.all[i].Order
	if order == exchange.Random {
		return random.Int64N(rows), true
	}
	n := f.cursors[i].rows.Add(1) - 1
	return n % rows, order == exchange.InOrder || n < rows
}

// unsentArrivals is how many arrivals were due when the load ended and that nobody had
// come to. Where a feed ended it there was nothing to send for them.
func (lr *loadRun) unsentArrivals(a *arrivals, ended time.Duration, of int) int64 {
	if lr.feeds.endReason() != "" {
		return 0
	}
	return a.dueBefore(ended, of)
}

// endReason tells what ended the load, if a feed did.
func (f *feeds) endReason() string {
	select {
	case <-f.exhausted:
		return f.reason
	default:
		return ""
	}
}
