package http1

import (
	"errors"
	"slices"
	"testing"
)

// outcome is the result of parsing a stream.
type outcome struct {
	err    error // one of the errors of this package
	status int
	body   string
	again  bool // the connection can be reused
	extra  int  // bytes after the end of the response
}

// parse parses a stream that arrives in pieces, cut at the given positions. It
// overwrites the memory of each piece after Feed.
func parse(p *Parser, wire string, head bool, cuts ...int) (o outcome) {
	p.Begin(&Want{Head: head, Body: len(wire)})
	done, from := false, 0
	for _, to := range append(cuts, len(wire)) {
		piece := []byte(wire[from:to])
		from = to
		if done {
			o.extra += len(piece)
			continue
		}
		n, whole, err := p.Feed(piece)
		if err != nil {
			return outcome{err: named(err), status: p.Status(), body: string(p.Body())}
		}
		if whole {
			done, o.again, o.extra, o.body = true, p.KeepAlive(), len(piece)-n, string(p.Body())
		}
		clear(piece)
	}
	if !done {
		o.err, o.again, o.body = p.End(), p.KeepAlive(), string(p.Body())
	}
	o.status, o.again = p.Status(), o.again && o.extra == 0
	return o
}

// named returns the error without details.
func named(err error) error {
	all := []error{ErrNoAnswer, ErrShortHeader, ErrShortBody, ErrMalformed, ErrTooLarge, ErrUnsolicited, ErrIdleTimeout}
	if i := slices.IndexFunc(all, func(e error) bool { return errors.Is(err, e) }); i >= 0 {
		return all[i]
	}
	return err
}

func TestAnswersHoweverTheyAreCut(t *testing.T) {
	var p Parser
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			if got := parse(new(Parser), c.wire, c.head); got != c.want {
				t.Fatalf("in one piece:\n got %+v\nwant %+v", got, c.want)
			}
			stride := 1 + len(c.wire)/5000 // long streams repeat themselves
			bytewise := make([]int, len(c.wire))
			for i := range bytewise {
				bytewise[i] = i
				if i%stride > 0 {
					continue
				}
				if got := parse(&p, c.wire, c.head, i); got != c.want {
					t.Fatalf("cut at %d:\n got %+v\nwant %+v", i, got, c.want)
				}
			}
			if got := parse(&p, c.wire, c.head, bytewise...); got != c.want {
				t.Fatalf("byte by byte:\n got %+v\nwant %+v", got, c.want)
			}
		})
	}
}
