package request

import (
	"errors"
	"slices"
	"strings"
	"testing"
)

// TestThePredictionIsChosen lists operations, as METHOD PATH, and which of them is the
// request of the scenario.
func TestThePredictionIsChosen(t *testing.T) {
	for _, c := range []struct {
		operations, want string
		guess            bool
	}{
		{"get / post /predict get /health", "POST /predict", false},
		{"post /a/predict_proba post /predict", "POST /predict", false}, // the shorter path
		{"post /train post /login post /invocations", "POST /invocations", false},
		{"get /predict post /items", "GET /predict", false},
		{"post /classify post /v1/predict/x", "POST /v1/predict/x", false},
		{"get /predict post /classify", "POST /classify", false},
		{"post /predict/batch post /v1/api/infer", "POST /v1/api/infer", false},
		{"delete /predict get /items", "GET /items", true},
		{"get /health get /items", "GET /items", true},
		{"get /users post /users", "POST /users", true},
		{"get /health", "GET /health", true},
	} {
		paths := map[string]any{}
		words := strings.Fields(c.operations)
		for i := 0; i < len(words); i += 2 {
			item, _ := paths[words[i+1]].(map[string]any)
			if item == nil {
				item = map[string]any{}
			}
			item[words[i]] = map[string]any{}
			paths[words[i+1]] = item
		}
		s := &Source{From: "it"}
		if err := s.openAPI(map[string]any{"paths": paths}); err != nil {
			t.Fatal(err)
		}
		if got := s.Requests[0].Method + " " + s.Requests[0].Path; got != c.want || (s.Guess != "") != c.guess {
			t.Errorf("of %s: %s, a guess: %q; want %s, %t", c.operations, got, s.Guess, c.want, c.guess)
		}
		if len(s.Others) != len(words)/2-1 {
			t.Errorf("of %s: %d others", c.operations, len(s.Others))
		}
	}
}

func TestFilesThatCannotBeRead(t *testing.T) {
	for text, want := range map[string]error{
		`{"openapi": "3.0.0"}`:                      errors.New("it has no paths"),
		`{"openapi": "3.0.0", "paths": {"/a": {}}}`: errors.New("its paths have no operations"),
		`{"log":
			{"entries": []}}`: errors.New("it has no request but for parts of pages, such as images and scripts"),
		"curl --silent":             errors.New("a curl command has no URL"),
		"curl -d @a -d b http://x/": errors.New("it sends both a file and a text, which a request of a plan cannot"),
		"curl -H":                   errors.New("the option header has no value"),
		`import http from "k6/http"; http.get(url())`:    errors.New("no request of it can be read without running it: a request of http.get is left out: its URL, url(), is known only when it runs"),
		`import http from "k6/http"; export default 1 1`: nil,
	} {
		s, err := Read("it", []byte(text), KindOf("it", []byte(text)))
		if err == nil || want != nil && !strings.HasSuffix(err.Error(), ": "+want.Error()) {
			t.Errorf("%s: %v, %v", text, s, err)
		}
	}
}

func TestKindsOfFiles(t *testing.T) {
	for text, want := range map[string]Kind{
		"services:\n  a:\n    command: |\n      curl x": Compose,
		"not: known":                 Compose,
		"openapi: 3.1.0":             OpenAPI,
		`{"swagger": "2.0"}`:         OpenAPI,
		`{"log": {"entries": [1]}}`:  HAR,
		"#!/bin/sh\nA=b\n  curl x":   Curl,
		`import http from 'k6/http'`: K6,
	} {
		if got := KindOf("file", []byte(text)); got != want {
			t.Errorf("%q is %s, want %s", text, got, want)
		}
	}
	if KindOf("load.js", nil) != K6 || !IsCurl(" curl x") || !IsCurl("$ curl x") || IsCurl("curl.yaml") || IsCurl("a\ncurl x") {
		t.Error("the name of a file, or a command line, is not told apart")
	}
}

// TestNoSecretIsWritten looks for values of secrets in what is written.
func TestNoSecretIsWritten(t *testing.T) {
	for _, text := range []string{
		"curl -u ada:hunter22 http://x/", "curl -H 'X-Auth-Token: hunter22' http://x/", "curl -b 'a=hunter22' http://x/",
		"curl -d password=hunter22 http://x/", "curl --oauth2-bearer hunter22 http://x/", "curl http://ada:hunter22@x/",
		`curl --json '{"user": "a", "password": "hunter22"}' http://x/`,
	} {
		s, err := Read("it", []byte(text), Curl)
		if err != nil {
			t.Fatal(err)
		}
		if strings.Contains(string(s.Scenario())+strings.Join(s.Notes, ""), "hunter22") {
			t.Errorf("%s:\n%s", text, s.Scenario())
		}
		if !slices.ContainsFunc(s.Variables, func(v Variable) bool { return v.Secret }) && !strings.Contains(text, "@x") {
			t.Errorf("%s has no secret variable", text)
		}
	}
}

func TestNamesThatOccurTwice(t *testing.T) {
	text := "curl -H 'Accept: a' -H 'accept: b' -F x=1 -F x=2 http://h/"
	s, err := Read("it", []byte(text), Curl)
	if err != nil {
		t.Fatal(err)
	}
	written := string(s.Scenario())
	if !strings.Contains(written, `headers = { Accept = "a, b" }`) || strings.Count(written, "x = ") != 1 || len(s.Notes) != 1 {
		t.Errorf("%s\n%v", written, s.Notes)
	}
}
