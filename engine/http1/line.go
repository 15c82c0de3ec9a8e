package http1

import "bytes"

// cutLine cuts a line, its end included, from b and returns its length n. If
// the end of the line is missing, cutLine stores the part in p.line and returns
// a nil line. limit applies to all bytes that were cut since p.size was 0.
func (p *Parser) cutLine(b []byte, limit int) (line []byte, n int, err error) {
	n = bytes.IndexByte(b, '\n') + 1
	whole := n > 0
	if !whole {
		n = len(b)
	}
	p.size += n
	if p.size > limit || p.size == limit && !whole {
		return nil, n, ErrTooLarge
	}
	if whole && len(p.line) == 0 {
		return b[:n], n, nil
	}
	p.line = append(p.line, b[:n]...)
	if whole {
		return p.line, n, nil
	}
	return nil, n, nil
}

// takeStatus parses a status line.
func (p *Parser) takeStatus(b []byte) (int, error) {
	line, n, err := p.cutLine(b, maxHeader)
	if line == nil {
		return n, err
	}
	p.step, p.line = field, p.line[:0]
	return n, p.head.statusLine(trimEOL(line))
}

// takeField parses a line of the header or trailer. A line that starts with a
// blank continues the line before (RFC 9112, 5.2), so a line is complete only
// when the next byte is known. It is held until then; its name is complete.
func (p *Parser) takeField(b []byte) (int, error) {
	if p.lineHeld {
		p.lineHeld = false
		if !isBlank(b[0]) {
			if err := p.addField(p.line); err != nil {
				return 0, err
			}
		}
	}
	limit := maxHeader
	if p.step == trailer {
		limit = maxTrailer
	}
	line, n, err := p.cutLine(b, limit)
	if line == nil {
		return n, err
	}
	switch line = trimEOL(line); {
	case len(line) == 0:
		p.line = p.line[:0]
		return n, p.endFields()
	case n < len(b) && !isBlank(b[n]):
		return n, p.addField(line)
	case bytes.IndexByte(line, ':') < 0:
		return n, malformed("a header line without a colon", line)
	}
	if p.lineHeld = true; len(p.line) == 0 {
		p.line = append(p.line, line...)
	} else {
		p.line = p.line[:len(line)] // it came in parts, or has continuations: p.line holds it already
	}
	return n, nil
}

// addField records a complete field. In a trailer it is only validated.
func (p *Parser) addField(line []byte) error {
	p.line = p.line[:0]
	name, value, err := splitField(line)
	if err != nil || p.step == trailer {
		return err
	}
	p.head.addField(name, value)
	for i, wanted := range p.want.Headers {
		if len(value) > 0 && equalFold(name, wanted) {
			if len(p.values[i]) > 0 {
				p.values[i] = append(p.values[i], '\n')
			}
			p.values[i] = append(p.values[i], value...)
		}
	}
	return nil
}

// endFields handles the empty line after a header or trailer.
func (p *Parser) endFields() error {
	if p.step == trailer {
		p.finish()
		return nil
	}
	next, err := p.head.nextStep(p.want.Head)
	if err != nil {
		return err
	}
	if p.step = next; next == statusLine {
		p.beginHead()
		return nil
	}
	p.status, p.left, p.size = p.head.status, p.head.length, 0
	if next == idle {
		p.finish()
	}
	return nil
}

// beginHead resets the header fields.
func (p *Parser) beginHead() {
	p.head = head{}
	for len(p.values) < len(p.want.Headers) {
		p.values = append(p.values, nil)
	}
	for i := range p.values {
		p.values[i] = p.values[i][:0]
	}
}
