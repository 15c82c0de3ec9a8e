package http1

import (
	"bytes"
	"strconv"
)

// maxExcess is the limit of chunked framing, in bytes, above 16 bytes per chunk
// and twice its data, as in net/http.
const maxExcess = 16 << 10

// takeChunkLine parses the line with the size of the next chunk. Unlike a
// header line, it must end with CR LF.
func (p *Parser) takeChunkLine(b []byte) (int, error) {
	line, n, err := p.cutLine(b, maxChunkLine)
	if line == nil {
		return n, err
	}
	p.size, p.line = 0, p.line[:0]
	text, ok := bytes.CutSuffix(line, []byte("\r\n"))
	if !ok || bytes.IndexByte(text, '\r') >= 0 {
		return n, malformed("a chunk size does not end with CR LF", line)
	}
	digits, _, _ := bytes.Cut(trimRight(text), []byte{';'}) // without the chunk extensions
	size, err := strconv.ParseUint(string(digits), 16, 64)
	if err != nil || len(digits) > 16 {
		return n, malformed("invalid chunk size", line)
	}
	if size == 0 {
		p.step = trailer
		return n, nil
	}
	p.step, p.left = chunk, size
	p.excess = max(0, p.excess+int64(len(line))-16-2*int64(size))
	if p.excess > maxExcess {
		return n, malformed("more framing than data in chunks", line)
	}
	return n, nil
}

// takeChunkEnd consumes one byte of the CR LF after chunk data.
func (p *Parser) takeChunkEnd(b []byte) (int, error) {
	switch {
	case p.step == chunkCR && b[0] == '\r':
		p.step = chunkLF
	case p.step == chunkLF && b[0] == '\n':
		p.step = chunkLine
	default:
		return 0, malformed("a chunk is longer than its size", b)
	}
	return 1, nil
}
