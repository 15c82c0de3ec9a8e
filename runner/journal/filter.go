package journal

import (
	"reflect"

	"plan/engine"
	"plan/internal/mask"
	"plan/internal/printable"
)

// Filter replaces the texts of secrets in values of a journal.
type Filter struct{ *mask.Mask }

// NewFilter returns a filter for secrets.
func NewFilter(secrets []string) *Filter { return &Filter{mask.New(secrets)} }

// Line returns a copy of a line with the secrets in every text replaced. Times,
// histograms and the words of the format are left as they are: no service can
// write into them.
func (f *Filter) Line(line Line) Line {
	return texts(f.Text).copied(reflect.ValueOf(line)).Interface().(Line)
}

// Printable returns a copy of a run without control characters and marks of direction, for people.
func Printable(run Run) Run {
	return texts(printable.Text).copied(reflect.ValueOf(run)).Interface().(Run)
}

// texts copies values with each text replaced.
type texts func(text string) string

// copied returns a deep copy with every text replaced.
func (f texts) copied(v reflect.Value) reflect.Value {
	c := reflect.New(v.Type()).Elem()
	switch v.Kind() {
	case reflect.String:
		c.Set(v)
		if v.Type() == text { // values of named types, such as verdicts and reasons, are constants
			c.SetString(f(v.String()))
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
func (f texts) key(taken, key reflect.Value) reflect.Value {
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
