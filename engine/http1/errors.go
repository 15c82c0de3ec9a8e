package http1

import (
	"errors"
	"fmt"
)

// What can be wrong with an answer. The errors of Parser are these or wrap
// them.
var (
	// ErrNoAnswer: the stream ended before the first byte. On a connection
	// that was kept, the server had most likely closed it while it was idle.
	ErrNoAnswer = errors.New("the connection ended before an answer came")
	// ErrShortHeader: the stream ended inside the header, or between an
	// informational answer and the final one.
	ErrShortHeader = errors.New("the connection ended inside the answer's header")
	// ErrShortBody: less body came than the framing promised.
	ErrShortBody = errors.New("the connection ended inside the answer's body")
	// ErrMalformed: this is not HTTP/1, or its framing cannot be trusted.
	ErrMalformed = errors.New("malformed answer")
	errEncoding  = fmt.Errorf("%w: a Transfer-Encoding other than chunked", ErrMalformed)
	errLength    = fmt.Errorf("%w: a Content-Length that is no number, or not the only one", ErrMalformed)
	// ErrTooLarge: a header, a trailer or a chunk's line passed its limit.
	ErrTooLarge = errors.New("the answer's header is too large")
	// ErrUnsolicited: bytes came that belong to no request.
	ErrUnsolicited = errors.New("unsolicited answer")
	// ErrIdleTimeout: as ErrUnsolicited, but it is a 408, with which some
	// servers close a connection that was idle for long.
	ErrIdleTimeout = errors.New("the server gave up an idle connection (408)")
)

const (
	// maxHeader is how many bytes the headers of an answer may have, those of
	// informational answers before it included. net/http takes ten times as
	// many; no inference API needs either.
	maxHeader = 1 << 20
	// maxChunkLine and maxTrailer are in bytes, line ends included, as
	// net/http has them.
	maxChunkLine = 4 << 10
	maxTrailer   = 4 << 10
	// maxRetained is how many bytes of memory for lines in pieces, and for bodies
	// that were kept, stay with a connection from one answer to the next.
	maxRetained = 4 << 10
	// maxQuoted is how many bytes of a malformed line an error shows.
	maxQuoted = 80
)

// malformed says what is wrong, and in which line.
func malformed(what string, line []byte) error {
	return fmt.Errorf("%w: %s: %q", ErrMalformed, what, line[:min(len(line), maxQuoted)])
}

// unsolicited says what bytes are that no request asked for.
func unsolicited(b []byte) error {
	const start, code = "HTTP/1.", " 408"
	switch {
	case len(b) == 0:
		return nil
	case len(b) >= len("HTTP/1.x 408") && string(b[:7]) == start && string(b[8:12]) == code:
		return ErrIdleTimeout
	}
	return ErrUnsolicited
}
