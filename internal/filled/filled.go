// Package filled helps tests hold every field of a value to what it is for: a
// field that is added to a type and forgotten further on fails them by its
// name. It knows no type of this module, and only tests import it.
package filled

import (
	"fmt"
	"reflect"
	"regexp"
	"strings"
	"testing"
	"time"
)

// Fill gives every exported field below *v that is zero a value of its own: a
// number or a text that no other field has, true, two elements for a slice, one
// for a map. Fields that are set already are kept, so that a test sets first
// what only some words fit. An interface cannot be filled.
func Fill(v any) {
	f := &filler{}
	f.fill(reflect.ValueOf(v).Elem())
}

// filler counts, so that no two values are the same.
type filler struct{ last int64 }

func (f *filler) fill(v reflect.Value) {
	switch v.Kind() {
	case reflect.Struct:
		if v.Type() == moment && v.IsZero() {
			v.Set(reflect.ValueOf(time.Unix(f.next(), 0)))
			return
		}
		for i := range v.NumField() {
			if v.Type().Field(i).IsExported() {
				f.fill(v.Field(i))
			}
		}
	case reflect.Pointer:
		if v.IsNil() {
			v.Set(reflect.New(v.Type().Elem()))
		}
		f.fill(v.Elem())
	case reflect.Slice:
		if v.Len() == 0 {
			v.Set(reflect.MakeSlice(v.Type(), 2, 2))
		}
		for i := range v.Len() {
			f.fill(v.Index(i))
		}
	case reflect.Map:
		if v.Len() == 0 {
			key, element := reflect.New(v.Type().Key()).Elem(), reflect.New(v.Type().Elem()).Elem()
			f.fill(key)
			f.fill(element)
			v.Set(reflect.MakeMap(v.Type()))
			v.SetMapIndex(key, element)
		}
	default:
		if v.IsZero() {
			f.scalar(v)
		}
	}
}

var moment = reflect.TypeFor[time.Time]()

func (f *filler) next() int64 {
	f.last++
	return 1000 + f.last
}

func (f *filler) scalar(v reflect.Value) {
	switch {
	case v.Kind() == reflect.Bool:
		v.SetBool(true)
	case v.Kind() == reflect.String:
		v.SetString(fmt.Sprintf("text-%d", f.next()))
	case v.Kind() == reflect.Uint8: // of bytes, which are no numbers: a digit is JSON too
		v.SetUint(uint64('1' + f.next()%9))
	case v.Kind() == reflect.Int64: // as large as bytes and nanoseconds are
		v.SetInt(f.next() << 20)
	case v.CanInt():
		v.SetInt(f.next())
	case v.CanUint():
		v.SetUint(uint64(f.next()))
	case v.CanFloat():
		v.SetFloat(float64(f.next()))
	default:
		panic(fmt.Sprintf("a %s cannot be filled", v.Type()))
	}
}

// Each gives every single value below *v, in turn, another value, calls f with
// its path, such as Stages[0].Load.Users, and puts the first one back. Of a map
// these are its elements and, at the path of the map, its keys.
func Each(v any, f func(path string)) { each("", reflect.ValueOf(v).Elem(), f) }

func each(path string, v reflect.Value, f func(path string)) {
	switch v.Kind() {
	case reflect.Struct:
		if v.Type() == moment {
			swapped(path, v, reflect.ValueOf(v.Interface().(time.Time).Add(time.Hour)), f)
			return
		}
		for i := range v.NumField() {
			if field := v.Type().Field(i); field.IsExported() {
				each(strings.TrimPrefix(path+"."+field.Name, "."), v.Field(i), f)
			}
		}
	case reflect.Pointer:
		if !v.IsNil() {
			each(path, v.Elem(), f)
		}
	case reflect.Slice:
		if v.Type().Elem().Kind() == reflect.Uint8 {
			swapped(path, v, reflect.Append(v.Slice3(0, v.Len(), v.Len()), reflect.ValueOf(byte('0')).Convert(v.Type().Elem())), f)
			return
		}
		for i := range v.Len() {
			each(fmt.Sprintf("%s[%d]", path, i), v.Index(i), f)
		}
	case reflect.Map:
		eachOfMap(path, v, f)
	default:
		swapped(path, v, other(v), f)
	}
}

