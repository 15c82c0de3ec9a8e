package exchange

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"reflect"
	"strings"

	"github.com/ohler55/ojg/jp"

	"plan/internal/mask"
)

// BodyLimit is the maximum size of a response body that can be checked, in
// bytes, both as received and decompressed.
const BodyLimit = 1 << 20

// shownBytes is how many bytes of a body or value the detail of a check shows.
const shownBytes = 120

// CheckPath returns an error if the JSONPath is invalid.
func CheckPath(path string) error {
	_, err := parsePath(path)
	return err
}

func parsePath(path string) (jp.Expr, error) {
	if !strings.HasPrefix(path, "$") {
		return nil, fmt.Errorf(`JSONPath %q: it must start with "$", the whole body`, path)
	}
	expression, err := jp.ParseString(path)
	if err != nil {
		return nil, fmt.Errorf("JSONPath %q: %w", path, err)
	}
	return expression, nil
}

// check is a compiled Check. It can be applied to any number of bodies.
type check struct {
	Check
	path jp.Expr
	want any
	mask *mask.Mask
}

func newCheck(c Check, m *mask.Mask) (ready check, err error) {
	ready.Check, ready.mask = c, m
	switch {
	case c.Text == "" && c.Path == "":
		return ready, errors.New("it needs a text or a path")
	case len(c.Equals) > 0 && c.Path == "":
		return ready, errors.New("equals requires a path")
	}
	if c.Path != "" {
		if ready.path, err = parsePath(c.Path); err != nil {
			return ready, err
		}
	}
	if len(c.Equals) > 0 {
		if ready.want, err = parseJSON(c.Equals); err != nil {
			return ready, fmt.Errorf("%s is not JSON: %w", shorten(m, c.Equals), err)
		}
	}
	return ready, nil
}

// checks are the compiled checks of a request.
type checks struct {
	all      []check
	unpacker unpacker
}

// violation returns how a document violates the check, or "".
func (c *check) violation(d *document) string {
	if c.Text != "" && bytes.Contains(d.body, []byte(c.Text)) == c.Not {
		contains := "does not contain"
		if c.Not {
			contains = "contains"
		}
		return fmt.Sprintf("the body %s %q: %s", contains, c.Text, shorten(c.mask, d.body))
	}
	if c.path == nil {
		return ""
	}
	value, err := d.value()
	if err != nil {
		return fmt.Sprintf("%s is not JSON: %v", shorten(c.mask, d.body), err)
	}
	selected, err := c.selectValues(value)
	if err != nil {
		return fmt.Sprintf("%s cannot be evaluated on %s: %v", c.Path, shorten(c.mask, d.body), err)
	}
	if len(selected) == 0 && !c.Not {
		return fmt.Sprintf("%s selects nothing in %s", c.Path, shorten(c.mask, d.body))
	}
	for _, is := range selected {
		if asked := len(c.Equals) == 0 || reflect.DeepEqual(is, c.want); asked != c.Not {
			continue
		}
		text, _ := json.Marshal(is) // the value came from JSON
		if c.Not {
			return fmt.Sprintf("%s is %s in %s", c.Path, shorten(c.mask, text), shorten(c.mask, d.body))
		}
		return fmt.Sprintf("%s is %s, not %s", c.Path, shorten(c.mask, text), shorten(c.mask, c.Equals))
	}
	return ""
}

// selectValues returns the values that the path selects. The library panics if
// a filter compares objects or lists with each other, which cannot be seen from
// the path.
func (c *check) selectValues(value any) (selected []any, err error) {
	defer func() {
		if fault := recover(); fault != nil {
			err = fmt.Errorf("%v", fault)
		}
	}()
	return c.path.Get(value), nil
}

// document is a body that is parsed when a check needs it.
type document struct {
	body   []byte
	parsed bool
	json   any
	err    error
}

func (d *document) value() (any, error) {
	if !d.parsed {
		d.json, d.err = parseJSON(d.body)
		d.parsed = true
	}
	return d.json, d.err
}

// shorten returns the start of a text without secrets, for people.
func shorten(m *mask.Mask, text []byte) string {
	if len(text) == 0 {
		return "nothing"
	}
	kept := min(len(text), shownBytes+m.Reach())
	masked := m.Cut(string(text[:kept]), kept, kept < len(text))
	shown := strings.ToValidUTF8(m.Cut(masked, shownBytes, false), "\uFFFD")
	if kept < len(text) || len(masked) > shownBytes {
		shown += "…"
	}
	return shown
}
