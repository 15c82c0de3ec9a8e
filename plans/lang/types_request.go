package lang

import (
	"fmt"
	"maps"
	"mime"
	"path/filepath"
	"slices"
	"strings"

	"github.com/zclconf/go-cty/cty"
	"github.com/zclconf/go-cty/cty/convert"

	"plan/internal/exchange"
)

// The types of what a request sends and what its answer must hold.
var (
	typeFields = &attrType{name: "map of values", takes: "a map of strings, numbers or lists of " +
		"them", example: `{ name = "value" }`, want: cty.DynamicPseudoType, convert: toFields}
	typeParts = &attrType{name: "map of strings and files", takes: "a map of strings and " +
		"files", example: `{ note = "text", image = { file = "cat.png" } }`, want: cty.DynamicPseudoType, each: partRows, convert: toParts}
	typePhrases = &attrType{name: "string or list of them", takes: "a string or a list of " +
		"strings", example: `"text"`, want: cty.DynamicPseudoType, convert: toPhrases}
	typePaths = &attrType{name: "JSONPaths", takes: "JSONPaths with their values, or a list of JSONPaths", example: `{ "$.predictions[0]" = 1 }`, want: cty.DynamicPseudoType, convert: toPaths}
	typeMedia = &attrType{name: "content type", takes: "a content type", example: `"image/png"`, want: cty.String, convert: formed("a content type", func(text string) bool {
		media, _, err := mime.ParseMediaType(text)
		return err == nil && strings.Contains(media, "/")
	})}
	typeToken = &attrType{name: "string", takes: "a string", example: `"token"`, want: cty.String, convert: toToken}
	typeLogin = &attrType{name: "string", takes: "a string", example: `"name"`, want: cty.String, convert: formed(
		"a user name that can be sent: a colon ends the name", func(text string) bool { return !strings.Contains(text, ":") },
	)}
	typeTable = &attrType{name: "file", takes: "the name of a file", example: `"users.csv"`, want: cty.String, convert: toTable}
	typeHops  = wholeFrom(0, 20, "5")
)

// field is one name with one value.
type field struct{ name, value string }

// part is a part of a multipart body: a text, or a file with its content type
// where the plan says it.
type part struct {
	field
	file, media string
}

// toFields sorts by name; the values of a list stay in their order, and null
// is as if it were not there.
func toFields(k *attrType, name string, v cty.Value) (any, *violation) {
	return byName(k, name, v, func(key string, v cty.Value) (field, *violation) {
		text, err := convert.Convert(v, cty.String)
		if err != nil {
			return field{}, wrong("P0401", "write a string, a number or a list of them", "%s takes %s, but %s is "+
				"%s", name, k.takes, key, typeName(v.Type()))
		}
		return field{key, text.AsString()}, nil
	})
}

func toParts(k *attrType, name string, v cty.Value) (any, *violation) {
	return byName(k, name, v, func(key string, v cty.Value) (part, *violation) {
		if !named(v.Type()) {
			text, err := convert.Convert(v, cty.String)
			if err != nil {
				return part{}, wrong("P0401", "write a string, or { file = … }", "%s takes %s, but %s is "+
					"%s", name, k.takes, key, typeName(v.Type()))
			}
			return part{field: field{key, text.AsString()}}, nil
		}
		r, p := object(partRows, fmt.Sprintf("%s of %s", key, name), v)
		if p != nil {
			return part{}, p
		}
		return part{field: field{name: key}, file: get[string](r, "file"), media: get[string](r, "type")}, nil
	})
}

// byName reads the values of an object, sorted by name.
func byName[T any](k *attrType, name string, v cty.Value, read func(key string, v cty.Value) (T, *violation)) (any, *violation) {
	if !named(v.Type()) {
		return nil, k.refuse(name, v)
	}
	list, members := []T{}, v.AsValueMap()
	for _, key := range slices.Sorted(maps.Keys(members)) {
		for _, element := range elements(members[key]) {
			if element.IsNull() {
				continue
			}
			got, p := read(key, element)
			if p != nil {
				return nil, p
			}
			list = append(list, got)
		}
	}
	return list, nil
}

// elements are the values of a list, or a value that is none alone.
func elements(v cty.Value) []cty.Value {
	if !v.IsNull() && listed(v.Type()) {
		return v.AsValueSlice()
	}
	return []cty.Value{v}
}

func toTable(k *attrType, name string, v cty.Value) (any, *violation) {
	text := v.AsString()
	if !slices.Contains([]string{".csv", ".jsonl", ".ndjson"}, strings.ToLower(filepath.Ext(text))) {
		return nil, form(name, text, "a file of CSV (.csv) or of JSON lines (.jsonl, .ndjson)", k.example)
	}
	return toFile(k, name, v)
}

func toToken(k *attrType, name string, v cty.Value) (any, *violation) {
	text := v.AsString()
	if text == "" || strings.ContainsAny(text, " \r\n\t") {
		return nil, wrong("P0420", "write only the token, without the word Bearer", "%s is empty, or contains blanks", name)
	}
	return text, nil
}

// toPhrases takes one text or a list.
func toPhrases(k *attrType, name string, v cty.Value) (any, *violation) {
	checks := []exchange.Check{}
	for _, element := range elements(v) {
		text, err := convert.Convert(element, cty.String)
		if err != nil || text.IsNull() {
			return nil, k.refuse(name, element)
		}
		if text.AsString() == "" {
			return nil, wrong("P0420", "remove it, or write "+name+" = "+k.example,
				"%s contains an empty string, which is part of every body", name)
		}
		checks = append(checks, exchange.Check{Text: text.AsString()})
	}
	return checks, nil
}

// toPaths takes paths with their values, one path or a list.
func toPaths(k *attrType, name string, v cty.Value) (any, *violation) {
	checks := []exchange.Check{}
	if named(v.Type()) {
		members := v.AsValueMap()
		for _, path := range slices.Sorted(maps.Keys(members)) {
			if _, p := toJSON(typeJSON, name, members[path]); p != nil {
				return nil, p
			}
			checks = append(checks, exchange.Check{Path: path, Equals: encode(members[path])})
		}
		return checks, soundPaths(k, name, checks)
	}
	for _, element := range elements(v) {
		if element.IsNull() || element.Type() != cty.String {
			return nil, k.refuse(name, element)
		}
		checks = append(checks, exchange.Check{Path: element.AsString()})
	}
	return checks, soundPaths(k, name, checks)
}

func soundPaths(k *attrType, name string, checks []exchange.Check) *violation {
	for _, c := range checks {
		if err := exchange.CheckPath(c.Path); err != nil {
			return wrong("P0420", fmt.Sprintf("write %s = %s", name, k.example), "%v", err)
		}
	}
	return nil
}
