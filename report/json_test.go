package report

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"maps"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"syscall"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/santhosh-tekuri/jsonschema/v6"

	"plan/internal/exchange"
	"plan/runner/journal"
)

const schemaPath = "../docs/report.schema.json"

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
	cases := runs()
	cases["empty"] = journal.Run{FormatVersion: journal.Format}
	for name, run := range cases {
		if err := valid(t, s, jsonOf(t, run)); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
	golden(t, "whole.json", jsonOf(t, whole()))
}

func TestTheSchemaRefusesWhatItDoesNotDescribe(t *testing.T) {
	s, text := schema(t), string(jsonOf(t, whole()))
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
// struct hide those of the ones in it.
func fieldsOf(typ reflect.Type) map[string]reflect.StructField {
	fields := map[string]reflect.StructField{}
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
		run := whole()
		run.Stages[0].Trials[0].Load.Errors = map[exchange.Class]int64{class: 1}
		if err := valid(t, s, jsonOf(t, run)); err != nil {
			t.Errorf("%s: %v", class, err)
		}
	}
}

func TestTheReportLeavesTheRunAsItIs(t *testing.T) {
	run := whole()
	text := string(jsonOf(t, run))
	if run.Stages[0].Trials[0].Evidence == nil {
		t.Error("the evidence is gone from the run")
	}
	if strings.Contains(text, "evidence") || strings.Contains(text, "a line of the service's log") {
		t.Error("the evidence is in the report")
	}
	if !strings.Contains(string(jsonOf(t, runs()["unfinished"])), `"exit_code": null,`) {
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

func TestWriteFile(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "report.json")
	text := func(s string) func(io.Writer) error {
		return func(w io.Writer) error { _, err := io.WriteString(w, s); return err }
	}
	for _, want := range []string{"first", "second"} {
		if err := WriteFile(path, text(want)); err != nil {
			t.Fatal(err)
		}
		if got, err := os.ReadFile(path); err != nil || string(got) != want {
			t.Errorf("%q, %v", got, err)
		}
	}
	half := func(w io.Writer) error { _, _ = io.WriteString(w, "ha"); return errors.New("no more") }
	if err := WriteFile(path, half); err == nil || err.Error() != path+" cannot be written: no more" {
		t.Errorf("%v", err)
	}
	if got, err := os.ReadFile(path); err != nil || string(got) != "second" {
		t.Errorf("after a failure: %q, %v", got, err)
	}
	if err := Writable(path); err != nil {
		t.Error(err)
	}
	if left, err := os.ReadDir(dir); err != nil || len(left) != 1 {
		t.Errorf("left behind: %v, %v", left, err)
	}
}

func TestWriteFileFollowsLinksAndKeepsPipes(t *testing.T) {
	dir := t.TempDir()
	target, link, pipe := filepath.Join(dir, "target"), filepath.Join(dir, "link"), filepath.Join(dir, "pipe")
	if err := errors.Join(os.WriteFile(target, []byte("old"), 0o600), os.Symlink(target, link), syscall.Mkfifo(pipe, 0o600)); err != nil {
		t.Fatal(err)
	}
	text := func(w io.Writer) error { _, err := io.WriteString(w, "new"); return err }
	if err := WriteFile(link, text); err != nil {
		t.Fatal(err)
	}
	info, err := os.Lstat(link)
	if err != nil || info.Mode()&os.ModeSymlink == 0 {
		t.Errorf("the link became %v, %v", info.Mode(), err)
	}
	if got, err := os.ReadFile(target); err != nil || string(got) != "new" {
		t.Errorf("the target holds %q, %v", got, err)
	}
	if info, err := os.Stat(target); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("the target's mode is now %v, %v", info.Mode(), err)
	}
	read := make(chan string)
	go func() {
		got, _ := os.ReadFile(pipe)
		read <- string(got)
	}()
	if err := errors.Join(Writable(pipe), WriteFile(pipe, text)); err != nil || <-read != "new" {
		t.Errorf("into a pipe: %v", err)
	}
}

func TestAPathThatCannotBeWrittenIsToldClearly(t *testing.T) {
	dir := t.TempDir()
	file := filepath.Join(dir, "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	none := func(io.Writer) error { return nil }
	for path, want := range map[string]string{
		filepath.Join(dir, "none", "report.json"): "cannot be written: no such file or directory",
		filepath.Join(file, "report.json"):        "cannot be written: not a directory",
	} {
		for name, err := range map[string]error{"WriteFile": WriteFile(path, none), "Writable": Writable(path)} {
			if err == nil || err.Error() != path+" "+want {
				t.Errorf("%s: %v", name, err)
			}
		}
	}
	if err := Writable(dir); err == nil || err.Error() != dir+" cannot be written: it is a folder; name a file in it" {
		t.Errorf("%v", err)
	}
	if err := WriteFile(dir, none); err == nil || !strings.HasPrefix(err.Error(), dir+" cannot be written: ") {
		t.Errorf("%v", err)
	}
}
