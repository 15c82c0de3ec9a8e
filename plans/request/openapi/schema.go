package openapi

import (
	"encoding/json"
	"maps"
	"regexp"
	"slices"
	"strings"
)

// Document is an OpenAPI document.
type Document map[string]any

const (
	deepest = 8  // objects and lists inside each other
	longest = 32 // values of a list that a schema demands
)

// Object is a value as an object, behind its reference; nil where it is none.
func (d Document) Object(value any) map[string]any {
	object, _ := value.(map[string]any)
	for range deepest {
		path, is := object["$ref"].(string)
		if !is {
			break
		}
		path, local := strings.CutPrefix(path, "#/")
		if !local {
			return nil
		}
		var at any = map[string]any(d)
		for part := range strings.SplitSeq(path, "/") {
			inside, _ := at.(map[string]any)
			at = inside[strings.NewReplacer("~1", "/", "~0", "~").Replace(part)]
		}
		object, _ = at.(map[string]any)
	}
	return object
}

// Resolve is a schema without references and combinations: the parts of allOf are put
// together, of anyOf and oneOf the first that is not null is taken. Words beside a reference,
// which version 3.1 allows, come before those behind it.
func (d Document) Resolve(schema any) map[string]any {
	s := d.Object(schema)
	if beside, _ := schema.(map[string]any); beside["$ref"] != nil && len(beside) > 1 {
		merged := map[string]any{}
		maps.Copy(merged, s)
		maps.Copy(merged, beside)
		delete(merged, "$ref")
		s = merged
	}
	if all, _ := s["allOf"].([]any); len(all) > 0 {
		merged := maps.Clone(s)
		delete(merged, "allOf")
		properties, required := maps.Clone(d.Object(s["properties"])), listOf(s["required"])
		if properties == nil {
			properties = map[string]any{}
		}
		for _, part := range all {
			p := d.Resolve(part)
			maps.Copy(properties, d.Object(p["properties"]))
			required = append(required, listOf(p["required"])...)
			for name, value := range p {
				if _, is := merged[name]; !is {
					merged[name] = value
				}
			}
		}
		if len(properties) > 0 {
			merged["properties"], merged["required"] = properties, required
		}
		return merged
	}
	for _, word := range []string{"anyOf", "oneOf"} {
		choices, _ := s[word].([]any)
		for _, choice := range choices {
			if c := d.Resolve(choice); c["type"] != "null" {
				merged := maps.Clone(c)
				for name, value := range s { // an example beside anyOf is one of the whole
					if name != word {
						merged[name] = value
					}
				}
				return merged
			}
		}
	}
	return s
}

func listOf(value any) []any {
	list, _ := value.([]any)
	return slices.Clone(list)
}

// Example is the value of a parameter or a body: an example beside its schema, one in
// the schema, or else a value that is made from the schema.
func (d Document) Example(description map[string]any, schema any) (value any, made bool) {
	if value, is := description["example"]; is {
		return value, false
	}
	examples := d.Object(description["examples"])
	names := slices.Sorted(maps.Keys(examples))
	slices.SortStableFunc(names, func(a, b string) int { return rank(a) - rank(b) })
	for _, name := range names {
		if value, is := d.Object(examples[name])["value"]; is {
			return value, false
		}
	}
	return d.make(schema, 0)
}

// rank puts examples of what an API refuses behind the others.
func rank(example string) int {
	if refused.MatchString(example) {
		return 1
	}
	return 0
}

var refused = regexp.MustCompile(`(?i)invalid|error|wrong|bad|fail|missing|empty`)

// make makes a value from a schema. made reports whether a part of it is invented:
// neither an example nor a default nor the only possible value.
func (d Document) make(schema any, depth int) (value any, made bool) {
	s := d.Resolve(schema)
	if value, is := s["example"]; is {
		return value, false
	}
	if examples := listOf(s["examples"]); len(examples) > 0 {
		return examples[0], false
	}
	for _, word := range []string{"const", "default"} {
		if value, is := s[word]; is && value != nil {
			return value, false
		}
	}
	if choices := listOf(s["enum"]); len(choices) > 0 {
		return choices[0], len(choices) > 1
	}
	switch kind := typeOf(s); {
	case depth > deepest:
		return nil, true
	case kind == "object":
		return d.makeObject(s, depth)
	case kind == "array":
		return d.makeList(s, depth)
	case kind == "integer":
		return number(within(s, 1)), true
	case kind == "number":
		return number(within(s, 1.5)), true
	case kind == "boolean":
		return true, true
	case kind == "string":
		return makeText(s), true
	}
	return map[string]any{}, true // anything
}

