// Package http1 is HTTP/1.1 as a load generator needs it on the wire: requests
// rendered to bytes beforehand, and answers parsed from bytes as they arrive,
// in whatever pieces, without an allocation per answer.
//
// It gives net/http's verdict on the same bytes; where it does not, its tests
// say so and why. It knows nothing of sockets, clocks, loads or classes of
// failure.
package http1

// Parser reads the answers of one connection, one after the other. Begin says
// that a request was sent, Feed takes what arrives, and End takes the end of
// the stream. The zero value awaits nothing.
//
// An answer may come before its request was sent in full. The parser cannot
// know; the caller must not use that connection again.
type Parser struct {
	want     *Want
	step     step
	head     head
	size     int    // bytes of the header, the trailer or the chunk's line so far
	line     []byte // of a line that came in pieces
	lineHeld bool   // line is whole, unless the next byte continues it

	left     uint64 // bytes of the body or of its chunk, to come
	status   int    // of the final answer, once its header is whole
	body     int64  // bytes of the body so far
	excess   int64  // bytes of chunked framing above what its data excuses
	reusable bool   // the connection may be used once more

	prefix bodyPrefix
	values [][]byte // as Want's Headers
}

// Want is what a request means for its answer. Parsers share it and do not
// change it.
type Want struct {
	Head    bool     // the request was a HEAD: no body follows
	Close   bool     // it asked for the connection's end (RFC 9112, 9.6)
	Body    int      // how many of the body's first bytes to keep, 0 or more
	Headers []string // whose values to keep
}

// step is what the next byte belongs to.
type step uint8

const (
	idle       step = iota // no answer is awaited
	statusLine             // of a final answer, or of one that goes before it
	field                  // a line of the header, or its end
	sized                  // a body of known length
	untilClose             // a body that lasts as long as the connection
	chunkLine              // the size of a chunk
	chunk                  // its data
	chunkCR                // its end
	chunkLF
	trailer // a line after the last chunk, or its end
)

// Begin awaits the answer to a request that is being sent.
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

// Feed takes the next bytes of the connection, and returns how many of them
// belong to the answer and whether it is whole with them. After an error the
// connection is of no more use.
//
// Bytes that follow a whole answer are left alone, and KeepAlive is then
// false. Fed with no answer awaited they are ErrUnsolicited or ErrIdleTimeout.
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

// End takes the end of the stream. No error means that the answer is whole by
// it, or that none was awaited.
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

// Status is the final answer's, 0 as long as its header is not whole.
func (p *Parser) Status() int { return p.status }

// Received is how many bytes of the body have come, the framing not counted.
func (p *Parser) Received() int64 { return p.body }

// KeepAlive tells after a whole answer whether the server lets the connection
// be used again.
func (p *Parser) KeepAlive() bool { return p.reusable }

// Body is the first bytes of the body, as many as were wanted. It is good
// until the next call of Begin or Feed, or until the bytes given to the last
// Feed change.
func (p *Parser) Body() []byte { return p.prefix.bytes }

// Header is what the final answer says in the i-th wanted header: its values
// that are not empty, with line ends between them. It is good until the next
// Begin.
func (p *Parser) Header(i int) []byte { return p.values[i] }

// Release gives back the memory of a large body that was kept. Body must not be
// looked at again.
func (p *Parser) Release() { p.prefix.release() }

// advance takes one line, or as much of a body as there is. b is not empty.
func (p *Parser) advance(b []byte) (int, error) {
	switch p.step {
	case statusLine:
		return p.takeStatus(b)
	case field, trailer:
		return p.takeField(b)
	case sized, untilClose:
		return p.takeBody(b), nil
	case chunkLine:
		return p.takeChunkLine(b)
	case chunk:
		return p.takeChunk(b), nil
	}
	return p.takeChunkEnd(b)
}

// takeBody takes bytes of a body that is not chunked.
func (p *Parser) takeBody(b []byte) int {
	if p.step == sized {
		b = b[:min(p.left, uint64(len(b)))]
		p.left -= uint64(len(b))
	}
	p.count(b)
	if p.step == sized && p.left == 0 {
		p.finish()
	}
	return len(b)
}

// count counts and keeps bytes of the body.
func (p *Parser) count(b []byte) {
	p.body += int64(len(b))
	p.prefix.add(b, p.want.Body)
}

// finish ends a whole answer.
func (p *Parser) finish() {
	p.step = idle
	p.reusable = !p.want.Close && !p.head.closes()
}
