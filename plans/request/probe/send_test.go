package probe

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
)

// TestTheRequestIsSentOnce: a body made from a schema is sent to the API, with rows of another length where the API names
// it, and what it does not answer is known before a run.
func TestTheRequestIsSentOnce(t *testing.T) {
	document := func(schema string) string {
		return `{"openapi": "3.1.0", "paths": {"/predict": {"post": {"requestBody": {"content": {"application/json": ` + schema + `}}}}}}`
	}
	rows := document(`{"schema": {"type": "object", "properties": {"features": {"type": "array", "items": {"type": "number"}}}}}`)
	tables := document(`{"schema": {"type": "object", "properties": {"name": {"type": "string"}, "inputs": {"type": "array", "items": {"type": "array", "items": {"type": "number"}}}}}}`)
	example := document(`{"example": {"features": [1, 2]}}`)
	keyed := strings.Replace(rows, `"/predict": {`, `"/predict": {"parameters": [{"name": "X-API-Key", "in": "header", "schema": {"type": "string"}}], `, 1)
	secured := strings.Replace(rows, `"/predict": {`, `"/predict": {"parameters": [{"name": "X-Trace", "in": "header", "required": true, "schema": {"type": "string"}}], `, 1)
	length := func(body string) int {
		var sent struct {
			Features []float64
			Inputs   [][]float64
		}
		if err := json.Unmarshal([]byte(body), &sent); err != nil {
			t.Error(err)
		}
		if len(sent.Inputs) > 0 {
			return len(sent.Inputs[0])
		}
		return len(sent.Features)
	}
	takes := func(n int, says string) func(string) (int, string) {
		return func(body string) (int, string) {
			if got := length(body); got != n {
				return 500, fmt.Sprintf(says, got)
			}
			return 200, "{}"
		}
	}
	const sklearn = `{"detail":"Inference failed: X has %d features, but RandomForestClassifier is expecting 4 features as input."}`
	for name, c := range map[string]struct {
		document string
		respond  func(body string) (int, string)
		length   int
		refused  string
		sent     int
		guess    string
	}{
		"it is answered":       {rows, takes(1, ""), 1, "", 1, "made from its schema"},
		"scikit-learn":         {rows, takes(4, sklearn), 4, "", 2, "the API takes rows of 4 values"},
		"a table":              {tables, takes(4, sklearn), 4, "", 2, "the API takes rows of 4 values"},
		"XGBoost":              {rows, takes(7, "Feature shape mismatch, expected: 7, got %d"), 7, "", 2, "rows of 7 values"},
		"LightGBM":             {rows, takes(9, "The number of features in data (%d) is not the same as it was in training data (9)."), 9, "", 2, "rows of 9"},
		"its own words":        {rows, takes(13, "need exactly 13 numbers, %d given"), 13, "", 2, "rows of 13 values"},
		"no length":            {rows, takes(4, "Internal Server Error (%d)"), 1, "status 500 Internal Server Error (1)", 1, "made from its schema"},
		"a wrong length":       {rows, takes(4, "expecting 5 features, not %d"), 1, "status 500 expecting 5 features, not 1", 2, ""},
		"many lengths":         {rows, takes(9, "expecting 2, expecting 3, expecting 4, expecting 5, expecting 9 or so (%d)"), 1, "status 500", 5, ""},
		"too long":             {rows, takes(4, "expecting 5000 features (%d)"), 1, "status 500", 1, ""},
		"an example is right":  {example, takes(4, sklearn), 2, "status 500", 1, ""},
		"no status of success": {rows, func(string) (int, string) { return 302, "" }, 1, "status 302", 1, ""},
		"escapes":              {rows, func(string) (int, string) { return 500, "a\x1b[31m\n b\x00" }, 1, "status 500 a b\uFFFD", 1, ""},
		"a long response":      {rows, func(string) (int, string) { return 500, strings.Repeat("ä", 300) }, 1, "status 500 " + strings.Repeat("ä", 100) + " …", 1, ""},
		"it was never loaded":  {rows, func(string) (int, string) { return 503, "loading" }, 1, "status 503 loading", mostAttempts, ""},
		"it is cut in display": {rows, takes(4, strings.Repeat("MLflow ", 40)+"X has %d features, but it is expecting 4 features"), 4, "", 2, "rows of 4 values"},
		"a key may be needed":  {keyed, func(string) (int, string) { return 401, "" }, 1, "", 0, ""},
		"a header is needed":   {secured, takes(4, sklearn), 1, "", 0, ""},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				sent, last := 0, ""
				s, err := Ask(t.Context(), API{Fetch: func(_ context.Context, method, path, body string) (int, []byte, error) {
					switch {
					case method == "GET" && path == "/openapi.json":
						return 200, []byte(c.document), nil
					case method == "POST" && path == "/predict":
						sent, last = sent+1, body
						status, text := c.respond(body)
						return status, []byte(text), nil
					}
					return 404, nil, nil
				}})
				if err != nil {
					t.Fatal(err)
				}
				kept, _ := json.Marshal(s.Requests[0].Body.JSON)
				if got := length(string(kept)); got != c.length {
					t.Errorf("the row has %d values, not %d: %s", got, c.length, kept)
				}
				if s.Refused != c.refused && (c.refused == "" || !strings.HasPrefix(s.Refused, c.refused)) {
					t.Errorf("refused %q, not %q", s.Refused, c.refused)
				}
				if sent != c.sent {
					t.Errorf("%d requests, not %d, the last one %s", sent, c.sent, last)
				}
				if !strings.Contains(s.Guess, c.guess) {
					t.Errorf("guess %q", s.Guess)
				}
				if c.refused != "" && !strings.Contains(string(s.Scenario()), "# The API did not answer it: status") {
					t.Errorf("the plan does not say that the API refused:\n%s", s.Scenario())
				}
			})
		})
	}
}

