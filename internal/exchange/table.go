package exchange

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/url"
	"slices"
	"strings"
)

// Tables holds the valid feeds of a load, and encodes each value that requests
// use once.
type Tables struct {
	feeds   []Feed
	encoded map[placeholder][][]byte // by row
}

// placeholder is a parsed placeholder.
type placeholder struct {
	form   Form
	feed   int
	column int
}

// NewTables checks feeds. The error describes the first invalid one.
func NewTables(feeds []Feed) (*Tables, error) {
	t := &Tables{feeds: feeds, encoded: map[placeholder][][]byte{}}
	for i, feed := range feeds {
		if slices.ContainsFunc(feeds[:i], func(f Feed) bool { return f.Name == feed.Name }) {
			return nil, fmt.Errorf("feed %q: the name is used twice", feed.Name)
		}
		if err := feed.check(); err != nil {
			return nil, fmt.Errorf("feed %q: %w", feed.Name, err)
		}
	}
	return t, nil
}

func (f *Feed) check() error {
	switch {
	case f.Name == "" || strings.ContainsAny(f.Name, " "+PlaceholderBegin+PlaceholderEnd):
		return fmt.Errorf("the name must not be empty or contain a blank")
	case !slices.Contains([]Order{InOrder, Random, Once}, f.Order):
		return fmt.Errorf("unknown order %q: use %s, %s or %s", f.Order, InOrder, Random, Once)
	case len(f.Columns) == 0:
		return fmt.Errorf("the table has no columns")
	case len(f.Rows) == 0:
		return fmt.Errorf("the table has no rows")
	}
	seen := make(map[string]bool, len(f.Columns))
	for i, column := range f.Columns {
		if column == "" || seen[column] {
			return fmt.Errorf("column %d: the name %q must be unique and not empty", i+1, column)
		}
		seen[column] = true
	}
	for i, row := range f.Rows {
		if len(row) != len(f.Columns) {
			return fmt.Errorf("row %d has %d values for %d columns", i+1, len(row), len(f.Columns))
		}
		for j, value := range row {
			if !json.Valid(value) {
				return fmt.Errorf("row %d, column %q: %s is not JSON", i+1, f.Columns[j], shorten(nil, value))
			}
		}
	}
	return nil
}

// parsePlaceholder resolves the three words of a placeholder.
func (t *Tables) parsePlaceholder(form, feed, column string) (h placeholder, err error) {
	h.form = Form(form)
	h.feed = slices.IndexFunc(t.feeds, func(f Feed) bool { return f.Name == feed })
	switch {
	case !slices.Contains([]Form{FormText, FormURL, FormJSON, FormValue}, h.form):
		return h, fmt.Errorf("unknown form %q: use %s, %s, %s or %s", form, FormText, FormURL, FormJSON, FormValue)
	case h.feed < 0:
		return h, fmt.Errorf("there is no feed %q", feed)
	}
	if h.column = slices.Index(t.feeds[h.feed].Columns, column); h.column < 0 {
		return h, fmt.Errorf("feed %q has no column %q; it has %s", feed, column, strings.Join(t.feeds[h.feed].Columns, ", "))
	}
	return h, nil
}

// values returns the encoded values of a placeholder by row.
func (t *Tables) values(h placeholder) [][]byte {
	if known, ok := t.encoded[h]; ok {
		return known
	}
	rows := t.feeds[h.feed].Rows
	values := make([][]byte, len(rows))
	for i, row := range rows {
		values[i] = encodeValue(h.form, row[h.column])
	}
	t.encoded[h] = values
	return values
}

// encodeValue encodes a JSON value in a form.
func encodeValue(form Form, value json.RawMessage) []byte {
	var compact bytes.Buffer
	json.Compact(&compact, value) // the value is valid JSON
	text := compact.String()
	if text[0] == '"' && form != FormValue {
		json.Unmarshal(value, &text)
	}
	switch form {
	case FormURL:
		return []byte(strings.ReplaceAll(url.QueryEscape(text), "+", "%20"))
	case FormJSON:
		var quoted strings.Builder
		encoder := json.NewEncoder(&quoted)
		encoder.SetEscapeHTML(false)
		encoder.Encode(text) // encoding a string cannot fail
		return []byte(strings.TrimSuffix(quoted.String(), "\"\n")[1:])
	}
	return []byte(text)
}
