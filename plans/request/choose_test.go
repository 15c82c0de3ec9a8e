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
			item[words[i]] = map[string]any{"parameters": []any{map[string]any{"in": "query", "name": "x"}}}
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
	k6 := func(calls string) string {
		return `import http from "k6/http"; export default function () { ` + calls + ` }`
	}
	har := func(request string) string {
		return `{"log": {"entries": [{"request": {"method": "POST", "url": "http://x/a?z=1", ` + request + `}}]}}`
	}
	for _, text := range []string{
		"curl -u ada:hunter22 http://x/", "curl -H 'X-Auth-Token: hunter22' http://x/", "curl -b 'a=hunter22' http://x/",
		"curl -d password=hunter22 http://x/", "curl --oauth2-bearer hunter22 http://x/", "curl http://ada:hunter22@x/",
		`curl --json '{"user": "a", "password": "hunter22"}' http://x/`,
		`curl -d '{"user": "a", "password": "hunter22"}' http://x/`,
		"curl --data-urlencode password=hunter22 http://x/",
		"curl -F user=bob -F password=hunter22 http://x/", "curl --form-string password=hunter22 http://x/",
		"curl 'http://x/predict?api_key=hunter22'", "curl 'http://x/predict?top=3&api%5Fkey=hunter22&lang=en#a'",
		"curl -G -d top=3 -d token=hunter22 http://x/", "curl -G --data-urlencode token=hunter22 http://x/",
		"curl 'ftp://x/?api_key=hunter22' 'http://x/?api_key=hunter22'",
		"curl --proxy-user ada:hunter22 -d password=hunter22 http://x/", "curl --digest -u ada:hunter22 http://x/",
		k6(`http.post("http://x/login", {username: "bob", password: "hunter22"});`),
		k6(`http.post("http://x/login", "password=hunter22");`),
		k6(`http.get("http://x/a?api_key=hunter22", {headers: {"X-API-Key": "hunter22"}, cookies: {a: "hunter22"}});`),
		k6(`http.get("http://x/a?key=hunter22", later()); http.get(later() + "?key=hunter22");`),
		k6("http.get('http://x/a?key=hunter22'); http.get(`http://x/${later()}?key=hunter22`);"),
		k6(`http.get("http://x/?key=hunter22"); http.post("http://x/", {key: "hunter22", file: http.file(later())});`),
		har(`"postData": {"mimeType": "multipart/form-data", "params": [{"name": "password", "value": "hunter22"}]}`),
		har(`"postData": {"mimeType": "application/x-www-form-urlencoded", "text": "password=hunter22"}`),
		strings.Replace(har(`"postData": {"mimeType": "multipart/form-data", "params": [{"name": "f", "fileName": "a"}]}`),
			"z=1", "api_key=hunter22", 1),
	} {
		s, err := Read("it", []byte(text), KindOf("it", []byte(text)))
		if err != nil {
			t.Fatal(text, err)
		}
		said := string(s.Scenario()) + strings.Join(s.Notes, "\n")
		for _, r := range s.Requests {
			said += r.Method + " " + r.PathText()
		}
		if strings.Contains(said, "hunter22") {
			t.Errorf("%s:\n%s", text, said)
		}
		if !slices.ContainsFunc(s.Variables, func(v Variable) bool { return v.Secret }) && !strings.Contains(text, "@x") {
			t.Errorf("%s has no secret variable", text)
		}
	}
}

// TestSecretsOfAQuery: the variable of a secret is encoded where it is sent.
func TestSecretsOfAQuery(t *testing.T) {
	s, err := Read("it", []byte("curl 'http://x/a?top=3&api_key=a%2Fb' 'http://x/b?token=c'"), Curl)
	if err != nil {
		t.Fatal(err)
	}
	written := string(s.Scenario())
	for _, part := range []string{
		"    path  = \"/a?top=3\"\n    query = { api_key = var.api_key }\n",
		"    path  = \"/b\"\n    query = { token = var.token }\n",
	} {
		if !strings.Contains(written, part) {
			t.Errorf("%q is not in\n%s", part, written)
		}
	}
	if got := s.Requests[0].PathText(); got != "/a?top=3&api_key=$api_key" {
		t.Error(got)
	}
}

// TestNamesOfVariables: a variable has a name of the language.
func TestNamesOfVariables(t *testing.T) {
	for field, want := range map[string]string{"api-key": "api_key", "2fa-token": "field_2fa_token", "x[token]": "x_token"} {
		s, err := Read("it", []byte("curl -F '"+field+"=a' http://x/"), Curl)
		if err != nil || len(s.Variables) != 1 || s.Variables[0].Name != want {
			t.Errorf("%s: %+v, %v, want %s", field, s, err, want)
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