// TestWhatIsSentWithoutABody: a document that does not say what a POST takes may be one of a request without a body, and
// one whose paths a proxy shortens is asked as the API itself has them.
func TestWhatIsSentWithoutABody(t *testing.T) {
	const body = `{"requestBody": {"content": {"application/json": {"example": [1]}}}}`
	for name, c := range map[string]struct {
		document string
		api      map[string]int // status of each POST; 404 of any other
		path     string
		status   int
		sent     string // the last body
	}{
		"it takes none":         {`{"paths": {"/predict": {"post": {}}}}`, map[string]int{"/predict": 200}, "/predict", 0, ""},
		"it takes one":          {`{"paths": {"/predict": {"post": {}}}}`, map[string]int{"/predict": 422}, "/predict", 422, ""},
		"a proxy shortens it":   {`{"servers": [{"url": "/api"}], "paths": {"/predict": {"post": ` + body + `}, "/x": {"get": {}}}}`, map[string]int{"/predict": 200}, "/predict", 0, "[1]"},
		"a proxy and a refusal": {`{"servers": [{"url": "/api"}], "paths": {"/predict": {"post": ` + body + `}}}`, map[string]int{"/predict": 401}, "/predict", 401, "[1]"},
		"no proxy":              {`{"servers": [{"url": "/api"}], "paths": {"/predict": {"post": ` + body + `}}}`, map[string]int{"/api/predict": 200}, "/api/predict", 0, "[1]"},
		"neither":               {`{"servers": [{"url": "/api"}], "paths": {"/predict": {"post": ` + body + `}}}`, nil, "/api/predict", 404, "[1]"},
	} {
		last := ""
		s, err := Ask(t.Context(), API{Fetch: func(_ context.Context, method, path, body string) (int, []byte, error) {
			if method == "GET" && path == "/openapi.json" {
				return 200, []byte(`{"openapi": "3.1.0", ` + c.document[1:]), nil
			}
			if status, is := c.api[path]; is && method == "POST" {
				last = body
				return status, nil, nil
			}
			if method == "POST" && strings.HasSuffix(path, "/predict") {
				last = body
			}
			return 404, nil, nil
		}})
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if r := s.Requests[0]; r.Path != c.path || s.Status != c.status || last != c.sent || (s.Refused == "") != (c.status == 0) {
			t.Errorf("%s: %s, status %d, %q, sent %q", name, r.Path, s.Status, s.Refused, last)
		}
		if shortened := c.path == "/predict" && strings.Contains(c.document, "servers"); shortened && (len(s.Notes) > 0 || len(s.Others) > 0 && s.Others[0].Path != "/x") {
			t.Errorf("%s: %v, %v", name, s.Notes, s.Others)
		}
	}
}

// TestWhatTheLogSays: frameworks respond with status 500 alone, and write the reason to their log.
func TestWhatTheLogSays(t *testing.T) {
	const document = `{"openapi": "3.1.0", "paths": {"/predict": {"post": {"requestBody": {"content": {"application/json": {
		"schema": {"type": "object", "properties": {"features": {"type": "array", "items": {"type": "number"}}}}}}}}}}}`
	start := []string{"trained on 9 features", "ready"}
	for name, c := range map[string]struct {
		takes  int
		writes []string // for each request that is refused
		full   bool     // the log begins after what it had
		logged string
		length int
	}{
		"what the model expects": {4, []string{"Traceback", "ValueError: X has 1 features, but it is expecting 4 features", ""}, false, "", 4},
		"a full log":             {4, []string{"ValueError: expecting 4 features"}, true, "", 4},
		"another reason":         {4, []string{"KeyError: 'age'\x1b[0m"}, false, "KeyError: 'age'", 1},
		"nothing":                {4, nil, false, "", 1},
		"what it wrote before":   {9, nil, false, "", 1},
		"the same line again":    {4, []string{"ready"}, false, "ready", 1},
	} {
		synctest.Test(t, func(t *testing.T) {
			log := start
			s, err := Ask(t.Context(), API{
				Log: func(context.Context) []string { return log },
				Fetch: func(_ context.Context, method, path, body string) (int, []byte, error) {
					switch {
					case method == "GET" && path == "/openapi.json":
						return 200, []byte(document), nil
					case method == "POST" && strings.Count(body, ",")+1 == c.takes:
						return 200, []byte("{}"), nil
					case method == "POST":
						log = append(slices.Clone(log), c.writes...)
						if c.full {
							log = log[2:]
						}
						return 500, []byte("Internal Server Error"), nil
					}
					return 404, nil, nil
				},
			})
			if err != nil {
				t.Fatal(err)
			}
			list, _ := s.Requests[0].Body.JSON.(map[string]any)["features"].([]any)
			if s.Logged != c.logged || len(list) != c.length || (s.Refused == "") != (c.length == c.takes) {
				t.Errorf("%s: logged %q, refused %q, %d values", name, s.Logged, s.Refused, len(list))
			}
		})
	}
}
