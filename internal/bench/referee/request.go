package referee

import "bytes"

// request is what the referee reads from a request.
type request struct {
	length   int  // bytes, body included; 0 if it is incomplete
	old      bool // HTTP/1.0
	expected bool // equal to the expected request
}

var (
	lineEnd   = []byte("\r\n")
	headEnd   = []byte("\r\n\r\n")
	firstLine = []byte("POST " + Path + " HTTP/1.")
	bodySize  = []byte("Content-Length")
)

// parse parses the first request of b.
func parse(b []byte) request {
	head := bytes.Index(b, headEnd)
	if head < 0 {
		return request{}
	}
	line, rest, _ := bytes.Cut(b[:head], lineEnd)
	body := contentLength(rest)
	length := head + len(headEnd) + body
	if len(b) < length {
		return request{}
	}
	return request{
		length:   length,
		old:      bytes.HasSuffix(line, []byte("/1.0")),
		expected: bytes.HasPrefix(line, firstLine) && string(b[length-body:length]) == Body,
	}
}

// contentLength returns the Content-Length; 0 without a valid one.
func contentLength(lines []byte) (length int) {
	for len(lines) > 0 {
		var line []byte
		line, lines, _ = bytes.Cut(lines, lineEnd)
		name, value, _ := bytes.Cut(line, []byte(":"))
		if !bytes.EqualFold(name, bodySize) {
			continue
		}
		for _, c := range bytes.TrimSpace(value) {
			if c < '0' || c > '9' {
				return 0
			}
			length = length*10 + int(c-'0')
		}
	}
	return length
}
