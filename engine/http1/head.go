package http1

// head holds the framing information of a status line and header.
type head struct {
	status  int
	version int // 11 means HTTP/1.1

	length        uint64 // of Content-Length
	digits        int    // number of its digits; 0 without the header
	invalidLength bool

	encodings int // number of Transfer-Encoding lines
	chunked   bool

	close, keepAlive bool // Connection options
}

// statusLine parses a line such as "HTTP/1.1 200 OK". The reason phrase is
// optional.
func (h *head) statusLine(line []byte) error {
	const version = len("HTTP/x.y")
	if len(line) <= version || string(line[:5]) != "HTTP/" || line[6] != '.' || line[version] != ' ' ||
		!isDigit(line[5]) || !isDigit(line[7]) {
		return malformed("not an HTTP status line", line)
	}
	h.version = int(line[5]-'0')*10 + int(line[7]-'0')
	code := line[version:]
	for len(code) > 0 && code[0] == ' ' {
		code = code[1:]
	}
	if len(code) < 3 || len(code) > 3 && code[3] != ' ' {
		return malformed("the status does not have three digits", line)
	}
	status, ok := parseLength(code[:3])
	if !ok || status < 100 {
		return malformed("the status does not have three digits", line)
	}
	h.status = int(status)
	return nil
}

// addField records a header field that affects the framing.
func (h *head) addField(name, value []byte) {
	switch len(name) {
	case len("connection"):
		if equalFold(name, "connection") {
			h.close = h.close || hasToken(value, "close")
			h.keepAlive = h.keepAlive || hasToken(value, "keep-alive")
		}
	case len("content-length"):
		if equalFold(name, "content-length") {
			n, ok := parseLength(value)
			if !ok || h.digits > 0 && (n != h.length || len(value) != h.digits) { // repeated lengths must be identical
				h.invalidLength = true
			}
			h.length, h.digits = n, len(value)
		}
	case len("transfer-encoding"):
		if equalFold(name, "transfer-encoding") {
			h.encodings++
			h.chunked = equalFold(value, "chunked")
		}
	}
}

// nextStep returns what follows the header. Unsafe framing is an error, even if
// the response can have no body.
func (h *head) nextStep(toHead bool) (step, error) {
	encoded := h.encodings > 0 && h.version >= 11 // HTTP/1.0 has no encodings
	switch {
	case encoded && (h.encodings > 1 || !h.chunked):
		return idle, errEncoding
	case h.invalidLength:
		return idle, errLength
	case h.status < 200 && h.status != 101:
		return statusLine, nil
	case toHead, h.status == 101, h.status == 204, h.status == 304:
		return idle, nil
	case encoded:
		return chunkLine, nil
	case h.digits == 0:
		return untilClose, nil
	case h.length == 0:
		return idle, nil
	}
	return sized, nil
}