func eachOfMap(path string, v reflect.Value, f func(path string)) {
	for _, key := range v.MapKeys() {
		element := reflect.New(v.Type().Elem()).Elem()
		element.Set(v.MapIndex(key))
		each(fmt.Sprintf("%s[%v]", path, key), element, func(path string) {
			before := v.MapIndex(key)
			v.SetMapIndex(key, element)
			f(path)
			v.SetMapIndex(key, before)
		})
		renamed := reflect.MakeMap(v.Type())
		renamed.SetMapIndex(other(key), v.MapIndex(key))
		swapped(path, v, renamed, f)
	}
}

// swapped calls f while v has another value.
func swapped(path string, v, another reflect.Value, f func(path string)) {
	before := reflect.New(v.Type()).Elem()
	before.Set(v)
	v.Set(another)
	f(path)
	v.Set(before)
}

// other is a value of the same type that is another one: of a number about
// twice as much, which no rounding hides.
func other(v reflect.Value) reflect.Value {
	another := reflect.New(v.Type()).Elem()
	switch {
	case v.Kind() == reflect.Bool:
		another.SetBool(!v.Bool())
	case v.Kind() == reflect.String:
		another.SetString(v.String() + "-other")
	case v.CanInt():
		another.SetInt(2*v.Int() + 1)
	case v.CanUint():
		another.SetUint(2*v.Uint() + 1)
	case v.CanFloat():
		another.SetFloat(2*v.Float() + 1)
	default:
		panic(fmt.Sprintf("a %s cannot be changed", v.Type()))
	}
	return another
}

// Case is a value whose fields are held to what comes of it.
type Case struct {
	Of    any        // a pointer; what it points to is changed, and put back
	Gives func() any // what comes of it now
}

// Hold fails for each value below the cases whose change alone changes nothing
// of what comes of it, in any of the cases. Excepted says why that may be: by a
// path without indices, for all that is below it. It fails for an exception
// that is none, too: so the table says what is so.
func Hold(t testing.TB, excepted map[string]string, cases ...Case) {
	t.Helper()
	for _, fault := range faults(excepted, cases) {
		t.Error(fault)
	}
}

func faults(excepted map[string]string, cases []Case) []string {
	var paths []string // in order
	matters := map[string]bool{}
	for _, c := range cases {
		before := written(c.Gives())
		Each(c.Of, func(path string) {
			known, met := matters[path]
			if !met {
				paths = append(paths, path)
			}
			matters[path] = known || before != written(c.Gives())
		})
	}
	var found []string
	idle := map[string]bool{} // exceptions under which something changes nothing
	told := map[string]bool{} // of the elements of a list the first
	for _, path := range paths {
		name, field := exception(excepted, path), index.ReplaceAllString(path, "")
		idle[name] = idle[name] || !matters[path]
		if name == "" && !matters[path] && !told[field] {
			told[field] = true
			found = append(found, path+" is forgotten: whatever it is, the same comes of it")
		}
	}
	for name, reason := range excepted {
		if !idle[name] || reason == "" {
			found = append(found, fmt.Sprintf("%s is no exception (%q): there is no such field, or it matters", name, reason))
		}
	}
	return found
}

// written is a value as a text, with all that it points to: what comes of a
// value may share memory with it.
func written(v any) string {
	var b strings.Builder
	write(&b, reflect.ValueOf(v))
	return b.String()
}

func write(b *strings.Builder, v reflect.Value) {
	switch v.Kind() {
	case reflect.Pointer, reflect.Interface:
		b.WriteString("&")
		if !v.IsNil() {
			write(b, v.Elem())
		}
	case reflect.Struct:
		for i := range v.NumField() {
			fmt.Fprintf(b, "%s{", v.Type().Field(i).Name)
			write(b, v.Field(i))
			b.WriteString("}")
		}
	case reflect.Slice, reflect.Array:
		for i := range v.Len() {
			b.WriteString("[")
			write(b, v.Index(i))
			b.WriteString("]")
		}
	case reflect.Map:
		elements := map[string]string{}
		for _, key := range v.MapKeys() {
			var element strings.Builder
			write(&element, v.MapIndex(key))
			elements[fmt.Sprint(key)] = element.String()
		}
		fmt.Fprintf(b, "%q", elements) // in the order of the keys
	default:
		fmt.Fprintf(b, "%q", fmt.Sprint(v))
	}
}

var index = regexp.MustCompile(`\[[^\]]*\]`)

// exception is the name in the table under which a path falls; "" for none.
func exception(excepted map[string]string, path string) string {
	name := index.ReplaceAllString(path, "")
	for {
		if _, found := excepted[name]; found || name == "" {
			return name
		}
		name = name[:max(0, strings.LastIndex(name, "."))]
	}
}
