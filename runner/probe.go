package runner

import (
	"fmt"
	"slices"

	"plan/containers"
	"plan/engine"
	"plan/internal/exchange"
)

// probe is what each replica is asked once before the load: as one user, which
// begins with what users begin with and then sends one of each request. It
// draws rows of feeds in order, whatever their own order.
type probe struct {
	feeds    []exchange.Feed
	patterns []*exchange.Pattern
	drawn    []int // by feed
}

func newProbe(load engine.Load) (*probe, error) {
	tables, err := exchange.NewTables(load.Feeds)
	if err != nil {
		return nil, err
	}
	p := &probe{feeds: load.Feeds, drawn: make([]int, len(load.Feeds))}
	for _, request := range slices.Concat(load.OnStart, load.Requests) {
		pattern, err := tables.Pattern(request)
		if err != nil {
			return nil, err
		}
		p.patterns = append(p.patterns, pattern)
	}
	return p, nil
}

// requests are those for the next replica, with their values.
func (p *probe) requests() ([]exchange.Request, error) {
	rows := make([]int32, len(p.feeds))
	for i := range rows {
		rows[i] = -1
	}
	var filled []exchange.Request
	for _, pattern := range p.patterns {
		for _, i := range pattern.Feeds() {
			if p.feeds[i].PerUser && rows[i] >= 0 {
				continue
			}
			if p.left(i) == 0 {
				return nil, p.tooShort(i)
			}
			rows[i] = int32(p.drawn[i] % len(p.feeds[i].Rows))
			p.drawn[i]++
		}
		filled = append(filled, pattern.Fill(rows...))
	}
	return filled, nil
}

// repeatable are those of the requests, behind as many that users begin with,
// that may be sent again with the same values: no row in them is sent once.
func (p *probe) repeatable(requests []exchange.Request, begin int) (some []exchange.Request) {
	for i, request := range requests {
		if !slices.ContainsFunc(p.patterns[begin+i].Feeds(), p.spends) {
			some = append(some, request)
		}
	}
	return some
}

// left is how many rows of a feed are left; of one that does not end, all.
func (p *probe) left(i int) int {
	if !p.spends(i) {
		return len(p.feeds[i].Rows)
	}
	return len(p.feeds[i].Rows) - p.drawn[i]
}

// spends says whether a row that was sent cannot be sent again. What a user
// keeps, such as an account, it may use more than once.
func (p *probe) spends(i int) bool { return p.feeds[i].Order == exchange.Once && !p.feeds[i].PerUser }

// rest is the load without the rows that were spent.
func (p *probe) rest(load engine.Load) (engine.Load, error) {
	load.Feeds = slices.Clone(load.Feeds)
	for i := range load.Feeds {
		if p.left(i) == 0 {
			return load, p.tooShort(i)
		}
		if p.spends(i) {
			load.Feeds[i].Rows = load.Feeds[i].Rows[p.drawn[i]:]
		}
	}
	return load, nil
}

func (p *probe) tooShort(i int) error {
	return &containers.Error{
		Kind:    containers.Other,
		Summary: fmt.Sprintf("the feed %q has %d rows, each to be sent once, which the first request of each kind uses up before the load", p.feeds[i].Name, len(p.feeds[i].Rows)),
		Help:    "give it more rows, or another order",
	}
}
