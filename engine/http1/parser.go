// Package http1 implements the parts of HTTP/1.1 that a load driver needs: it
// renders requests to bytes in advance, and parses responses incrementally,
// without an allocation per response.
//
// It accepts and rejects the same responses as net/http; its tests list the
// exceptions with their reasons. It knows nothing of sockets, clocks, loads or
// failure classes.
package http1

// Parser parses the responses of one connection, one after the other. Call
// Begin for each request, Feed with the bytes that arrive, and End at the end
// of the stream. The zero value expects no response.
//
// If a response is complete before its request was sent completely, the caller
// must close the connection; the parser cannot detect this.
type Parser struct {
	want     *Want
	step     step
	head     head
	size     int    // bytes of the current header, trailer or chunk line so far
	line     []byte // a line that arrived in parts
	lineHeld bool   // line is complete, unless the next byte continues it

	left     uint64 // bytes left of the body or chunk
	status   int    // of the final response; 0 before the end of its header
	body     int64  // bytes of the body so far
	excess   int64  // bytes of chunked framing above the allowance
	reusable bool   // the connection can be reused

	prefix bodyPrefix
	values [][]byte // by index of Want.Headers
}

// Want describes what the parser needs to know about a request, and what to
// keep of its response. Parsers share it and do not change it.
type Want struct {
	Head    bool     // the request method is HEAD: the response has no body
	Close   bool     // the request has "Connection: close" (RFC 9112, 9.6)
	Body    int      // number of bytes of the body to keep, from its start
	Headers []string // names of the headers to keep
}

// step is the part of a response that the next byte belongs to.
type step uint8

const (
	idle       step = iota // no response is expected
	statusLine             // of a final or informational response
	field                  // a header line, or the end of the header
	sized                  // a body of known length
	untilClose             // a body that ends with the connection
	chunkLine              // the size of a chunk
	chunk                  // the data of a chunk
	chunkCR                // the CR LF after the data
	chunkLF
	trailer // a trailer line, or the end of the trailer
)

// Begin prepares for the response to a request that is being sent.
func (p *Parser) Begin(want *Want) {
	p.want, p.step = want, statusLine
	p.size, p.lineHeld, p.line = 0, false, p.line[:0]
	if cap(p.line) > maxRetained {
		p.line = nil
	}
	p.status, p.body, p.excess, p.reusable = 0, 0, 0, false
	p.prefix.bytes = nil
	p.beginHead()
}

// Feed parses the next bytes of the connection. It returns how many of them
// belong to the response, and whether the response is complete. After an error
// the connection must be closed.
//
// Feed does not consume bytes after a complete response; KeepAlive then returns
// false. If no response is expected, Feed returns ErrUnsolicited or
// ErrIdleTimeout.
func (p *Parser) Feed(b []byte) (n int, done bool, err error) {
	if p.step == idle {
		return 0, false, unsolicited(b)
	}
	for n < len(b) && p.step != idle {
		m, err := p.advance(b[n:])
		n += m
		if err != nil {
			p.step = idle
			return n, false, err
		}
	}
	if p.step != idle {
		p.prefix.detach()
		return n, false, nil
	}
	p.reusable = p.reusable && n == len(b)
	return n, true, nil
}

// End handles the end of the stream. It returns nil if that completes the
// response, or if no response is expected.
func (p *Parser) End() error {
	at := p.step
	p.step, p.reusable = idle, false
	switch {
	case at == idle || at == untilClose:
		return nil
	case at == statusLine && p.size == 0:
		return ErrNoAnswer
	case at == statusLine || at == field:
		return ErrShortHeader
	}
	return ErrShortBody
}

// Status returns the status of the final response; 0 before the end of its
// header.
func (p *Parser) Status() int { return p.status }

// Received returns the number of body bytes so far, without framing.
func (p *Parser) Received() int64 { return p.body }

// KeepAlive reports, after a complete response, whether the connection can be
// reused.
func (p *Parser) KeepAlive() bool { return p.reusable }

// Body returns the first bytes of the body, at most Want.Body. The slice is
// valid until the next call of Begin or Feed, and as long as the argument of
// the last Feed does not change.
func (p *Parser) Body() []byte { return p.prefix.bytes }

// Header returns the values of the i-th wanted header of the final response,
// without empty values, separated by "\n". The slice is valid until the next
// call of Begin.
func (p *Parser) Header(i int) []byte { return p.values[i] }

// Release frees the memory of a large body. Body must not be called after it.
func (p *Parser) Release() { p.prefix.release() }

// advance parses one line, or the available part of a body. b must not be
// empty.
func (p *Parser) advance(b []byte) (int, error) {
	switch p.step {
	case statusLine:
		return p.takeStatus(b)
	case field, trailer:
		return p.takeField(b)
	case sized, untilClose, chunk:
		return p.takeBody(b), nil
	case chunkLine:
		return p.takeChunkLine(b)
	}
	return p.takeChunkEnd(b)
}

// takeBody counts and keeps the data of a body or chunk.
func (p *Parser) takeBody(b []byte) int {
	if p.step != untilClose {
		b = b[:min(p.left, uint64(len(b)))]
		p.left -= uint64(len(b))
	}
	p.body += int64(len(b))
	p.prefix.add(b, p.want.Body)
	switch {
	case p.step == chunk && p.left == 0:
		p.step = chunkCR
	case p.step == sized && p.left == 0:
		p.finish()
	}
	return len(b)
}

// finish ends a complete response.
func (p *Parser) finish() {
	p.step = idle
	h := &p.head // after a 101 the connection speaks another protocol
	closes := h.close || h.status == 101 || h.version < 10 || h.version == 10 && !h.keepAlive
	p.reusable = !p.want.Close && !closes
}
