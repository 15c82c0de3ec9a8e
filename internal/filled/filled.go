// Package filled lets tests check that every field of a value has an effect: a
// test fails with the name of a field that was added to a type and is not used
// further on. It knows no type of this module, and only tests import it.
package filled

import (
	"fmt"
	"reflect"
	"regexp"
	"strings"
	"testing"
	"time"
)

// Fill sets every exported zero field below *v: numbers and texts to unique
// values, bools to true, slices to two elements, maps to one. It keeps fields
// that are set, so that a test can first set fields that accept only certain
// values. It cannot fill interfaces.
func Fill(v any) {
	f := &filler{}
	f.fill(reflect.ValueOf(v).Elem())
}

// filler counts the values, which makes them unique.
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
	case v.Kind() == reflect.Interface: // any value
		v.Set(reflect.ValueOf(fmt.Sprintf("text-%d", f.next())))
	case v.Kind() == reflect.Uint8: // an element of a []byte: a digit, because that is valid JSON
		v.SetUint(uint64('1' + f.next()%9))
	case v.Kind() == reflect.Int64: // as large as typical bytes and nanoseconds
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

// Each changes every value below *v, one at a time, calls f with its path, such
// as Stages[0].Load.Users, and restores it. For maps these are the elements,
// and the keys under the path of the map.
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
	default:
		swapped(path, v, other(v), f)
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

// other returns a different value of the same type. For numbers it is about
// twice as much, so that rounding does not hide it.
func other(v reflect.Value) reflect.Value {
	another := reflect.New(v.Type()).Elem()
	switch {
	case v.Kind() == reflect.Bool:
		another.SetBool(!v.Bool())
	case v.Kind() == reflect.String:
		another.SetString(v.String() + "-other")
	case v.Kind() == reflect.Interface:
		another.Set(reflect.ValueOf(fmt.Sprint(v.Interface(), "-other")))
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

// Case is a value whose fields must have an effect.
type Case struct {
	Of    any        // a pointer; its target is changed and restored
	Gives func() any // returns the effect of the current value
}

// Hold fails for each value below the cases that has no effect in any case: if
// it alone changes, Gives returns the same. excepted lists the permitted
// exceptions with their reasons, by path without indices; an exception includes
// everything below it. Hold also fails for exceptions that are not needed.
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
	idle := map[string]bool{} // exceptions with a value that has no effect
	told := map[string]bool{} // only the first element of a list
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

// written returns a value as text, with everything that it points to, because
// the effect may share memory with the value.
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
		fmt.Fprintf(b, "%q", elements) // sorted by key
	default:
		fmt.Fprintf(b, "%q", fmt.Sprint(v))
	}
}

var index = regexp.MustCompile(`\[[^\]]*\]`)

// exception returns the exception that covers a path; "" without one.
func exception(excepted map[string]string, path string) string {
	name := index.ReplaceAllString(path, "")
	for {
		if _, found := excepted[name]; found || name == "" {
			return name
		}
		name = name[:max(0, strings.LastIndex(name, "."))]
	}
}
