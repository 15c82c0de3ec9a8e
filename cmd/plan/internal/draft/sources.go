package draft

import (
	"bytes"
	"cmp"
	_ "embed"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"text/template"

	"plan/plans/compose"
	"plan/plans/request"
)

// Sources are what init reads, by what the files are.
type Sources struct {
	Compose  []string        // Compose files, of which the later override the earlier
	Requests *request.Source // nil: none
}

// Read reads the values of --from: names of files, or curl command lines.
func Read(values []string) (Sources, error) {
	var sources Sources
	for _, value := range values {
		name, content, kind := "the curl command", []byte(value), request.Curl
		if !request.IsCurl(value) {
			var err error
			if content, err = os.ReadFile(value); err != nil {
				return sources, err
			}
			if name, kind = filepath.Base(value), request.Compose; !compose.IsDockerfile(value) {
				kind = request.KindOf(value, content)
			}
		}
		switch {
		case kind == request.Compose:
			sources.Compose = append(sources.Compose, value)
			continue
		case sources.Requests != nil:
			return sources, fmt.Errorf("--from names requests twice, %s and %s: name one of them", sources.Requests.From, name)
		}
		var err error
		if sources.Requests, err = request.Read(name, content, kind); err != nil {
			return sources, err
		}
	}
	return sources, nil
}

// starter is the plan that init writes without a Compose file.
//
//go:embed starter.hcl.tmpl
var starter string

// values are the variables of the requests that must be given a value.
func values(requests *request.Source) []string {
	var names []string
	for _, v := range requests.Variables {
		names = append(names, v.Name)
	}
	return names
}

// Starter returns a plan to start from, without a Compose file. requests may be nil.
func Starter(requests *request.Source) (*Draft, error) {
	d := &Draft{requests: requests}
	if requests == nil { // an example
		body := map[string]any{"inputs": []any{[]any{5.1, 3.5, 1.4, 0.2}}}
		requests = request.Guessed("", "put in the path and what your model takes",
			request.Request{Name: "predict", Method: "POST", Path: "/predict", Body: &request.Body{JSON: body}})
	}
	port := "8000"
	if _, p, err := net.SplitHostPort(requests.Host); err == nil {
		port = cmp.Or(p, port)
	}
	filled, err := template.New("starter").Parse(starter)
	if err != nil {
		return nil, err
	}
	var text bytes.Buffer
	err = filled.Execute(&text, map[string]string{
		"Port": port, "Scenario": string(requests.Scenario()), "Check": string(requests.Check("api")),
	})
	d.Text = append(bytes.TrimRight(text.Bytes(), "\n"), '\n')
	return d, err
}
