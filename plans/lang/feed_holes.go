package lang

import (
	"net/url"
	"regexp"
	"strconv"
	"strings"

	"github.com/zclconf/go-cty/cty"

	"plan/internal/exchange"
)

// hole is a column of a feed.
type hole struct{ feed, column string }

// placeholders are the texts that stand for holes.
var placeholders = regexp.MustCompile(exchange.PlaceholderBegin + `([0-9]+)` + exchange.PlaceholderEnd)

func (f *feeds) hole(number string) hole {
	n, _ := strconv.Atoi(number) // of a placeholder, which has digits
	return f.holes[n]
}

// fill puts holes of a form where the placeholders are, and lets the text
// around them be escaped.
func (f *feeds) fill(text string, form exchange.Form, escape func(string) string) string {
	var b strings.Builder
	at := 0
	for _, match := range placeholders.FindAllStringSubmatchIndex(text, -1) {
		h := f.hole(text[match[2]:match[3]])
		b.WriteString(escape(text[at:match[0]]) + exchange.Placeholder(form, h.feed, h.column))
		at = match[1]
	}
	b.WriteString(escape(text[at:]))
	return b.String()
}

func (f *feeds) text(text string) string { return f.fill(text, exchange.FormText, asIs) }

func (f *feeds) path(text string) string { return f.fill(text, exchange.FormURL, asIs) }

func (f *feeds) field(text string) string { return f.fill(text, exchange.FormURL, url.QueryEscape) }

func asIs(text string) string { return text }

// Marks of placeholders in JSON: of one that is a whole text, and of one with
// something around it.
const (
	wholeMark = exchange.PlaceholderBegin + "v"
	partMark  = exchange.PlaceholderBegin + "j"
)

var (
	wholePattern = regexp.MustCompile(`"` + wholeMark + `([0-9]+)` + exchange.PlaceholderEnd + `"`)
	partPattern  = regexp.MustCompile(partMark + `([0-9]+)` + exchange.PlaceholderEnd)
)

// json writes a value as JSON. A text that is nothing but a placeholder gives
// way to the value as it is, with its type; in any other it is escaped.
func (f *feeds) json(v cty.Value) []byte {
	marked, _ := cty.Transform(v, func(_ cty.Path, v cty.Value) (cty.Value, error) {
		if v.Type() != cty.String || v.IsNull() || !reserved(v.AsString()) {
			return v, nil
		}
		mark := partMark
		if placeholders.FindString(v.AsString()) == v.AsString() {
			mark = wholeMark
		}
		return cty.StringVal(strings.ReplaceAll(v.AsString(), exchange.PlaceholderBegin, mark)), nil
	})
	text := f.holed(string(encode(marked)), wholePattern, exchange.FormValue)
	return []byte(f.holed(text, partPattern, exchange.FormJSON))
}

func (f *feeds) holed(text string, pattern *regexp.Regexp, form exchange.Form) string {
	return pattern.ReplaceAllStringFunc(text, func(found string) string {
		h := f.hole(pattern.FindStringSubmatch(found)[1])
		return exchange.Placeholder(form, h.feed, h.column)
	})
}

// shown writes placeholders for people, as the plan has them.
func (f *feeds) shown(text string) string {
	begin, end := strings.Trim(strconv.Quote(exchange.PlaceholderBegin), `"`), strings.Trim(strconv.Quote(exchange.PlaceholderEnd), `"`)
	text = strings.NewReplacer(begin, exchange.PlaceholderBegin, end, exchange.PlaceholderEnd).Replace(text)
	return placeholders.ReplaceAllStringFunc(text, func(found string) string {
		h := f.hole(placeholders.FindStringSubmatch(found)[1])
		return "${feed." + h.feed + "." + h.column + "}"
	})
}
