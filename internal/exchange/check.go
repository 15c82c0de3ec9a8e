package exchange

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"reflect"
	"strings"
	"unicode/utf8"

	"github.com/ohler55/ojg/jp"
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
}

func newCheck(c Check) (ready check, err error) {
	ready.Check = c
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
			return ready, fmt.Errorf("%s is not JSON: %w", shorten(c.Equals), err)
		}
	}
	return ready, nil
}

// checks are the compiled checks of a request.
type checks struct {
	all      []check
	unpacker unpacker
}

func newChecks(of []Check) (*checks, error) {
	var c checks
	for i := range of {
		ready, err := newCheck(of[i])
		if err != nil {
			return nil, fmt.Errorf("check %d: %w", i+1, err)
		}
		c.all = append(c.all, ready)
	}
	return &c, nil
}

// firstViolation returns a description of the first check that a body violates,
// or "". length is the size of the whole body; body needs to hold only its
// first BodyLimit bytes.
func (c *checks) firstViolation(encoding string, body []byte, length int64) string {
	if length > BodyLimit {
		return fmt.Sprintf("the body has %d bytes, and checks support at most %d", length, BodyLimit)
	}
	body, err := c.unpacker.unpack(encoding, body)
	if err != nil {
		return err.Error()
	}
	document := document{body: body}
	for i := range c.all {
		if fault := c.all[i].violation(&document); fault != "" {
			return fmt.Sprintf("check %d: %s", i+1, fault)
		}
	}
	return ""
}

// violation returns how a document violates the check, or "".
func (c *check) violation(d *document) string {
	if c.Text != "" && bytes.Contains(d.body, []byte(c.Text)) == c.Not {
		contains := "does not contain"
		if c.Not {
			contains = "contains"
		}
		return fmt.Sprintf("the body %s %q: %s", contains, c.Text, shorten(d.body))
	}
	if c.path == nil {
		return ""
	}
	value, err := d.value()
	if err != nil {
		return fmt.Sprintf("%s is not JSON: %v", shorten(d.body), err)
	}
	selected, err := c.selectValues(value)
	if err != nil {
		return fmt.Sprintf("%s cannot be evaluated on %s: %v", c.Path, shorten(d.body), err)
	}
	if len(selected) == 0 && !c.Not {
		return fmt.Sprintf("%s selects nothing in %s", c.Path, shorten(d.body))
	}
	for _, is := range selected {
		if asked := len(c.Equals) == 0 || reflect.DeepEqual(is, c.want); asked != c.Not {
			continue
		}
		text, _ := json.Marshal(is) // the value came from JSON
		if c.Not {
			return fmt.Sprintf("%s is %s in %s", c.Path, shorten(text), shorten(d.body))
		}
		return fmt.Sprintf("%s is %s, not %s", c.Path, shorten(text), shorten(c.Equals))
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

// shorten returns the start of a text, for people.
func shorten(text []byte) string {
	switch {
	case len(text) == 0:
		return "nothing"
	case len(text) <= shownBytes:
		return strings.ToValidUTF8(string(text), "\uFFFD")
	}
	end := shownBytes
	for end > shownBytes-utf8.UTFMax && !utf8.RuneStart(text[end]) {
		end--
	}
	return strings.ToValidUTF8(string(text[:end]), "\uFFFD") + "…"
}
