package openapi

import (
	"encoding/json"
	"strings"
	"testing"

	"go.yaml.in/yaml/v4"
)

// decode returns the object of a YAML text.
func decode(t *testing.T, text string) map[string]any {
	t.Helper()
	var object map[string]any
	if err := yaml.Unmarshal([]byte(text), &object); err != nil {
		t.Fatal(err)
	}
	return object
}

func jsonText(t *testing.T, value any) string {
	t.Helper()
	text, err := json.Marshal(value)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

func TestValuesOfSchemas(t *testing.T) {
	d := Document(decode(t, `
components:
  schemas:
    Loop: {type: object, properties: {next: {$ref: '#/components/schemas/Loop'}}}
    A: {type: object, required: [a], properties: {a: {type: integer}}}
    B: {type: object, required: [b], properties: {b: {type: string, example: x}}}
`))
	for text, want := range map[string]struct {
		value string
		made  bool
	}{
		`{type: integer}`:                                      {`1`, true},
		`{type: integer, minimum: 5}`:                          {`5`, true},
		`{type: integer, maximum: 0}`:                          {`0`, true},
		`{type: integer, exclusiveMinimum: 1}`:                 {`2`, true},
		`{type: number, exclusiveMaximum: 1, minimum: 0}`:      {`0.5`, true},
		`{type: integer, multipleOf: 8}`:                       {`8`, true},
		`{type: number}`:                                       {`1.5`, true},
		`{type: string, default: abc}`:                         {`"abc"`, false},
		`{type: string, minLength: 6}`:                         {`"textt` + `t"`, true},
		`{type: string, maxLength: 2}`:                         {`"te"`, true},
		`{type: string, format: date}`:                         {`"2026-01-01"`, true},
		`{const: 3}`:                                           {`3`, false},
		`{enum: [only]}`:                                       {`"only"`, false},
		`{enum: [one, two]}`:                                   {`"one"`, true},
		`{type: [string, 'null']}`:                             {`"text"`, true},
		`{type: ['null', boolean]}`:                            {`true`, true},
		`{type: array, items: {type: boolean}, minItems: 3}`:   {`[true,true,true]`, true},
		`{type: array, prefixItems: [{const: 1}, {const: 2}]}`: {`[1,2]`, false},
		`{type: array, items: {const: 1}, minItems: 1000}`:     {`[` + strings.TrimSuffix(strings.Repeat("1,", 32), ",") + `]`, false},
		`{anyOf: [{type: 'null'}, {const: 4}]}`:                {`4`, false},
		`{anyOf: [{type: integer}], example: 9}`:               {`9`, false},
		`{allOf: [{$ref: '#/components/schemas/A'}, {$ref: '#/components/schemas/B'}]}`:                                           {`{"a":1,"b":"x"}`, true},
		`{$ref: '#/components/schemas/B'}`:                                                                                        {`{"b":"x"}`, false},
		`{type: object, properties: {a: {const: 1}, b: {const: 2, readOnly: true}}}`:                                              {`{"a":1}`, false},
		`{type: object, required: [a], properties: {a: {const: 1}, b: {const: 2}, c: {type: string, example: z}}}`:                {`{"a":1,"b":2,"c":"z"}`, false},
		`{type: object, required: [a], properties: {a: {const: 1}, b: {type: string}}}`:                                           {`{"a":1}`, false},
		`{type: object, additionalProperties: {type: number}}`:                                                                    {`{"key":1.5}`, true},
		`{type: object, properties: {a: {const: 1}}, additionalProperties: {type: number}}`:                                       {`{"a":1}`, false},
		`{type: object, additionalProperties: false}`:                                                                             {`{}`, true},
		`{$ref: '#/components/schemas/A', examples: [{a: 7}]}`:                                                                    {`{"a":7}`, false},
		`{$ref: '#/components/schemas/B', description: x}`:                                                                        {`{"b":"x"}`, false},
		`{$ref: '#/components/schemas/None', default: 4}`:                                                                         {`4`, false},
		`{type: object, properties: {a: {$ref: '#/components/schemas/A', examples: [{a: 8}]}, c: {type: string}}, required: [c]}`: {`{"a":{"a":8},"c":"text"}`, true},
		`{type: object}`: {`{}`, true},
	} {
		value, made := d.make(decode(t, "s: "+text)["s"], 0)
		if got := jsonText(t, value); got != want.value || made != want.made {
			t.Errorf("%s: %s, made %t; want %s, %t", text, got, made, want.value, want.made)
		}
	}
	for text, want := range map[string]string{
		`{examples: {a: {value: 1}, b: {value: 2}}}`:                   "1",
		`{examples: {an_invalid_one: {value: 1}, normal: {value: 2}}}`: "2",
		`{examples: {a_wrong_type: {value: 1}, error: {value: 2}}}`:    "1",
		`{example: 0, examples: {normal: {value: 2}}}`:                 "0",
	} {
		value, made := d.Example(decode(t, "s: "+text)["s"].(map[string]any), nil)
		if got := jsonText(t, value); got != want || made {
			t.Errorf("%s: %s, made %t; want %s", text, got, made, want)
		}
	}
	if value, _ := d.make(map[string]any{"$ref": "#/components/schemas/Loop"}, 0); len(jsonText(t, value)) > 200 {
		t.Errorf("a schema that has itself: %s", jsonText(t, value))
	}
}
