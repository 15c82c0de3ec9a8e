package requests

import (
	"fmt"
	"slices"

	"plan/containers"
	"plan/engine"
	"plan/internal/exchange"
)

// First makes the requests that each replica gets once before the load: those of
// one user, which starts with on_start and then sends one of each request. It
// draws rows of feeds in order, whatever order the feeds have.
type First struct {
	feeds    []exchange.Feed
	patterns []*exchange.Pattern
	drawn    []int // by feed
}

// NewFirst returns an error where the requests of the load are not valid.
func NewFirst(load engine.Load) (*First, error) {
	tables, err := exchange.NewTables(load.Feeds)
	if err != nil {
		return nil, err
	}
	f := &First{feeds: load.Feeds, drawn: make([]int, len(load.Feeds))}
	for _, request := range slices.Concat(load.OnStart, load.Requests) {
		pattern, err := tables.Pattern(request)
		if err != nil {
			return nil, err
		}
		f.patterns = append(f.patterns, pattern)
	}
	return f, nil
}

// Next returns the requests for the next replica, with values from the feeds. It
// returns an error where a feed is used up.
func (f *First) Next() ([]exchange.Request, error) {
	rows := make([]int32, len(f.feeds))
	for i := range rows {
		rows[i] = -1
	}
	var filled []exchange.Request
	for _, pattern := range f.patterns {
		for _, i := range pattern.Feeds() {
			if f.feeds[i].PerUser && rows[i] >= 0 {
				continue
			}
			if f.left(i) == 0 {
				return nil, f.usedUpError(i)
			}
			rows[i] = int32(f.drawn[i] % len(f.feeds[i].Rows))
			f.drawn[i]++
		}
		filled = append(filled, pattern.Fill(rows...))
	}
	return filled, nil
}

// Repeatable returns those of the requests, which come after so many of on_start,
// that may be sent again with the same values: none has a row that is sent once.
func (f *First) Repeatable(requests []exchange.Request, begin int) (some []exchange.Request) {
	for i, request := range requests {
		if !slices.ContainsFunc(f.patterns[begin+i].Feeds(), f.sendsOnce) {
			some = append(some, request)
		}
	}
	return some
}

// left returns how many rows of a feed are left; all of them where rows are sent
// more than once.
func (f *First) left(i int) int {
	if !f.sendsOnce(i) {
		return len(f.feeds[i].Rows)
	}
	return len(f.feeds[i].Rows) - f.drawn[i]
}

// sendsOnce reports whether a row that was sent cannot be sent again. A user may
// use its own row, such as an account, more than once.
func (f *First) sendsOnce(i int) bool {
	return f.feeds[i].Order == exchange.Once && !f.feeds[i].PerUser
}

// Rest returns the load without the rows that were used. It returns an error where
// none is left.
func (f *First) Rest(load engine.Load) (engine.Load, error) {
	load.Feeds = slices.Clone(load.Feeds)
	for i := range load.Feeds {
		if f.left(i) == 0 {
			return load, f.usedUpError(i)
		}
		if f.sendsOnce(i) {
			load.Feeds[i].Rows = load.Feeds[i].Rows[f.drawn[i]:]
		}
	}
	return load, nil
}

// usedUpError is the error of a feed that is too short.
func (f *First) usedUpError(i int) error {
	return &containers.Error{
		Kind: containers.Other,
		Summary: fmt.Sprintf("the first requests use up the feed %q before the load: it has %d rows, and sends each once",
			f.feeds[i].Name, len(f.feeds[i].Rows)),
		Help: "add rows to it, or give it another order",
	}
}
