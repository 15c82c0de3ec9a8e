package formats

import (
	"bytes"
	"encoding/json"
	"maps"
	"os"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/santhosh-tekuri/jsonschema/v6"

	"plan/internal/exchange"
	"plan/report/fixture"
	"plan/runner/journal"
)

const schemaPath = "../../docs/report.schema.json"

func schema(t *testing.T) *jsonschema.Schema {
	t.Helper()
	compiler := jsonschema.NewCompiler()
	compiler.AssertFormat()
	s, err := compiler.Compile(schemaPath)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func jsonOf(t *testing.T, run journal.Run) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := jsonReport(&b, run); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func valid(t *testing.T, s *jsonschema.Schema, text []byte) error {
	t.Helper()
	value, err := jsonschema.UnmarshalJSON(bytes.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	return s.Validate(value)
}

func TestEveryReportHoldsToTheSchema(t *testing.T) {
	s := schema(t)
	cases := fixture.Runs()
	cases["empty"] = journal.Run{FormatVersion: journal.Format}
	for name, run := range cases {
		if err := valid(t, s, jsonOf(t, run)); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestTheSchemaRefusesWhatItDoesNotDescribe(t *testing.T) {
	s, text := schema(t), string(jsonOf(t, fixture.Whole()))
	for _, change := range [][2]string{
		{`"format_version": 1`, `"format_version": 2`},
		{`"sha256":`, `"sha1":`},
		{`"oom_kills": 0`, `"oom_kills": "none"`},
		{`"users_never_answered": 4,`, ``},
		{`"timeout": 1344`, `"slow": 1344`},
		{`"reason": "oom_start"`, `"reason": "oom"`},
		{`"started": "2026-03-01T12:00:00Z"`, `"started": "yesterday"`},
	} {
		changed := strings.Replace(text, change[0], change[1], 1)
		if changed == text {
			t.Errorf("%s is not in the report", change[0])
		} else if err := valid(t, s, []byte(changed)); err == nil {
			t.Errorf("%s is accepted in place of %s", change[1], change[0])
		}
	}
}

// definition is a part of the schema as far as this test reads it.
type definition struct {
	Ref                  string                 `json:"$ref"`
	Description          string                 `json:"description"`
	AdditionalProperties any                    `json:"additionalProperties"`
	Required             []string               `json:"required"`
	Properties           map[string]*definition `json:"properties"`
	Items                *definition            `json:"items"`
	AnyOf                []*definition          `json:"anyOf"`
	Defs                 map[string]*definition `json:"$defs"`
}

// checker holds the schema against the types that are written.
type checker struct {
	t    *testing.T
	root *definition
}

func TestTheSchemaDescribesEveryFieldOfTheTypes(t *testing.T) {
	text, err := os.ReadFile(schemaPath)
	if err != nil {
		t.Fatal(err)
	}
	var root definition
	if err := json.Unmarshal(text, &root); err != nil {
		t.Fatal(err)
	}
	c := checker{t, &root}
	c.holds("report", &root, reflect.TypeFor[document]())
	for name, d := range root.Defs {
		if d.Description == "" || d.AdditionalProperties != false {
			t.Errorf("%s is not described, or allows anything", name)
		}
	}
}

func (c checker) holds(path string, d *definition, typ reflect.Type) {
	for typ.Kind() == reflect.Pointer || typ.Kind() == reflect.Slice {
		typ = typ.Elem()
	}
	d = c.resolved(d)
	if typ.Kind() == reflect.Map && typ.Elem().Kind() == reflect.Struct {
		c.holds(path+".*", c.values(d), typ.Elem())
	}
	if typ.Kind() != reflect.Struct || len(d.Properties) == 0 {
		return
	}
	fields := fieldsOf(typ)
	if diff := cmp.Diff(slices.Sorted(maps.Keys(fields)), slices.Sorted(maps.Keys(d.Properties))); diff != "" {
		c.t.Errorf("%s: fields (-) and schema (+) differ:\n%s", path, diff)
		return
	}
	if d.AdditionalProperties != false {
		c.t.Errorf("%s allows fields that are not described", path)
	}
	for name, field := range fields {
		property := d.Properties[name]
		if property.Description == "" {
			c.t.Errorf("%s.%s is not described", path, name)
		}
		optional := strings.Contains(field.Tag.Get("json"), ",omit")
		if slices.Contains(d.Required, name) == optional {
			c.t.Errorf("%s.%s: required in the schema: %v, may be missing: %v", path, name, !optional, optional)
		}
		c.holds(path+"."+name, property, field.Type)
	}
}

// resolved follows references, lists and "or null".
func (c checker) resolved(d *definition) *definition {
	switch {
	case d.Ref != "":
		return c.resolved(c.root.Defs[strings.TrimPrefix(d.Ref, "#/$defs/")])
	case d.Items != nil:
		return c.resolved(d.Items)
	case len(d.AnyOf) > 0:
		return c.resolved(d.AnyOf[0])
	}
	return d
}

// values is what a map holds.
func (c checker) values(d *definition) *definition {
	text, err := json.Marshal(d.AdditionalProperties)
	if err != nil {
		c.t.Fatal(err)
	}
	var values definition
	if err := json.Unmarshal(text, &values); err != nil {
		c.t.Fatal(err)
	}
	return &values
}

// fieldsOf returns the fields of a type as they are written: those of an outer
// struct hide those of the ones in it. One that writes itself has members of numbers.
func fieldsOf(typ reflect.Type) map[string]reflect.StructField {
	fields := map[string]reflect.StructField{}
	if own, ok := reflect.Zero(typ).Interface().(json.Marshaler); ok {
		text, _ := own.MarshalJSON()
		var members map[string]*float64
		if err := json.Unmarshal(text, &members); err != nil {
			panic(err)
		}
		for name := range members {
			fields[name] = reflect.StructField{Name: name, Type: reflect.TypeFor[float64]()}
		}
		return fields
	}
	for i := range typ.NumField() {
		if f := typ.Field(i); f.Anonymous {
			maps.Copy(fields, fieldsOf(f.Type))
		}
	}
	for i := range typ.NumField() {
		f := typ.Field(i)
		name, _, _ := strings.Cut(f.Tag.Get("json"), ",")
		if !f.Anonymous && name != "-" && name != "evidence" {
			fields[name] = f
		}
	}
	return fields
}

// The classes of the schema are those of the code.
func TestTheSchemaKnowsEveryClassOfError(t *testing.T) {
	s := schema(t)
	for _, class := range []exchange.Class{
		exchange.Refused, exchange.Reset, exchange.ConnectTimeout, exchange.Timeout, exchange.DNS, exchange.TLS, exchange.HTTP4xx,
		exchange.HTTP5xx, exchange.HTTPOther, exchange.ShortBody, exchange.IdleClosed, exchange.Socket, exchange.Other,
	} {
		run := fixture.Whole()
		run.Stages[0].Trials[0].Load.Errors = map[exchange.Class]int64{class: 1}
		if err := valid(t, s, jsonOf(t, run)); err != nil {
			t.Errorf("%s: %v", class, err)
		}
	}
}

func TestTheReportLeavesTheRunAsItIs(t *testing.T) {
	run := fixture.Whole()
	text := string(jsonOf(t, run))
	if run.Stages[0].Trials[0].Evidence == nil {
		t.Error("the evidence is gone from the run")
	}
	if strings.Contains(text, "evidence") || strings.Contains(text, "a line of the service's log") {
		t.Error("the evidence is in the report")
	}
	if !strings.Contains(string(jsonOf(t, fixture.Runs()["unfinished"])), `"exit_code": null,`) {
		t.Error("an unfinished run has an exit code")
	}
}

// A field that a run gains is in the report too.
func TestTheReportHasEveryFieldOfARun(t *testing.T) {
	for _, types := range [][2]reflect.Type{
		{reflect.TypeFor[journal.Run](), reflect.TypeFor[document]()},
		{reflect.TypeFor[journal.Header](), reflect.TypeFor[header]()},
	} {
		want, got := slices.Sorted(maps.Keys(fieldsOf(types[0]))), slices.Sorted(maps.Keys(fieldsOf(types[1])))
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%v:\n%s", types[0], diff)
		}
	}
}