// typeOf is the type of a schema, from its words where it does not say it.
func typeOf(s map[string]any) string {
	for _, t := range append([]any{s["type"]}, listOf(s["type"])...) {
		if text, is := t.(string); is && text != "null" {
			return text
		}
	}
	switch {
	case s["properties"] != nil:
		return "object"
	case s["items"] != nil || s["prefixItems"] != nil:
		return "array"
	}
	return ""
}

// makeObject has the properties that are required, and those with an example or only one
// value, such as the name of a variant; where no property is required, all of them. An object
// of any names has one.
func (d Document) makeObject(s map[string]any, depth int) (map[string]any, bool) {
	value, made := map[string]any{}, false
	properties, required := d.Object(s["properties"]), listOf(s["required"])
	for name, property := range properties {
		p := d.Resolve(property)
		_, shown := p["example"]
		_, only := p["const"]
		if readOnly, _ := p["readOnly"].(bool); readOnly {
			continue
		}
		if len(required) == 0 || slices.Contains(required, any(name)) || shown || only || len(listOf(p["examples"])) > 0 {
			x, invented := d.make(property, depth+1)
			value[name], made = x, made || invented
		}
	}
	if others, is := s["additionalProperties"].(map[string]any); is && len(properties) == 0 {
		value["key"], _ = d.make(others, depth+1)
	}
	return value, made || len(properties) == 0
}

func (d Document) makeList(s map[string]any, depth int) ([]any, bool) {
	list, made := []any{}, false
	add := func(item any) {
		x, invented := d.make(item, depth+1)
		list, made = append(list, x), made || invented
	}
	for _, item := range listOf(s["prefixItems"]) {
		add(item)
	}
	least, _ := figure(s["minItems"])
	for len(list) < max(1, min(int(least), longest)) && s["items"] != nil {
		add(s["items"])
	}
	return list, made
}

// within is a number that a schema allows, as near to a usual one as it does.
func within(s map[string]any, usual float64) float64 {
	if least, is := figure(s["minimum"]); is {
		usual = max(usual, least)
	}
	if below, is := figure(s["exclusiveMinimum"]); is && usual <= below {
		usual = below + 1
	}
	if most, is := figure(s["maximum"]); is && usual > most {
		usual = most
	}
	if above, is := figure(s["exclusiveMaximum"]); is && usual >= above {
		least, _ := figure(s["minimum"])
		usual = (least + above) / 2
	}
	if step, is := figure(s["multipleOf"]); is && step > 0 {
		usual = max(1, float64(int(usual/step))) * step
	}
	return usual
}

// figure is a value of JSON or YAML as a number.
func figure(value any) (float64, bool) {
	switch v := value.(type) {
	case json.Number:
		f, err := v.Float64()
		return f, err == nil
	case float64:
		return v, true
	case int:
		return float64(v), true
	}
	return 0, false
}

// number is a number as JSON writes it.
func number(n float64) json.Number {
	text, _ := json.Marshal(n) // of a schema of JSON it is finite
	return json.Number(text)
}

// makeText is a text of a format.
func makeText(s map[string]any) string {
	format, _ := s["format"].(string)
	text := map[string]string{
		"date-time": "2026-01-01T00:00:00Z", "date": "2026-01-01", "time": "12:00:00", "email": "user@example.org",
		"uuid": "00000000-0000-4000-8000-000000000000", "uri": "http://example.org/", "ipv4": "192.0.2.1", "byte": "dGV4dA==",
	}[format]
	if text == "" {
		text = "text"
	}
	if least, is := figure(s["minLength"]); is && int(least) > len(text) && least <= 1000 {
		text += strings.Repeat("t", int(least)-len(text))
	}
	if most, is := figure(s["maxLength"]); is && int(most) < len(text) && format == "" {
		text = text[:max(0, int(most))]
	}
	return text
}

// IsFile reports whether a property of a multipart body is a file.
func (d Document) IsFile(schema any) bool {
	s := d.Resolve(schema)
	if typeOf(s) == "array" {
		s = d.Resolve(s["items"])
	}
	return s["format"] == "binary" || s["contentMediaType"] == "application/octet-stream"
}
