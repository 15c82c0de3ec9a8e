package request

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"
)

// Fetch requests a path of an API, by GET or POST, and returns its response of any status.
// json is the body of the request; "" for none.
type Fetch func(ctx context.Context, method, path, json string) (status int, body []byte, err error)

// longestFetch is how long an API may take for one response, which may be a stream without
// an end.
const longestFetch = 10 * time.Second

// documents are where frameworks put their OpenAPI document.
var documents = []string{"/openapi.json", "/swagger.json", "/v3/api-docs"}

// documentURL is the address of the document on a page of documentation.
var documentURL = regexp.MustCompile(`(?:url|spec-url)\s*[:=]\s*["']([^"'\s]+\.json)["']`)

// Probe asks a running API what it answers, without knowing it: an OpenAPI document,
// also where a page of documentation names it, whose request it sends once; then the model
// servers KServe (V2 Inference Protocol) and MLflow. The error is that of fetch, or says what was asked.
func Probe(ctx context.Context, fetch Fetch) (*Source, error) {
	var asked []string
	send := func(method, path, json string) (status int, body []byte, err error) {
		ctx, cancel := context.WithTimeout(ctx, longestFetch)
		defer cancel()
		if status, body, err = fetch(ctx, method, path, json); errors.Is(ctx.Err(), context.DeadlineExceeded) {
			err = fmt.Errorf("%s %s got no complete response within %s", method, path, longestFetch)
		}
		return status, body, err
	}
	get := func(method, path string) (int, []byte, error) {
		asked = append(asked, path)
		return send(method, path, "")
	}
	paths := slices.Clone(documents)
	for _, page := range []string{"/docs", "/redoc"} {
		status, body, err := get("GET", page)
		if err != nil {
			return nil, err
		}
		if found := documentURL.FindSubmatch(body); status == 200 && found != nil && strings.HasPrefix(string(found[1]),
			"/") {
			named := string(found[1])
			paths = append([]string{named}, slices.DeleteFunc(paths, func(path string) bool { return path == named })...)
			break
		}
	}
	var document *Source
	var broken error // a document that the API cannot make
	for _, path := range paths {
		status, body, err := get("GET", path)
		if err != nil {
			return nil, err
		}
		if status >= 500 && broken == nil {
			broken = fmt.Errorf("the API cannot make its description: GET %s responded with status %d", path, status)
		}
		if status == 200 && KindOf(path, body) == OpenAPI {
			if document, err = Read(path, body, OpenAPI); err == nil {
				break
			}
		}
	}
	if document != nil && document.Requests[0].Body != nil {
		document.send(func(path, body string) (int, []byte, error) { return send("POST", path, body) })
		return document, nil
	}
	var failed error // of fetch
	ask := func(method, path string) (status int, body []byte, err error) {
		status, body, failed = get(method, path)
		return status, body, failed
	}
	var unclear error // what the first server that was recognised does not say
	for _, server := range []func(func(method, path string) (int, []byte, error)) (*Source, error){kserve, mlflow} {
		s, err := server(ask)
		if s != nil || failed != nil {
			return s, failed
		}
		unclear = cmp.Or(unclear, err)
	}
	if document != nil {
		if unclear != nil {
			document.note("%v", unclear)
		}
		return document, nil
	}
	if s, err := page(get); s != nil || err != nil {
		return s, err
	}
	posts, err := takesPost(get)
	if err != nil {
		return nil, err
	}
	if unclear = cmp.Or(broken, unclear, posts); unclear != nil {
		return nil, unclear
	}
	return nil, fmt.Errorf("no response of the API to %s describes its requests", strings.Join(asked, ", "))
}

// page is the request of the form on the first page of a server.
func page(get func(method, path string) (int, []byte, error)) (*Source, error) {
	status, body, err := get("GET", "/")
	if err != nil || status != 200 {
		return nil, err
	}
	return formOf(body, "/"), nil
}

// usualPaths are those of predictions.
var usualPaths = []string{"/predict", "/api/predict", "/prediction", "/infer", "/classify", "/score"}

// takesPost looks for a usual path that takes only POST. unclear says what is not known of it.
func takesPost(get func(method, path string) (int, []byte, error)) (unclear, err error) {
	for _, path := range usualPaths {
		status, _, err := get("GET", path)
		if err != nil {
			return nil, err
		}
		if status == 405 {
			return fmt.Errorf("the API takes POST %s, but does not say with which body", path), nil
		}
	}
	return nil, nil
}

// mlflow recognises MLflow's scoring server and its like. It does not say what its model
// takes.
func mlflow(get func(method, path string) (int, []byte, error)) (*Source, error) {
	status, _, err := get("GET", "/ping")
	if err != nil || status != 200 {
		return nil, err
	}
	// It takes only POST there.
	if status, _, err = get("GET", "/invocations"); err != nil || status != 405 {
		return nil, err
	}
	s := guessAt("/invocations", "inputs", "MLflow does not say what its model takes")
	s.From = "MLflow's /invocations"
	return s, nil
}

