package exchange

import (
	"bytes"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"
)

// marker puts marks in the place of holes. A mark means nothing in a URL, in a
// header or in a host's name, so that it comes through unchanged.
type marker struct {
	tables *Tables
	mark   string
	holes  []piece
}

// markEnd ends a mark, after the number of its hole.
const markEnd = "~"

// holeText is a hole as it stands in a request. What only begins like one is
// data.
var holeText = regexp.MustCompile(HoleBegin + `([a-z]+) ([^ ` + HoleBegin + HoleEnd + `]+) ([^` + HoleBegin + HoleEnd + `]+)` + HoleEnd)

// unusedMark is a beginning that nothing in the request has.
func unusedMark(r Request) string {
	path, _ := url.PathUnescape(r.Path)
	texts := []string{r.Path, path}
	for name, value := range r.Header {
		texts = append(texts, name, value)
	}
	mark := "~hole"
	used := func(text string) bool { return strings.Contains(text, mark) }
	for slices.ContainsFunc(texts, used) || bytes.Contains(r.Body, []byte(mark)) {
		mark += "e"
	}
	return mark
}

// request marks all of a request.
func (m *marker) request(r Request) (_ Request, err error) {
	if r.Path, err = m.path(r.Path); err != nil {
		return r, err
	}
	r.Header = maps.Clone(r.Header)
	for _, name := range slices.Sorted(maps.Keys(r.Header)) {
		where := inHeader
		if http.CanonicalHeaderKey(name) == "Host" {
			where = inHost
		}
		if r.Header[name], err = m.text(r.Header[name], where); err != nil {
			return r, err
		}
	}
	if bytes.Contains(r.Body, []byte(HoleBegin)) { // it may be large
		body, err := m.text(string(r.Body), inBody)
		r.Body = []byte(body)
		return r, err
	}
	return r, nil
}

// path is a path as it is sent, where it has holes: what has to be escaped must
// not depend on the values.
func (m *marker) path(path string) (string, error) {
	if strings.HasPrefix(path, HoleBegin) {
		return path, errors.New(`a path has to start with "/", before any value of a feed`)
	}
	marked, err := m.text(path, inPath)
	if err != nil || len(m.holes) == 0 {
		return path, err
	}
	parsed, err := url.Parse("http://service" + marked)
	if err != nil {
		return path, err
	}
	return parsed.RequestURI(), nil
}

// text is a text with marks in the place of its holes.
func (m *marker) text(text string, where place) (string, error) {
	var fault error
	marked := holeText.ReplaceAllStringFunc(text, func(found string) string {
		if fault != nil || !utf8.ValidString(found) {
			return found
		}
		words := holeText.FindStringSubmatch(found)
		var mark string
		mark, fault = m.hole(words[1], words[2], words[3], where)
		return mark
	})
	return marked, fault
}

// hole notes a hole and gives its mark, if all of its values can stand there.
func (m *marker) hole(form, feed, column string, where place) (string, error) {
	h, err := m.tables.find(form, feed, column)
	if err != nil {
		return "", err
	}
	values := m.tables.values(h)
	for i, value := range values {
		if !where.takes(value) {
			return "", fmt.Errorf("feed %q, row %d, column %q: %q cannot stand in %s: %s", feed, i+1, column, shorten(value), where.name, where.help)
		}
	}
	m.holes = append(m.holes, piece{feed: h.feed, values: values})
	return m.mark + strconv.Itoa(len(m.holes)-1) + markEnd, nil
}
