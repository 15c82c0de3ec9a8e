package probe

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"plan/plans/lang"
)

// TestAnAPIThatDoesNotRespond: a probe ends where a response does not, and says so.
func TestAnAPIThatDoesNotRespond(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		begun := time.Now()
		_, err := Ask(t.Context(), API{Fetch: func(ctx context.Context, _, _, _ string) (int, []byte, error) {
			<-ctx.Done()
			return 0, nil, context.Cause(ctx)
		}})
		if err == nil || err.Error() != "GET /docs got no complete response within 10s" || time.Since(begun) != longestFetch {
			t.Errorf("%v after %v", err, time.Since(begun))
		}
	})
}

// TestAsk has APIs as the bodies of their paths; a number is a status without a body.
func TestAsk(t *testing.T) {
	openAPI := `{"openapi": "3.0.0", "paths": {"/predict": {"post": {"requestBody": {"content": {"application/json": {"example": {"x": 1}}}}}}}}`
	bare := `{"openapi": "3.1.0", "paths": {"/invocations": {"post": {}}, "/ping": {"get": {}}}}`
	kserve := `{"openapi": "3.1.0", "paths": {"/v1/models/{model_name}:predict": {"post": {"parameters": [
		{"name": "model_name", "in": "path", "required": true, "schema": {"type": "string"}}]}}}}`
	mlserver := `{"openapi": "3.1.0", "paths": {"/v2/models/{model_name}/infer": {"post": {"parameters": [
		{"name": "model_name", "in": "path", "required": true, "schema": {"type": "string"}}],
		"requestBody": {"content": {"application/json": {"schema": {"type": "object"}}}}}}}}`
	vllm := `{"openapi": "3.1.0", "paths": {"/invocations": {"post": {}}, "/ping": {"get": {}}, "/v1/completions": {"post": {
		"requestBody": {"content": {"application/json": {"schema": {"type": "object", "properties": {"prompt": {"type": "string"}}}}}}}}}}`
	model := `{"name": "iris", "inputs": [{"name": "x", "datatype": "FP32", "shape": [-1, 4]}, {"name": "t", "datatype": "BYTES", "shape": [1]}]}`
	image := `{"name": "image", "inputs": [{"name": "x", "datatype": "UINT8", "shape": [-1, 3, 8, 8]}]}`
	index := `[{"name": "off", "state": "UNAVAILABLE"}, {"name": "iris", "state": "READY"}]`
	page := `<form action="/find"><input name=q></form><form method=post action=/login><input name=a><input type=password name=b></form>
		<form method="POST" action="predict"><input name="sepal" placeholder="e.g. 5.1"><input type=number name=age min=18>
		<input name=name><input type=hidden name=v value=7><select name=class><option value="">?<option value=1>a<option value=2 selected>b</select>
		<input type=radio name=sex value=m><input type=radio name=sex value=f><input type=submit name=go></form>`
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
		{"TorchServe", map[string]string{"GET /ping": "{}"}, nil, false, "no response of the API to /openapi.json, /swagger.json, /v3/api-docs and 20 other usual paths describes its requests"},
		{
			"KServe", map[string]string{"GET /v2": `{"name": "triton"}`, "POST /v2/repository/index": index, "GET /v2/models/iris": model},
			[]string{`path = "/v2/models/iris/infer"`, `data = [0.5, 0.5, 0.5, 0.5]`, `shape = [1, 4]`, `data = ["text"]`}, true, "",
		},
		{
			"KServe with images", map[string]string{"GET /v2": `{"name": "triton"}`, "POST /v2/repository/index": `[{"name": "image"}]`, "GET /v2/models/image": image},
			[]string{`[for i in range(192) : 1]`}, true, "",
		},
		{
			"KServe's own server", map[string]string{"GET /v2": `{"name": "kserve"}`, "GET /v2/models": `{"models": ["iris", "b"]}`, "GET /v2/models/iris": model},
			[]string{`path = "/v2/models/iris/infer"`, `shape = [1, 4]`}, true, "",
		},
		{
			"an older one", map[string]string{"GET /v2": `{"name": "kserve"}`, "GET /v1/models": `{"models": ["iris"]}`, "GET /v2/models/iris": model},
			[]string{`path = "/v2/models/iris/infer"`, `shape = [1, 4]`}, true, "",
		},
		{
			"one whose model does not say what it takes", map[string]string{
				"GET /v2": `{"name": "kserve"}`, "GET /v2/models": `{"models": ["iris"]}`, "GET /v1/models": `{"models": ["b", "iris"]}`,
				"GET /v2/models/iris": `{"name": "iris", "inputs": []}`, "GET /openapi.json": kserve, "GET /ping": "",
			},
			[]string{`path = "/v1/models/iris:predict"`, "instances = [["}, true, "",
		},
		{
			"a server of the V2 protocol alone whose model does not", map[string]string{
				"GET /v2": `{"name": "x"}`, "POST /v2/repository/index": index, "GET /v1/models": `{"models": ["b"]}`, "GET /v2/models/iris": `{"inputs": []}`,
			},
			nil, false, "/v2/models/iris does not say what its model takes",
		},
		{
			"an index without a model and a list with one", map[string]string{
				"GET /v2": `{"name": "x"}`, "POST /v2/repository/index": "[]", "GET /v1/models": `{"models": ["iris"]}`, "GET /v2/models/iris": model,
			},
			[]string{`path = "/v2/models/iris/infer"`}, true, "",
		},
		{
			"KServe without a model", map[string]string{"GET /v2": `{"name": "x"}`, "POST /v2/repository/index": "[]", "GET /v2/models": `{"models": []}`}, nil, false,
			"names no model at /v2/repository/index, /v2/models or /v1/models",
		},
		{"a model list of OpenAI's form", map[string]string{"GET /v2": `{"name": "x"}`, "GET /v1/models": `{"data": [{"id": "m"}]}`}, nil, false, "names no model"},
		{
			"what is known where KServe's index is not", map[string]string{"GET /v2": `{"name": "x"}`, "GET /openapi.json": kserve},
			[]string{`"/v1/models/text:predict"`, "guessed"}, true, "",
		},
		{
			"MLflow beside it", map[string]string{"GET /v2": `{"name": "x"}`, "GET /ping": "", "GET /invocations": "405"},
			[]string{`path = "/invocations"`}, true, "",
		},
		{
			"a page with a form", map[string]string{"GET /": page}, []string{
				`path = "/predict"`, `form = { sepal = "5.1", age = "18", name = "1", v = "7", class = "2", sex = "m" }`, "guessed",
			}, true, "",
		},
		{
			"a description that cannot be made", map[string]string{"GET /docs": "url: '/openapi.json'", "GET /openapi.json": "500", "GET /predict": "405"},
			nil, false, "the API cannot make its description: GET /openapi.json responded with status 500",
		},
		{"a path that takes POST", map[string]string{"GET /predict": "405"}, nil, false, "the API takes POST /predict, but does not say with which body"},
		{
			"BentoML", map[string]string{"GET /": "url: './docs.json'", "GET /docs.json": openAPI},
			[]string{`path = "/predict"`, "the requests of /docs.json"}, false, "",
		},
		{
			"a page beside its document", map[string]string{"GET /api/docs": "url: 'schema.json'", "GET /api/schema.json": openAPI},
			[]string{`path = "/predict"`, "the requests of /api/schema.json"}, false, "",
		},
		{
			"a page about another server", map[string]string{"GET /": "url: 'https://petstore.example/v2/swagger.json'", "GET /swagger.json": openAPI},
			[]string{"the requests of /swagger.json"}, false, "",
		},
		{"flasgger", map[string]string{"GET /apispec_1.json": openAPI}, []string{`path = "/predict"`}, false, ""},
		{
			"MLServer", map[string]string{
				"GET /openapi.json": mlserver, "GET /v2": `{"name": "mlserver"}`, "POST /v2/repository/index {}": index, "GET /v2/models/iris": model,
			},
			[]string{`path = "/v2/models/iris/infer"`, `shape = [1, 4]`}, true, "",
		},
		{
			"vLLM", map[string]string{"GET /openapi.json": vllm, "GET /ping": "", "GET /invocations": "405"},
			[]string{`path = "/v1/completions"`, `prompt = "text"`}, true, "",
		},
		{"no path twice", map[string]string{"GET /docs": "url: '/swagger.json'"}, nil, false, "no response of the API to "},
		{"a page for all paths", map[string]string{"*": "<html>"}, nil, false, "no response of the API to "},
		{"it has ended", nil, nil, false, "connection refused"},
	} {
		t.Run(c.name, func(t *testing.T) {
			asked := map[string]int{}
			s, err := Ask(t.Context(), API{Fetch: func(_ context.Context, method, path, json string) (int, []byte, error) {
				if asked[method+" "+path]++; asked[method+" "+path] > 1 && method == "GET" {
					t.Errorf("%s %s is asked again", method, path)
				}
				body, is := c.api[method+" "+path]
				if !is {
					body, is = c.api[method+" "+path+" "+json]
				}
				switch {
				case c.api == nil:
					return 0, nil, errors.New("connection refused")
				case body == "405" || body == "500":
					status, err := strconv.Atoi(body)
					return status, nil, err
				case !is && c.api["*"] == "":
					return 404, []byte(`{"detail": "Not Found"}`), nil
				case !is:
					body = c.api["*"]
				}
				return 200, []byte(body), nil
			}})
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

// TestAskNotes: what was not understood is noted where something else is known.
func TestAskNotes(t *testing.T) {
	for index, want := range map[string]string{
		`[]`: "the server x speaks KServe's V2 protocol, and names no model at /v2/repository/index, /v2/models or /v1/models",
		"":   "",
	} {
		s, err := Ask(t.Context(), API{Fetch: func(_ context.Context, method, path, _ string) (int, []byte, error) {
			switch method + " " + path {
			case "GET /openapi.json":
				return 200, []byte(`{"openapi": "3.1.0", "paths": {"/predict": {"post": {}}}}`), nil
			case "GET /v2":
				return 200, []byte(`{"name": "` + strings.Repeat("x", len(index)/2) + `"}`), nil
			case "POST /v2/repository/index":
				return 200, []byte(index), nil
			}
			return 404, nil, nil
		}})
		if err != nil {
			t.Fatal(err)
		}
		if got := strings.Join(s.Notes, "; "); got != want || s.Requests[0].Path != "/predict" {
			t.Errorf("%s: %q, want %q", index, got, want)
		}
	}
}

// TestLargeInputs: a plan with the inputs of a model loads, and sends a value for each
// element, up to what its evaluation may take.
func TestLargeInputs(t *testing.T) {
	for _, c := range []struct {
		datatype, shape string
		want            int // 0: refused
	}{
		{"FP32", "[64]", 64},
		{"FP32", "[-1, 65]", 65},
		{"INT64", "[1024]", 1024},
		{"FP32", "[1025]", 1025},
		{"BYTES", "[1025]", 1025},
		{"FP32", "[-1, 3, 224, 224]", 3 * 224 * 224},
		{"FP32", "[400000]", 400_000},
		{"BYTES", "[400000]", 400_000},
		{"FP32", "[400001]", 0},
		{"FP32", "[1000000, 1000000, 1000000, 1000000]", 0},
	} {
		t.Run(c.datatype+c.shape, func(t *testing.T) {
			s, err := Ask(t.Context(), API{Fetch: func(_ context.Context, method, path, _ string) (int, []byte, error) {
				switch method + " " + path {
				case "GET /v2":
					return 200, []byte(`{"name": "triton"}`), nil
				case "POST /v2/repository/index":
					return 200, []byte(`[{"name": "m"}]`), nil
				case "GET /v2/models/m":
					return 200, fmt.Appendf(nil, `{"inputs": [{"name": "x", "datatype": %q, "shape": %s}]}`, c.datatype, c.shape), nil
				}
				return 404, nil, nil
			}})
			if c.want == 0 {
				if err == nil || !strings.Contains(err.Error(), "the input x of /v2/models/m has the shape ") ||
					!strings.HasSuffix(err.Error(), "--path /v2/models/m/infer --json @FILE") {
					t.Errorf("%v, %v", s, err)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			file := filepath.Join(t.TempDir(), "plan.hcl")
			text := "service \"api\" {\nimage = \"api:1\"\nexpose = [\"8000\"]\n}\n" + string(s.Scenario()) + "check \"c\" {\n" +
				"service = service.api\nload {\nscenario = scenario.user\nusers = 1\nruntime = \"10s\"\n}\n}\n"
			if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
				t.Fatal(err)
			}
			plan, diags := lang.Load(file, lang.Options{})
			if diags.HasErrors() {
				t.Fatal(diags.Error())
			}
			r := plan.Stages[0].Load.Scenario.Requests[0]
			var body struct{ Inputs []struct{ Data []any } }
			if err := json.Unmarshal(r.Body, &body); err != nil || r.Header["Content-Type"] != "application/json" {
				t.Fatalf("%v, %v", err, r.Header)
			}
			if got := len(body.Inputs[0].Data); got != c.want || slices.Contains(body.Inputs[0].Data, nil) {
				t.Errorf("%d values", got)
			}
		})
	}
}
