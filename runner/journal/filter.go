package journal

import (
	"bytes"
	"cmp"
	"encoding/json"
	"net/url"
	"reflect"
	"slices"
	"strings"

	"plan/engine"
)

// Filter replaces the texts of secrets by three stars.
type Filter struct{ replacer *strings.Replacer }

// stars stand where a secret stood.
const stars = "***"

// NewFilter returns a filter for secrets; empty ones are left out. It also finds them
// as they are written in JSON and in URLs, and each line of one that has several.
func NewFilter(secrets []string) *Filter {
	var forms []string
	for _, secret := range secrets {
		for _, line := range strings.Split(secret, "\n") {
			if line = strings.TrimSpace(line); len(line) >= shortestLine {
				forms = append(forms, written(line)...)
			}
		}
		forms = append(forms, written(secret)...)
	}
	// The longest first: a secret may be a part of another one.
	slices.SortFunc(forms, func(a, b string) int { return cmp.Or(len(b)-len(a), strings.Compare(a, b)) })
	var pairs []string
	for _, form := range slices.Compact(forms) {
		pairs = append(pairs, form, stars)
	}
	return &Filter{strings.NewReplacer(pairs...)}
}

// shortestLine of a secret with several lines that is replaced by itself.
const shortestLine = 4

// written returns the forms in which a text may be written.
func written(text string) []string {
	if text == "" {
		return nil
	}
	return []string{text, quoted(text, true), quoted(text, false), url.QueryEscape(text), url.PathEscape(text)}
}

// quoted returns the text as in JSON, without its quotes.
func quoted(text string, html bool) string {
	var b bytes.Buffer
	encoder := json.NewEncoder(&b)
	encoder.SetEscapeHTML(html)
	_ = encoder.Encode(text) // a string can be encoded
	return strings.TrimSuffix(b.String()[1:], "\"\n")
}

// Text replaces the secrets in a text.
func (f *Filter) Text(text string) string { return f.replacer.Replace(text) }

// Line returns a copy of a line with the secrets in every text replaced. Times,
// histograms and the words of the format are left as they are: no service can
// write into them.
func (f *Filter) Line(line Line) Line {
	return f.copied(reflect.ValueOf(line)).Interface().(Line)
}

// copied returns a deep copy with every text replaced.
func (f *Filter) copied(v reflect.Value) reflect.Value {
	c := reflect.New(v.Type()).Elem()
	switch v.Kind() {
	case reflect.String:
		c.Set(v)
		if v.Type() == text { // values of named types, such as verdicts and reasons, are constants
			c.SetString(f.Text(v.String()))
		}
	case reflect.Struct:
		c.Set(v)
		for i := 0; i < c.NumField() && v.Type() != histograms; i++ {
			if field := c.Field(i); field.CanSet() { // an exported one; those of a time are not
				field.Set(f.copied(field))
			}
		}
	case reflect.Pointer:
		if !v.IsNil() {
			c.Set(reflect.New(v.Type().Elem()))
			c.Elem().Set(f.copied(v.Elem()))
		}
	case reflect.Interface:
		if !v.IsNil() {
			c.Set(f.copied(v.Elem()))
		}
	case reflect.Slice:
		if !v.IsNil() {
			c.Set(reflect.MakeSlice(v.Type(), v.Len(), v.Len()))
		}
		for i := range v.Len() {
			c.Index(i).Set(f.copied(v.Index(i)))
		}
	case reflect.Map:
		if !v.IsNil() {
			c.Set(reflect.MakeMapWithSize(v.Type(), v.Len()))
		}
		for entry := v.MapRange(); entry.Next(); {
			c.SetMapIndex(f.key(c, entry.Key()), f.copied(entry.Value()))
		}
	default:
		c.Set(v)
	}
	return c
}

// key returns a map's key without secrets: a foreign driver names requests by their
// URLs. Keys that become equal get more stars. Names of outputs come from the plan,
// and are kept.
func (f *Filter) key(taken, key reflect.Value) reflect.Value {
	if taken.Type() == outputs {
		return key
	}
	c := f.copied(key)
	for c.Kind() == reflect.String && c.String() != key.String() && taken.MapIndex(c).IsValid() {
		c.SetString(c.String() + "*")
	}
	return c
}

var (
	histograms = reflect.TypeFor[engine.Histograms]()
	outputs    = reflect.TypeFor[map[string]any]()
	text       = reflect.TypeFor[string]()
)
