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

// placeholderCompiler replaces placeholders by tokens. A token has no special
// meaning in a URL, a header or a host name, so that rendering does not change
// it.
type placeholderCompiler struct {
	tables   *Tables
	prefix   string
	segments []segment
}

// tokenEnd ends a token, after its number.
const tokenEnd = "~"

// placeholderText matches a placeholder. Text that only starts like one is
// data.
var placeholderText = regexp.MustCompile(PlaceholderBegin + `([a-z]+) ([^ ` + PlaceholderBegin + PlaceholderEnd + `]+) ([^` + PlaceholderBegin + PlaceholderEnd + `]+)` + PlaceholderEnd)

// unusedPrefix returns a prefix for tokens that does not occur in the request.
func unusedPrefix(r Request) string {
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

// compile replaces all placeholders of a request.
func (c *placeholderCompiler) compile(r Request) (_ Request, err error) {
	if r.Path, err = c.path(r.Path); err != nil {
		return r, err
	}
	r.Header = maps.Clone(r.Header)
	for _, name := range slices.Sorted(maps.Keys(r.Header)) {
		where := headerSlot
		if http.CanonicalHeaderKey(name) == "Host" {
			where = hostSlot
		}
		if r.Header[name], err = c.text(r.Header[name], where); err != nil {
			return r, err
		}
	}
	if bytes.Contains(r.Body, []byte(PlaceholderBegin)) { // a body may be large
		body, err := c.text(string(r.Body), bodySlot)
		r.Body = []byte(body)
		return r, err
	}
	return r, nil
}

// path replaces the placeholders of a path and escapes it. The escaping must
// not depend on the values.
func (c *placeholderCompiler) path(path string) (string, error) {
	if strings.HasPrefix(path, PlaceholderBegin) {
		return path, errors.New(`a path must start with "/", before any value of a feed`)
	}
	marked, err := c.text(path, pathSlot)
	if err != nil || len(c.segments) == 0 {
		return path, err
	}
	parsed, err := url.Parse("http://service" + marked)
	if err != nil {
		return path, err
	}
	return parsed.RequestURI(), nil
}

// text replaces the placeholders of a text.
func (c *placeholderCompiler) text(text string, where slot) (string, error) {
	var fault error
	marked := placeholderText.ReplaceAllStringFunc(text, func(found string) string {
		if fault != nil || !utf8.ValidString(found) {
			return found
		}
		words := placeholderText.FindStringSubmatch(found)
		var mark string
		mark, fault = c.addPlaceholder(words[1], words[2], words[3], where)
		return mark
	})
	return marked, fault
}

// addPlaceholder adds a placeholder and returns its token, if all of its values
// are valid in the slot.
func (c *placeholderCompiler) addPlaceholder(form, feed, column string, where slot) (string, error) {
	h, err := c.tables.parsePlaceholder(form, feed, column)
	if err != nil {
		return "", err
	}
	values := c.tables.values(h)
	for i, value := range values {
		if !where.accepts(value) {
			return "", fmt.Errorf("feed %q, row %d, column %q: %q is invalid in %s: %s", feed, i+1, column, shorten(nil,
				value), where.name, where.help)
		}
	}
	c.segments = append(c.segments, segment{feed: h.feed, values: values})
	return c.prefix + strconv.Itoa(len(c.segments)-1) + tokenEnd, nil
}
