package probe

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"

	"plan/plans/request"
)

// mlflow recognises MLflow's scoring server and its like. It does not say what its model
// takes.
func mlflow(get getFunc) (*request.Source, error) {
	status, _, err := get("GET", "/ping")
	if err != nil || status != 200 {
		return nil, err
	}
	// It takes only POST there.
	if status, _, err = get("GET", "/invocations"); err != nil || status != 405 {
		return nil, err
	}
	return guessAt("MLflow's /invocations", "/invocations", "inputs", "MLflow does not say what its model takes"), nil
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
func kserve(get getFunc) (*request.Source, error) {
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
		if guessed := "/v1/models/" + model + ":predict"; slices.Contains(names, model) {
			return guessAt(guessed, guessed, "instances", path+" does not say what its model takes"), nil
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
	return request.Guessed(path, "its values are made from the shapes that "+path+" has", request.Request{
		Name: "infer", Method: "POST", Path: path + "/infer", Body: &request.Body{JSON: map[string]any{"inputs": inputs}},
	}), nil
}

// modelOf is the model of a server of the V2 protocol that is asked: the first one of its
// index that is ready, an extension that Triton and MLServer have; else the first one that
// KServe's own server lists, which older versions do at /v1/models alone.
func modelOf(get getFunc, server string) (string, error) {
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
func modelsAt(get getFunc, path string) ([]string, error) {
	status, body, err := get("GET", path)
	var list struct{ Models []string }
	if err != nil || status != 200 || json.Unmarshal(body, &list) != nil {
		return nil, err
	}
	return list.Models, nil
}

// guessAt is a request with one row of numbers, as a list of inputs of this name, to a
// server of models that does not say what its model takes.
func guessAt(from, path, name, why string) *request.Source {
	return request.Guessed(from, why, request.Request{
		Method: "POST", Path: path, Body: &request.Body{JSON: map[string]any{name: []any{[]any{5.1, 3.5, 1.4, 0.2}}}},
	})
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
