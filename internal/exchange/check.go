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

// BodyLimit is how long the body of an answer may be that checks are held
// against, in bytes, as it came and unpacked.
const BodyLimit = 1 << 20

// shownBytes is how much of a body or of a value the detail of a check shows.
const shownBytes = 120

// CheckPath tells what is wrong with a JSONPath.
func CheckPath(path string) error {
	_, err := parsePath(path)
	return err
}

func parsePath(path string) (jp.Expr, error) {
	if !strings.HasPrefix(path, "$") {
		return nil, fmt.Errorf(`JSONPath %q: it has to start with "$", which is the whole body`, path)
	}
	expression, err := jp.ParseString(path)
	if err != nil {
		return nil, fmt.Errorf("JSONPath %q: %w", path, err)
	}
	return expression, nil
}

// check is a Check, made ready to be held against any number of bodies.
type check struct {
	Check
	path   jp.Expr
	wanted any
}

func newCheck(c Check) (ready check, err error) {
	ready.Check = c
	switch {
	case c.Text == "" && c.Path == "":
		return ready, errors.New("it needs a text or a path")
	case len(c.Equals) > 0 && c.Path == "":
		return ready, errors.New("what something is to be equal to needs a path")
	}
	if c.Path != "" {
		if ready.path, err = parsePath(c.Path); err != nil {
			return ready, err
		}
	}
	if len(c.Equals) > 0 {
		if ready.wanted, err = parseJSON(c.Equals); err != nil {
			return ready, fmt.Errorf("%s is no JSON: %w", shorten(c.Equals), err)
		}
	}
	return ready, nil
}

// checks are those of a request.
type checks struct {
	all     []check
	unpacks unpacker
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

// judge tells which check a body does not meet and what there is instead, and
// nothing when it meets all. length is that of the whole body, of which only
// the first BodyLimit bytes need to be there.
func (c *checks) judge(encoding string, body []byte, length int64) string {
	if length > BodyLimit {
		return fmt.Sprintf("a body of %d bytes, of which no more than %d can be checked", length, BodyLimit)
	}
	body, err := c.unpacks.unpack(encoding, body)
	if err != nil {
		return err.Error()
	}
	document := document{body: body}
	for i := range c.all {
		if fault := c.all[i].fault(&document); fault != "" {
			return fmt.Sprintf("check %d: %s", i+1, fault)
		}
	}
	return ""
}

// fault is how a document does not meet the check.
func (c *check) fault(d *document) string {
	if c.Text != "" && bytes.Contains(d.body, []byte(c.Text)) == c.Not {
		stands := "does not stand"
		if c.Not {
			stands = "stands"
		}
		return fmt.Sprintf("%q %s in %s", c.Text, stands, shorten(d.body))
	}
	if c.path == nil {
		return ""
	}
	value, err := d.value()
	if err != nil {
		return fmt.Sprintf("%s is no JSON: %v", shorten(d.body), err)
	}
	selected, err := c.selects(value)
	if err != nil {
		return fmt.Sprintf("%s cannot be evaluated on %s: %v", c.Path, shorten(d.body), err)
	}
	if len(selected) == 0 && !c.Not {
		return fmt.Sprintf("%s selects nothing in %s", c.Path, shorten(d.body))
	}
	for _, is := range selected {
		if asked := len(c.Equals) == 0 || reflect.DeepEqual(is, c.wanted); asked != c.Not {
			continue
		}
		text, _ := json.Marshal(is) // it came from JSON
		if c.Not {
			return fmt.Sprintf("%s is %s in %s", c.Path, shorten(text), shorten(d.body))
		}
		return fmt.Sprintf("%s is %s, not %s", c.Path, shorten(text), shorten(c.Equals))
	}
	return ""
}

// selects is what the path selects. The library panics at filters that compare
// objects or lists with each other, which nobody sees in a path.
func (c *check) selects(value any) (selected []any, err error) {
	defer func() {
		if fault := recover(); fault != nil {
			err = fmt.Errorf("%v", fault)
		}
	}()
	return c.path.Get(value), nil
}

// document is a body that is parsed when a check asks for it.
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

// shorten is the start of a text, for people.
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
