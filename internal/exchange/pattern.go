package exchange

import (
	"bytes"
	"fmt"
	"slices"
	"strconv"
)

// Pattern is a request of a load, understood once: where its holes are, and
// what its answers are checked for. Any number of goroutines may use it.
type Pattern struct {
	// Request has a mark in the place of each hole, which stays as it is when
	// the request is rendered. Text finds the marks again.
	Request Request
	mark    string // how marks begin
	holes   []piece
	feeds   []int
	path    Text
	header  map[string]Text
	body    Text
	checks  *checks
}

// Pattern says what is wrong with the holes and the checks of a request.
func (t *Tables) Pattern(r Request) (*Pattern, error) {
	checks, err := newChecks(r.Checks)
	if err != nil {
		return nil, fmt.Errorf("request %q: %w", r.Name, err)
	}
	m := marker{tables: t, mark: unusedMark(r)}
	if r, err = m.request(r); err != nil {
		return nil, fmt.Errorf("request %q: %w", r.Name, err)
	}
	p := &Pattern{Request: r, mark: m.mark, holes: m.holes, checks: checks, header: map[string]Text{}}
	for i := range p.holes {
		if feed := p.holes[i].feed; !slices.Contains(p.feeds, feed) {
			p.feeds = append(p.feeds, feed)
		}
	}
	p.path, p.body = p.Text([]byte(r.Path)), p.Text(r.Body)
	for name, value := range r.Header {
		p.header[name] = p.Text([]byte(value))
	}
	return p, nil
}

// Feeds are the numbers of the feeds that the request takes values of.
func (p *Pattern) Feeds() []int { return p.feeds }

// Text finds the holes in what Request was rendered to, or in a part of it.
func (p *Pattern) Text(rendered []byte) Text {
	var t Text
	for {
		before, after, found := bytes.Cut(rendered, []byte(p.mark))
		if len(before) > 0 {
			t.pieces = append(t.pieces, piece{literal: before})
		}
		if !found {
			return t
		}
		digits, rest, _ := bytes.Cut(after, []byte(markEnd))
		n, _ := strconv.Atoi(string(digits)) // nothing else begins like a mark
		t.pieces = append(t.pieces, p.holes[n])
		rendered = rest
	}
}

// Fill is the request with the values of a row of each feed.
func (p *Pattern) Fill(rows ...int32) Request {
	r := p.Request
	if len(p.feeds) == 0 {
		return r
	}
	r.Path, r.Body = string(p.path.Append(nil, rows)), p.body.Append(nil, rows)
	r.Header = make(map[string]string, len(p.header))
	for name, value := range p.header {
		r.Header[name] = string(value.Append(nil, rows))
	}
	return r
}

// Checked tells whether the bodies of answers have to meet checks.
func (p *Pattern) Checked() bool { return len(p.checks.all) > 0 }

// Judge tells which check the body of a wanted answer does not meet and what
// there is instead, and nothing when it meets all. encoding is what came as
// Content-Encoding, several values with commas or line ends between them;
// length is that of the whole body in bytes, of which the first BodyLimit are
// enough.
func (p *Pattern) Judge(encoding string, body []byte, length int64) string {
	return p.checks.judge(encoding, body, length)
}
