package http1

import (
	"errors"
	"fmt"
)

// Errors of Parser. It returns these or wraps them.
var (
	// ErrNoAnswer: the stream ended before the first byte. On a reused
	// connection, the server had most likely closed it because it was idle.
	ErrNoAnswer = errors.New("the connection ended before a response")
	// ErrShortHeader: the stream ended inside the header, or between an
	// informational response and the final one.
	ErrShortHeader = errors.New("the connection ended inside the response header")
	// ErrShortBody: the stream ended before the end of the body.
	ErrShortBody = errors.New("the connection ended inside the response body")
	// ErrMalformed: the bytes are not HTTP/1, or their framing is unsafe.
	ErrMalformed = errors.New("malformed response")
	errEncoding  = fmt.Errorf("%w: unsupported Transfer-Encoding", ErrMalformed)
	errLength    = fmt.Errorf("%w: invalid or repeated Content-Length", ErrMalformed)
	// ErrTooLarge: a header, a trailer or a chunk line exceeds its limit.
	ErrTooLarge = errors.New("the response header is too large")
	// ErrUnsolicited: the server sent bytes without a request.
	ErrUnsolicited = errors.New("unsolicited response")
	// ErrIdleTimeout: the server sent a 408 without a request. Some servers do
	// so before they close an idle connection.
	ErrIdleTimeout = errors.New("the server closed an idle connection (408)")
)

const (
	// maxHeader is the limit of the headers of a response in bytes, those of
	// informational responses included. It is a tenth of net/http's; inference
	// APIs need far less.
	maxHeader = 1 << 20
	// maxChunkLine and maxTrailer are limits in bytes, line ends included, as
	// in net/http.
	maxChunkLine = 4 << 10
	maxTrailer   = 4 << 10
	// maxRetained is the largest buffer, in bytes, for lines and bodies that a
	// connection keeps for the next response.
	maxRetained = 4 << 10
	// maxQuoted is how many bytes of a malformed line an error quotes.
	maxQuoted = 80
	// maxKept is how many bytes of a malformed line an error keeps: a secret may begin among those that it quotes.
	maxKept = 4 << 10
)

// Malformed is the error of a line that is not HTTP/1. It wraps ErrMalformed.
type Malformed struct {
	what string
	line string // its first maxKept bytes
}

// malformed returns the error of a line.
func malformed(what string, line []byte) error {
	return &Malformed{what, string(line[:min(len(line), maxKept)])}
}

func (e *Malformed) Error() string {
	return e.Quote(func(line string, limit int, _ bool) string { return line[:min(len(line), limit)] })
}

// Quote returns the message with the start of the line, as cut returns it. incomplete reports that the line has more.
func (e *Malformed) Quote(cut func(line string, limit int, incomplete bool) string) string {
	return fmt.Sprintf("%v: %s: %q", ErrMalformed, e.what, cut(e.line, maxQuoted, len(e.line) == maxKept))
}

// Unwrap returns ErrMalformed.
func (e *Malformed) Unwrap() error { return ErrMalformed }

// unsolicited returns the error for bytes that follow no request.
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
