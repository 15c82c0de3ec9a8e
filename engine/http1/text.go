package http1

import "bytes"

// trimEOL removes the end of a line: LF or CR LF.
func trimEOL(line []byte) []byte {
	line = line[:len(line)-1]
	if n := len(line); n > 0 && line[n-1] == '\r' {
		line = line[:n-1]
	}
	return line
}

// splitField splits a header line. It accepts a blank before the colon, as
// net/http does; the name then matches no header.
func splitField(line []byte) (name, value []byte, err error) {
	colon := bytes.IndexByte(line, ':')
	if colon <= 0 || line[0] == ' ' {
		return nil, nil, malformed("invalid header line", line)
	}
	for _, c := range line[:colon] {
		if !isToken[c] && c != ' ' {
			return nil, nil, malformed("invalid header name", line)
		}
	}
	for _, c := range line[colon+1:] {
		if isControl(c) {
			return nil, nil, malformed("a control character in a header", line)
		}
	}
	return line[:colon], trim(line[colon+1:]), nil
}

// isToken reports which bytes are valid in a header name (RFC 9110, 5.6.2).
var isToken = func() (set [256]bool) {
	for _, c := range []byte("!#$%&'*+-.^_`|~0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ") {
		set[c] = true
	}
	return set
}()

func isBlank(c byte) bool { return c == ' ' || c == '\t' }

// isControl reports which bytes are invalid in a header value.
func isControl(c byte) bool { return c < ' ' && c != '\t' || c == 0x7f }

func isDigit(c byte) bool { return '0' <= c && c <= '9' }

func lower(c byte) byte {
	if 'A' <= c && c <= 'Z' {
		return c + 'a' - 'A'
	}
	return c
}

// trim removes blanks at both ends.
func trim(b []byte) []byte {
	for len(b) > 0 && isBlank(b[0]) {
		b = b[1:]
	}
	return trimRight(b)
}

func trimRight(b []byte) []byte {
	for len(b) > 0 && isBlank(b[len(b)-1]) {
		b = b[:len(b)-1]
	}
	return b
}

// equalFold compares without regard to ASCII case.
func equalFold(b []byte, s string) bool {
	if len(b) != len(s) {
		return false
	}
	for i, c := range b {
		if lower(c) != lower(s[i]) {
			return false
		}
	}
	return true
}

// hasToken reports whether a comma-separated list contains a token.
func hasToken(list []byte, token string) bool {
	for more := true; more; {
		var next []byte
		next, list, more = bytes.Cut(list, []byte{','})
		if equalFold(trim(next), token) {
			return true
		}
	}
	return false
}

// parseLength parses a decimal number below 1<<63 that consists of digits only.
func parseLength(b []byte) (n uint64, ok bool) {
	const most = 1<<63 - 1
	for _, c := range b {
		digit := uint64(c - '0')
		if !isDigit(c) || n > (most-digit)/10 {
			return 0, false
		}
		n = n*10 + digit
	}
	return n, len(b) > 0
}
