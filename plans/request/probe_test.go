package request

import (
	"context"
	"errors"
	"strings"
	"testing"
)

// TestProbe has APIs as the bodies of their paths; a number is a status without a body.
func TestProbe(t *testing.T) {
	openAPI := `{"openapi": "3.0.0", "paths": {"/predict": {"post": {"requestBody": {"content": {"application/json": {"example": {"x": 1}}}}}}}}`
	bare := `{"openapi": "3.1.0", "paths": {"/invocations": {"post": {}}, "/ping": {"get": {}}}}`
	model := `{"name": "iris", "inputs": [{"name": "x", "datatype": "FP32", "shape": [-1, 4]}, {"name": "t", "datatype": "BYTES", "shape": [1]}]}`
	image := `{"name": "image", "inputs": [{"name": "x", "datatype": "UINT8", "shape": [-1, 3, 8, 8]}]}`
	index := `[{"name": "off", "state": "UNAVAILABLE"}, {"name": "iris", "state": "READY"}]`
	for _, c := range []struct {
		name  string
		api   map[string]string
		want  []string // parts of what is written
		guess bool
		err   string
	}{
		{"FastAPI", map[string]string{"GET /openapi.json": openAPI}, []string{`path = "/predict"`, "json = { x = 1 }"}, false, ""},
		{
			"FastAPI under a path", map[string]string{"GET /docs": "SwaggerUIBundle({ url: '/api/openapi.json', })", "GET /api/openapi.json": openAPI},
			[]string{`path = "/predict"`, "the requests of /api/openapi.json"}, false, "",
		},
		{"Flask", map[string]string{"GET /openapi.json": "<html>", "GET /swagger.json": openAPI}, []string{`path = "/predict"`}, false, ""},
		{"MLflow", map[string]string{"GET /ping": "", "GET /invocations": "405"}, []string{`path = "/invocations"`, "inputs = [["}, true, ""},
		{
			"MLflow on FastAPI", map[string]string{"GET /openapi.json": bare, "GET /ping": "", "GET /invocations": "405"},
			[]string{`path = "/invocations"`, "inputs = [["}, true, "",
		},
		{"TorchServe", map[string]string{"GET /ping": "{}"}, nil, false, "the API answers none of /docs, /redoc, /openapi.json, "},
		{
			"KServe", map[string]string{"GET /v2": `{"name": "triton"}`, "POST /v2/repository/index": index, "GET /v2/models/iris": model},
			[]string{`path = "/v2/models/iris/infer"`, `data = [0.5, 0.5, 0.5, 0.5]`, `shape = [1, 4]`, `data = ["text"]`}, true, "",
		},
		{
			"KServe with images", map[string]string{"GET /v2": `{"name": "triton"}`, "POST /v2/repository/index": `[{"name": "image"}]`, "GET /v2/models/image": image},
			[]string{`[for i in range(192) : 1]`}, true, "",
		},
		{"KServe without a model", map[string]string{"GET /v2": `{"name": "x"}`, "POST /v2/repository/index": "[]"}, nil, false, "names no model"},
		{"a page for all paths", map[string]string{"*": "<html>"}, nil, false, "the API answers none of"},
		{"it has ended", nil, nil, false, "connection refused"},
	} {
		t.Run(c.name, func(t *testing.T) {
			s, err := Probe(t.Context(), func(_ context.Context, method, path string) (int, []byte, error) {
				body, is := c.api[method+" "+path]
				switch {
				case c.api == nil:
					return 0, nil, errors.New("connection refused")
				case body == "405":
					return 405, nil, nil
				case !is && c.api["*"] == "":
					return 404, []byte(`{"detail": "Not Found"}`), nil
				case !is:
					body = c.api["*"]
				}
				return 200, []byte(body), nil
			})
			if c.err != "" {
				if err == nil || !strings.Contains(err.Error(), c.err) {
					t.Errorf("%v, %v", s, err)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			text := string(s.Scenario())
			for _, part := range c.want {
				if !strings.Contains(text, part) {
					t.Errorf("%q is not in\n%s", part, text)
				}
			}
			if (s.Guess != "") != c.guess {
				t.Errorf("a guess: %q", s.Guess)
			}
		})
	}
}
