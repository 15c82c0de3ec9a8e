package plans

import (
	"fmt"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/zclconf/go-cty/cty"

	"plan/internal/exchange"
)

// feeds are what the requests of one scenario can take values of. While its
// expressions are evaluated a placeholder stands for each column, since the
// value is another one for each request. What is built of them has a hole
// there, in the form that the place asks for.
type feeds struct {
	scenario string // address
	names    []string
	tables   map[string]*table // nil where a file could not be read, or is not known yet
	holes    []hole            // by the number in their placeholder
	values   map[string]cty.Value
}

// hole is a column of a feed.
type hole struct{ feed, column string }

// placeholder is the text that stands for a hole.
func placeholder(number int) string {
	return exchange.HoleBegin + strconv.Itoa(number) + exchange.HoleEnd
}

var placeholders = regexp.MustCompile(exchange.HoleBegin + `([0-9]+)` + exchange.HoleEnd)

// inFeeds is an evaluator for what stands in a scenario.
func (e *evaluator) inFeeds(n *node) *evaluator {
	within := *e
	within.feeds = &feeds{scenario: n.address, tables: map[string]*table{}, values: map[string]cty.Value{}}
	for _, c := range n.all("feed") {
		if _, twice := within.feeds.tables[c.label]; !twice {
			within.feeds.add(c.label, e.table(c))
		}
	}
	return &within
}

// table reads the file of a feed, once.
func (e *evaluator) table(n *node) *table {
	name := get[string](e.quietly(n), "file")
	if name == "" {
		return nil
	}
	data, ok := e.content(name, maxData, n.place("file"))
	if !ok {
		return nil
	}
	path := e.beside(name)
	if e.tables[path] == nil {
		t, err := readTable(name, data)
		if err != nil {
			e.error("P0429", n.place("file"), fmt.Sprintf("%s: %v", name, err), "write CSV with a header line, or lines of JSON objects with the same names")
			return nil
		}
		e.tables[path] = t
	}
	return e.tables[path]
}

func (f *feeds) add(name string, t *table) {
	f.names, f.tables[name], f.values[name] = append(f.names, name), t, cty.DynamicVal
	if t == nil {
		return
	}
	columns := map[string]cty.Value{}
	for _, column := range t.columns {
		columns[column] = cty.StringVal(placeholder(len(f.holes)))
		f.holes = append(f.holes, hole{name, column})
	}
	f.values[name] = cty.ObjectVal(columns)
}

// blank are the same feeds with nothing in them: what is left of an expression
// then is the user's own text.
func (f *feeds) blank() *feeds {
	blank := *f
	blank.values = map[string]cty.Value{}
	for name, v := range f.values {
		blank.values[name], _ = cty.Transform(v, func(_ cty.Path, v cty.Value) (cty.Value, error) {
			if v.Type() == cty.String && v.IsKnown() {
				return cty.StringVal(""), nil
			}
			return v, nil
		})
	}
	return &blank
}

// taken lists the holes of a text.
func (f *feeds) taken(text string) []hole {
	var list []hole
	for _, match := range placeholders.FindAllStringSubmatch(text, -1) {
		list = append(list, f.hole(match[1]))
	}
	return list
}

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
		b.WriteString(escape(text[at:match[0]]) + exchange.Hole(form, h.feed, h.column))
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
	wholeMark = exchange.HoleBegin + "v"
	partMark  = exchange.HoleBegin + "j"
)

var (
	wholePattern = regexp.MustCompile(`"` + wholeMark + `([0-9]+)` + exchange.HoleEnd + `"`)
	partPattern  = regexp.MustCompile(partMark + `([0-9]+)` + exchange.HoleEnd)
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
		return cty.StringVal(strings.ReplaceAll(v.AsString(), exchange.HoleBegin, mark)), nil
	})
	text := f.holed(string(encode(marked)), wholePattern, exchange.FormValue)
	return []byte(f.holed(text, partPattern, exchange.FormJSON))
}

func (f *feeds) holed(text string, pattern *regexp.Regexp, form exchange.Form) string {
	return pattern.ReplaceAllStringFunc(text, func(found string) string {
		h := f.hole(pattern.FindStringSubmatch(found)[1])
		return exchange.Hole(form, h.feed, h.column)
	})
}

// shown writes placeholders for people, as the plan has them.
func (f *feeds) shown(text string) string {
	begin, end := strings.Trim(strconv.Quote(exchange.HoleBegin), `"`), strings.Trim(strconv.Quote(exchange.HoleEnd), `"`)
	text = strings.NewReplacer(begin, exchange.HoleBegin, end, exchange.HoleEnd).Replace(text)
	return placeholders.ReplaceAllStringFunc(text, func(found string) string {
		h := f.taken(found)[0]
		return "${feed." + h.feed + "." + h.column + "}"
	})
}

// used are the feeds that expressions of these blocks take values of.
func used(nodes ...*node) []string {
	var names []string
	for _, n := range nodes {
		n.each(func(c *node) { names = append(names, usedAt(c)...) })
	}
	return names
}

// usedAt is the same without blocks inside.
func usedAt(n *node) []string {
	var names []string
	for _, u := range nodeUses(n) {
		if name, ok := strings.CutPrefix(u.to, "feed."); ok && !slices.Contains(names, name) {
			names = append(names, name)
		}
	}
	return names
}

// buildFeeds gives the feeds that a scenario uses. What each user asks for once
// it asks for with one row, and so keeps that.
func buildFeeds(r *record) []exchange.Feed {
	all, once := used(r.node), []string{}
	if start := r.node.first("on_start"); start != nil {
		once = append(used(append(r.node.all("auth"), start)...), usedAt(r.node)...)
	}
	var list []exchange.Feed
	for _, c := range r.every("feed") {
		if t := r.feeds.tables[c.label]; t != nil && slices.Contains(all, c.label) {
			list = append(list, exchange.Feed{
				Name: c.label, Order: exchange.Order(get[string](c, "order")), PerUser: slices.Contains(once, c.label),
				Columns: t.columns, Rows: t.rows,
			})
		}
	}
	return list
}
