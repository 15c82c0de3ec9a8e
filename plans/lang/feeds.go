package lang

import (
	"fmt"
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
	blanked  *feeds // made once: a feed may have many columns
}

// table reads the file of a feed, once.
func (dec *decoder) table(n *node) *table {
	name := get[string](dec.quietly(n), "file")
	if name == "" {
		return nil
	}
	data, ok := dec.content(name, maxData, n.rangeOf("file"))
	if !ok {
		return nil
	}
	path := dec.program.resolvePath(name)
	if dec.program.tables[path] == nil {
		t, err := readTable(name, data)
		if err != nil {
			dec.diags.error("P0429", n.rangeOf("file"), fmt.Sprintf("%s: %v", name, err), "write CSV with a header line, or lines of JSON objects with the same names")
			return nil
		}
		dec.program.tables[path] = t
	}
	return dec.program.tables[path]
}

func (f *feeds) add(name string, t *table) {
	f.names, f.tables[name], f.values[name], f.blanked = append(f.names, name), t, cty.DynamicVal, nil
	if t == nil {
		return
	}
	columns := map[string]cty.Value{}
	for _, column := range t.columns {
		columns[column] = cty.StringVal(exchange.PlaceholderBegin + strconv.Itoa(len(f.holes)) + exchange.PlaceholderEnd)
		f.holes = append(f.holes, hole{name, column})
	}
	f.values[name] = cty.ObjectVal(columns)
}

// blank are the same feeds with nothing in them: what is left of an expression
// then is the user's own text.
func (f *feeds) blank() *feeds {
	if f.blanked != nil {
		return f.blanked
	}
	blank := *f
	f.blanked = &blank
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

// feedsIn are the feeds that expressions of these blocks take values of.
func feedsIn(nodes ...*node) []string {
	var names []string
	for _, n := range nodes {
		n.each(func(c *node) { names = append(names, feedsAt(c)...) })
	}
	return names
}

// feedsAt is the same without blocks inside.
func feedsAt(n *node) []string {
	var names []string
	for _, u := range nodeRefs(n) {
		if name, ok := strings.CutPrefix(u.to, "feed."); ok && !slices.Contains(names, name) {
			names = append(names, name)
		}
	}
	return names
}