// tensor is an input of a model, as KServe's V2 protocol describes it.
type tensor struct {
	Name, Datatype string
	Shape          []int
}

// mostValues are those of the inputs of a model together, which a plan can make within
// what its evaluation may take.
const mostValues = 400_000

// kserve asks a server of the V2 protocol for its first model and what that takes.
func kserve(get func(method, path string) (int, []byte, error)) (*Source, error) {
	status, body, err := get("GET", "/v2")
	var server struct{ Name string }
	if err != nil || status != 200 || json.Unmarshal(body, &server) != nil || server.Name == "" {
		return nil, err
	}
	model, err := modelOf(get, server.Name)
	if err != nil {
		return nil, err
	}
	path := "/v2/models/" + model
	if status, body, err = get("GET", path); err != nil {
		return nil, err
	}
	var described struct{ Inputs []tensor }
	if status != 200 || json.Unmarshal(body, &described) != nil || len(described.Inputs) == 0 {
		names, err := modelsAt(get, "/v1/models")
		if err != nil {
			return nil, err
		}
		if slices.Contains(names, model) {
			return guessAt("/v1/models/"+model+":predict", "instances", path+" does not say what its model takes"), nil
		}
		return nil, fmt.Errorf("%s does not say what its model takes", path)
	}
	var inputs []any
	left := mostValues
	for _, t := range described.Inputs {
		count := t.count(left)
		if left -= count; left < 0 {
			return nil, fmt.Errorf("the input %s of %s has the shape %v: its values are too many for a plan; write the body "+
				"into a file, and give it with --path %s/infer --json @FILE", t.Name, path, t.Shape, path)
		}
		inputs = append(inputs, t.value(count))
	}
	s := &Source{
		From: path, ThinkTime: `between("1s", "3s")`, Guess: "its values are made from the shapes that " + path + " has",
		Requests: []Request{{Name: "infer", Method: "POST", Path: path + "/infer",
			Body: &Body{JSON: map[string]any{"inputs": inputs}}}},
	}
	s.nameRequests()
	return s, nil
}

// modelOf is the model of a server of the V2 protocol that is asked: the first one of its
// index that is ready, an extension that Triton and MLServer have; else the first one that
// KServe's own server lists, which older versions do at /v1/models alone.
func modelOf(get func(method, path string) (int, []byte, error), server string) (string, error) {
	status, body, err := get("POST", "/v2/repository/index")
	if err != nil {
		return "", err
	}
	var models []struct{ Name, State string }
	if status == 200 && json.Unmarshal(body, &models) == nil && len(models) > 0 {
		ready := slices.IndexFunc(models, func(m struct{ Name, State string }) bool { return m.State == "READY" })
		return models[max(0, ready)].Name, nil
	}
	for _, path := range []string{"/v2/models", "/v1/models"} {
		names, err := modelsAt(get, path)
		if err != nil {
			return "", err
		}
		if len(names) > 0 {
			return names[0], nil
		}
	}
	return "", errors.New("the server " + server + " speaks KServe's V2 protocol, and names no model at " +
		"/v2/repository/index, /v2/models or /v1/models")
}

// modelsAt are the names of models that KServe's own server lists at a path.
func modelsAt(get func(method, path string) (int, []byte, error), path string) ([]string, error) {
	status, body, err := get("GET", path)
	var list struct{ Models []string }
	if err != nil || status != 200 || json.Unmarshal(body, &list) != nil {
		return nil, err
	}
	return list.Models, nil
}

// guessAt is a request with one row of numbers, as a list of inputs of this name, to a
// server of models that does not say what its model takes.
func guessAt(path, name, why string) *Source {
	s := &Source{
		From: path, ThinkTime: `between("1s", "3s")`, Guess: why,
		Requests: []Request{{Method: "POST", Path: path, Body: &Body{JSON: map[string]any{
			name: []any{[]any{5.1, 3.5, 1.4, 0.2}},
		}}}},
	}
	s.nameRequests()
	return s
}

// count is how many values a tensor has, at most one more than most. A dimension of any
// size is 1.
func (t tensor) count(most int) int {
	count := 1
	for _, n := range t.Shape {
		if n = max(1, n); n > most/count {
			return most + 1
		}
		count *= n
	}
	return count
}

// value is a tensor with count values of its type.
func (t tensor) value(count int) map[string]any {
	shape := []any{}
	for _, n := range t.Shape {
		shape = append(shape, max(1, n))
	}
	var element any = 1
	switch {
	case t.Datatype == "BOOL":
		element = true
	case t.Datatype == "BYTES":
		element = "text"
	case strings.Contains(t.Datatype, "FP"):
		element = 0.5
	}
	data := slices.Repeat([]any{element}, count)
	return map[string]any{"name": t.Name, "datatype": t.Datatype, "shape": shape, "data": data}
}
