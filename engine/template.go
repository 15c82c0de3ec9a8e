package engine

import (
	"bytes"
	"cmp"
	"net/http"
	"strconv"

	"plan/engine/http1"
	"plan/internal/exchange"
)

// template is a request in wire format, with gaps for the values that change.
type template struct {
	fixed []byte // the whole request, if nothing changes

	beforeLength  exchange.Text // up to the value of Content-Length
	hasLength     bool          // the length of the body changes
	beforeCookies exchange.Text // from there to the place of the user's cookies
	cookiePrefix  string        // text before the user's cookies
	afterCookies  exchange.Text // of the header
	body          exchange.Text
}

const endOfHeader = "\r\n\r\n"

// newTemplate renders a request. cookies reports whether users keep cookies.
func newTemplate(p *exchange.Pattern, host string, cookies bool) (template, error) {
	r := &p.Request
	wire, err := http1.Render(cmp.Or(r.Method, http.MethodGet), host, r.Path, r.Header, r.Body)
	if err != nil {
		return template{}, err
	}
	if len(p.Feeds()) == 0 && !cookies {
		return template{fixed: wire}, nil
	}
	header, body, _ := bytes.Cut(wire, []byte(endOfHeader))
	t := template{body: p.Text(body)}
	if t.hasLength = !t.body.Fixed(); t.hasLength {
		_, end := headerField(header, "Content-Length")
		start := end - len(strconv.Itoa(len(body)))
		t.beforeLength, header = p.Text(header[:start]), header[end:]
	}
	if cookies { // they are appended to a Cookie header of the request
		value, end := headerField(header, "Cookie")
		switch {
		case end < 0:
			end, t.cookiePrefix = len(header), "\r\nCookie: "
		case value < end:
			t.cookiePrefix = "; "
		}
		t.beforeCookies, header = p.Text(header[:end]), header[end:]
	}
	t.afterCookies = p.Text(header)
	return t, nil
}

// headerField returns the start and end of the value of a header field; -1 if
// it is missing.
func headerField(header []byte, name string) (value, end int) {
	before := []byte("\r\n" + name + ": ")
	at := bytes.Index(header, before)
	if at < 0 {
		return -1, -1
	}
	value = at + len(before)
	if length := bytes.Index(header[value:], []byte("\r\n")); length >= 0 {
		return value, value + length
	}
	return value, len(header)
}

// append appends the request with the given rows of each feed and the user's
// cookies.
func (t *template) append(to []byte, rows []int32, cookies []byte) []byte {
	to = t.beforeLength.Append(to, rows)
	if t.hasLength {
		to = strconv.AppendInt(to, int64(t.body.Len(rows)), 10)
	}
	to = t.beforeCookies.Append(to, rows)
	if len(cookies) > 0 {
		to = append(to, t.cookiePrefix...)
		to = append(to, cookies...)
	}
	to = t.afterCookies.Append(to, rows)
	to = append(to, endOfHeader...)
	return t.body.Append(to, rows)
}
