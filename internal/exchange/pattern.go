package exchange

import (
	"bytes"
	"fmt"
	"slices"
	"strconv"
)

// Pattern is a compiled request of a load with its placeholders and checks. It
// is safe for concurrent use.
type Pattern struct {
	// Request has a token in the place of each placeholder. Rendering does not
	// change tokens; Text finds them again.
	Request  Request
	prefix   string // start of each token
	segments []segment
	feeds    []int
	path     Text
	header   map[string]Text
	body     Text
	checks   *checks
}

// Pattern compiles a request. The error describes an invalid placeholder or
// check.
func (t *Tables) Pattern(r Request) (*Pattern, error) {
	checks := &checks{unpacker: unpacker{mask: r.Mask}}
	for i, c := range r.Checks {
		ready, err := newCheck(c, r.Mask)
		if err != nil {
			return nil, fmt.Errorf("request %q: check %d: %w", r.Name, i+1, err)
		}
		checks.all = append(checks.all, ready)
	}
	m := placeholderCompiler{tables: t, prefix: unusedPrefix(r)}
	r, err := m.compile(r)
	if err != nil {
		return nil, fmt.Errorf("request %q: %w", r.Name, err)
	}
	p := &Pattern{Request: r, prefix: m.prefix, segments: m.segments, checks: checks, header: map[string]Text{}}
	for i := range p.segments {
		if feed := p.segments[i].feed; !slices.Contains(p.feeds, feed) {
			p.feeds = append(p.feeds, feed)
		}
	}
	p.path, p.body = p.Text([]byte(r.Path)), p.Text(r.Body)
	for name, value := range r.Header {
		p.header[name] = p.Text([]byte(value))
	}
	return p, nil
}

// Feeds returns the indices of the feeds that the request uses.
func (p *Pattern) Feeds() []int { return p.feeds }

// Text finds the tokens in a rendered form of Request, or in a part of it.
func (p *Pattern) Text(rendered []byte) Text {
	var t Text
	for {
		before, after, found := bytes.Cut(rendered, []byte(p.prefix))
		if len(before) > 0 {
			t.segments = append(t.segments, segment{literal: before})
		}
		if !found {
			return t
		}
		digits, rest, _ := bytes.Cut(after, []byte(tokenEnd))
		n, _ := strconv.Atoi(string(digits)) // only a token starts with the prefix
		t.segments = append(t.segments, p.segments[n])
		rendered = rest
	}
}

// Fill returns the request with the values of the given row of each feed.
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

// HasChecks reports whether the request has checks.
func (p *Pattern) HasChecks() bool { return len(p.checks.all) > 0 }

// CheckBody returns which check the body of a response violates and the value
// found, or "". encoding holds the values of Content-Encoding, separated by
// commas or line ends. length is the size of the whole body in bytes; body
// needs to hold only the first BodyLimit bytes.
func (p *Pattern) CheckBody(encoding string, body []byte, length int64) string {
	if length > BodyLimit {
		return fmt.Sprintf("the body has %d bytes, and checks support at most %d", length, BodyLimit)
	}
	body, err := p.checks.unpacker.unpack(encoding, body)
	if err != nil {
		return err.Error()
	}
	document := document{body: body}
	for i := range p.checks.all {
		if fault := p.checks.all[i].violation(&document); fault != "" {
			return fmt.Sprintf("check %d: %s", i+1, fault)
		}
	}
	return ""
}
