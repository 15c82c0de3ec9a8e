package request

import (
	"strings"
	"testing"
)

func TestWithKeys(t *testing.T) {
	document := func(parameters, security string) string {
		return `{"openapi": "3.0.0", "paths": {"/predict": {"post": {"parameters": [` + parameters + `]` + security + `}}},
			"components": {"securitySchemes": {"k": {"type": "apiKey", "in": "header", "name": "X-API-Key"}}}}`
	}
	const demanded = `{"name": "x-api-key", "in": "header", "required": true, "schema": {"type": "string"}}`
	const required, optional = `, "security": [{"k": []}]`, `{"name": "x-api-key", "in": "header", "required": false}`
	for _, c := range []struct {
		name, text  string
		environment map[string]string
		want, not   []string // parts of what is written
		variables   int
	}{
		{
			"the API's own key", document("", required), map[string]string{"API_KEY": "API_KEY", "OPENAI_API_KEY": "OPENAI_API_KEY"},
			[]string{"headers = { X-API-Key = var.API_KEY }", "# X-API-Key is API_KEY of the API."}, []string{"variable"}, 0,
		},
		{
			"a prefix", document("", required), map[string]string{"APP_API_KEY": "APP_API_KEY_2"},
			[]string{"X-API-Key = var.APP_API_KEY_2"}, []string{"variable"}, 0,
		},
		{
			"another service's key", document("", required), map[string]string{"OPENAI_API_KEY": "OPENAI_API_KEY"},
			[]string{`variable "api_key"`, "X-API-Key = var.api_key"}, nil, 1,
		},
		{"a key that may be left out", document(optional, ""), map[string]string{"API_KEY": "API_KEY"}, []string{"x-api-key = var.API_KEY"}, nil, 0},
		{"one that nobody knows", document(optional, ""), nil, nil, []string{"headers", "variable"}, 0},
		{
			"a required header", document(demanded, ""), nil,
			[]string{`variable "api_key"`, "{ x-api-key = var.api_key }"}, []string{`"text"`}, 1,
		},
		{
			"a required header that the API knows", document(demanded, ""), map[string]string{"API_KEY": "API_KEY"},
			[]string{"{ x-api-key = var.API_KEY }"}, []string{"variable"}, 0,
		},
		{
			"a required header beside its scheme", document(demanded, required), nil,
			[]string{"{ x-api-key = var.api_key }"}, []string{"X-API-Key"}, 1,
		},
		{
			"a token", document(`{"name": "authorization", "in": "header", "required": true}`, ""), nil,
			[]string{"{ authorization = var.api_key }"}, nil, 1,
		},
		{
			"a required header with an example", document(`{"name": "x-api-key", "in": "header", "required": true, "example": "demo"}`, ""), nil,
			[]string{`x-api-key = "demo"`}, []string{"variable"}, 0,
		},
		{
			"no key", document(`{"name": "x-trace", "in": "header"}`, ""), map[string]string{"TRACE": "TRACE"}, nil, []string{"headers"}, 0,
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			s, err := Read("openapi.json", []byte(c.text), OpenAPI)
			if err != nil {
				t.Fatal(err)
			}
			before := string(s.Scenario())
			known := s.WithKeys(c.environment)
			got := string(known.Scenario())
			for _, part := range c.want {
				if !strings.Contains(got, part) {
					t.Errorf("%q is not in\n%s", part, got)
				}
			}
			for _, part := range c.not {
				if strings.Contains(got, part) {
					t.Errorf("%q is in\n%s", part, got)
				}
			}
			if len(known.Variables) != c.variables || string(s.Scenario()) != before {
				t.Errorf("%v, and before\n%s\nafter\n%s", known.Variables, before, s.Scenario())
			}
		})
	}
}
