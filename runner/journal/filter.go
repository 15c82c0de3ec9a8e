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

// NewFilter makes a filter for secrets; empty ones are left out. Found are
// also the ways in which logs write a secret: as in JSON, as in a URL, and each
// line of one that has several.
func NewFilter(secrets []string) *Filter {
	var forms []string
	for _, secret := range secrets {
		forms = append(forms, formsOf(secret)...)
	}
	// The longest first: a secret may be a part of another one.
	slices.SortFunc(forms, func(a, b string) int { return cmp.Or(len(b)-len(a), strings.Compare(a, b)) })
	var pairs []string
	for _, form := range slices.Compact(forms) {
		pairs = append(pairs, form, stars)
	}
	return &Filter{strings.NewReplacer(pairs...)}
}

// shortestLine of a secret of several lines that is looked for alone.
const shortestLine = 4

func formsOf(secret string) []string {
	var forms []string
	for _, line := range strings.Split(secret, "\n") {
		if line = strings.TrimSpace(line); len(line) >= shortestLine {
			forms = append(forms, written(line)...)
		}
	}
	return append(forms, written(secret)...)
}

// written lists the ways in which a text is written.
func written(text string) []string {
	if text == "" {
		return nil
	}
	return []string{text, quoted(text, true), quoted(text, false), url.QueryEscape(text), url.PathEscape(text)}
}

// quoted is the text as in JSON, without its quotes.
func quoted(text string, html bool) string {
	var b bytes.Buffer
	encoder := json.NewEncoder(&b)
	encoder.SetEscapeHTML(html)
	_ = encoder.Encode(text) // a string can be encoded
	return strings.TrimSuffix(b.String()[1:], "\"\n")
}

// Text replaces the secrets in a text.
func (f *Filter) Text(text string) string { return f.replacer.Replace(text) }

// Line replaces the secrets in every text of a line, and leaves the line that
// it is given as it is. Times, histograms and the format's own
// words are not texts that a service can write into.
func (f *Filter) Line(line Line) Line {
	return f.copied(reflect.ValueOf(line)).Interface().(Line)
}

// copied is a deep copy with every text replaced.
func (f *Filter) copied(v reflect.Value) reflect.Value {
	c := reflect.New(v.Type()).Elem()
	switch v.Kind() {
	case reflect.String:
		c.SetString(f.replaced(v))
	case reflect.Struct:
		c.Set(v)
		if v.Type() != histograms {
			f.fields(c)
		}
	case reflect.Pointer, reflect.Interface:
		if !v.IsNil() {
			c.Set(f.inside(v))
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

// key is a map's key without secrets: another driver names its requests after
// their URLs. Those that then read the same are told apart by more stars. What
// outputs are called, the plan says.
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

// fields copies what can be changed; a time keeps its parts to itself.
func (f *Filter) fields(c reflect.Value) {
	for i := range c.NumField() {
		if field := c.Field(i); field.CanSet() {
			field.Set(f.copied(field))
		}
	}
}

func (f *Filter) inside(v reflect.Value) reflect.Value {
	value := f.copied(v.Elem())
	if v.Kind() == reflect.Interface {
		return value
	}
	pointer := reflect.New(value.Type())
	pointer.Elem().Set(value)
	return pointer
}

// replaced leaves texts of named types as they are: those have only the values
// that this command gives them, such as verdicts and reasons.
func (f *Filter) replaced(v reflect.Value) string {
	if v.Type() != text {
		return v.String()
	}
	return f.Text(v.String())
}
