package request

import (
	"strings"
	"testing"
)

// TestParametersOfOpenAPI: a list and an object go into a request as the style of the
// parameter says.
func TestParametersOfOpenAPI(t *testing.T) {
	list := `"schema": {"type": "array", "items": {"type": "integer"}}, "example": [1, 2]`
	object := `"schema": {"type": "object"}, "example": {"a": 1, "b": "x y"}`
	for parameter, want := range map[string]string{
		`"in": "query", ` + list:                                                            "/a/{p}?p=1&p=2",
		`"in": "query", "explode": false, ` + list:                                          "/a/{p}?p=1%2C2",
		`"in": "query", "style": "pipeDelimited", "explode": false, ` + list:                "/a/{p}?p=1%7C2",
		`"in": "query", "schema": {"type": "array", "items": {"type": "integer"}}`:          "/a/{p}?p=1",
		`"in": "query", ` + object:                                                          "/a/{p}?a=1&b=x+y",
		`"in": "query", "style": "deepObject", ` + object:                                   "/a/{p}?p%5Ba%5D=1&p%5Bb%5D=x+y",
		`"in": "query", "explode": false, ` + object:                                        "/a/{p}?p=a%2C1%2Cb%2Cx+y",
		`"in": "query", "schema": {"type": "string"}, "example": "x"`:                       "/a/{p}?p=x",
		`"in": "query", "content": {"application/json": {"example": {"a": 1}}}`:             "/a/{p}?p=%7B%22a%22%3A1%7D",
		`"in": "query", "content": {"application/json": {"schema": {"const": "x"}}}`:        "/a/{p}?p=%22x%22",
		`"in": "query", "content": {"text/plain": {"schema": {"const": "x"}}}`:              "/a/{p}?p=x",
		`"in": "query", "type": "array", "items": {"type": "integer"}, "default": [1, 2]`:   "/a/{p}?p=1%2C2",
		`"in": "query", "type": "array", "collectionFormat": "multi", "default": [1, 2]`:    "/a/{p}?p=1&p=2",
		`"in": "query", "type": "array", "collectionFormat": "ssv", "default": [1, 2]`:      "/a/{p}?p=1+2",
		`"in": "path", ` + list:                                                             "/a/1,2",
		`"in": "path", ` + object:                                                           "/a/a,1,b,x%20y",
		`"in": "path", "explode": true, ` + object:                                          "/a/a=1,b=x%20y",
		`"in": "header", ` + list:                                                           "/a/{p} p: 1,2",
		`"in": "header", ` + object:                                                         "/a/{p} p: a,1,b,x y",
		`"in": "formData", "type": "array", "collectionFormat": "multi", "default": [1, 2]`: "/a/{p} p=1 p=2",
	} {
		path := `{"in": "path", "name": "p", "schema": {"const": "{p}"}}`
		if strings.Contains(parameter, `"in": "path"`) {
			path = "{}"
		}
		document := `{"openapi": "3.1.0", "paths": {"/a/{p}": {"post": {"parameters": [
			{"name": "p", "required": true, ` + parameter + `}, ` + path + `]}}}}`
		s, err := Read("it", []byte(document), OpenAPI)
		if err != nil {
			t.Errorf("%s: %v", parameter, err)
			continue
		}
		r := s.Requests[0]
		got := strings.NewReplacer("%7B", "{", "%7D", "}").Replace(r.Path)
		for _, h := range r.Headers {
			got += " " + h.Name + ": " + h.Value
		}
		if r.Body != nil {
			for _, p := range r.Body.Form {
				got += " " + p.Name + "=" + p.Value
			}
		}
		if got != strings.NewReplacer("%7B", "{", "%7D", "}").Replace(want) {
			t.Errorf("%s: %s, want %s", parameter, got, want)
		}
	}
}

// TestFormOfOpenAPI: a list in a form repeats its name.
func TestFormOfOpenAPI(t *testing.T) {
	s, err := Read("it", []byte(`{"openapi": "3.1.0", "paths": {"/a": {"post": {"requestBody": {"content": {
		"application/x-www-form-urlencoded": {"example": {"ids": [1, 2], "name": "x"}}}}}}}}`), OpenAPI)
	if err != nil {
		t.Fatal(err)
	}
	if got := string(s.Scenario()); !strings.Contains(got, `form = { ids = ["1", "2"], name = "x" }`) {
		t.Error(got)
	}
}

// TestGuessesOfOpenAPI: a prediction is a guess unless the document describes what it takes.
func TestGuessesOfOpenAPI(t *testing.T) {
	body := `"requestBody": {"content": {"application/json": {"example": {"x": 1}}}}`
	for operation, want := range map[string]string{
		`"/predict": {"post": {}}`: "the document does not say what POST /predict takes",
		`"/predict": {"post": {"parameters": [{"in": "header", "name": "k", "required": true, "example": "v"}]}}`: "the document does not say what POST /predict takes",
		`"/predict": {"post": {"parameters": [{"in": "cookie", "name": "k", "required": true, "example": "v"}]}}`: "the document does not say what POST /predict takes",
		`"/predict": {"post": {"parameters": [{"in": "query", "name": "k", "required": true, "example": "v"}]}}`:  "",
		`"/predict": {"post": {"parameters": [{"in": "query", "name": "k"}]}}`:                                    "",
		`"/predict": {"parameters": [{"in": "query", "name": "k"}], "post": {}}`:                                  "",
		`"/predict/{k}": {"post": {"parameters": [{"in": "path", "name": "k", "example": "v"}]}}`:                 "",
		`"/predict/{k}": {"post": {"parameters": [{"in": "path", "name": "k", "schema": {"type": "string"}}]}}`:   "values of predict are made from its schema, which has no example",
		`"/predict": {"post": {` + body + `}}`:                                                                    "",
		`"/predict": {"get": {}}`:                                                                                 "",
		`"/things": {"post": {}}`:                                                                                 "no operation of it looks like a prediction",
	} {
		s, err := Read("it", []byte(`{"openapi": "3.1.0", "paths": {`+operation+`}}`), OpenAPI)
		if err != nil {
			t.Errorf("%s: %v", operation, err)
		} else if s.Guess != want || strings.Contains(string(s.Scenario()), "guessed ") != (want != "") {
			t.Errorf("%s: %q, want %q", operation, s.Guess, want)
		}
	}
}
