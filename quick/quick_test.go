package quick

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"plan/engine"
	"plan/internal/exchange"
	"plan/internal/shellword"
	"plan/internal/units"
	"plan/plans/diag"
	"plan/plans/lang"
	"plan/plans/request"
	"plan/plans/request/probe"
)

func TestDetect(t *testing.T) {
	w := World{
		Exists:   func(path string) bool { return path == "." || path == "compose.yaml" || path == "host:1" },
		Accepts:  func(address string) bool { return address == "localhost:8000" || address == "localhost:5000" },
		Registry: func(address string) bool { return address == "localhost:5000" },
	}
	for target, want := range map[string]Kind{
		".": Compose, "compose.yaml": Compose, "host:1": Compose, // a path goes first
		"http://localhost:9/predict": Address, "https://x": Address, "localhost:8000": Address,
		"localhost:8000/predict": Address, "localhost:8000/predict/1?x=1": Address, "localhost:8000/": Address,
		"localhost:8000/api:1": Image, "localhost:5000/api": Image, "localhost:8001/api": Image,
		"localhost:8001": "", "127.0.0.1:8001": "", "api.example:8001": "", "[::1]:8001": "",
		"api:1": Image, "registry:5000/api": Image, "api": Image, "api:latest": Image,
		"": "", "./none": "", "../none": "", "/none": "", "none.yaml": "", "none.yml": "",
	} {
		if got, err := Detect(target, w); got != want || (err == nil) != (want != "") {
			t.Errorf("%q is %q (%v), want %q", target, got, err, want)
		}
	}
}

func TestPlanFile(t *testing.T) {
	for name, want := range map[string]string{
		"fast-api:latest": "quick-fast-api.hcl", "registry:5000/a/My_API@sha256:1f": "quick-my-api.hcl", "web": "quick-web.hcl",
		"-": "quick-api.hcl",
	} {
		if got := PlanFile(name); got != want {
			t.Errorf("%s: %s, want %s", name, got, want)
		}
	}
}

func TestThresholds(t *testing.T) {
	standard := []Threshold{{"p95", "500ms"}, {"error_rate", "1%"}}
	for text, want := range map[string][]Threshold{
		"": standard, "p95=1s": {{"error_rate", "1%"}, {"p95", "1s"}}, "p99=2s": append(slices.Clone(standard), Threshold{"p99", "2s"}),
		"p95": nil, "p95=": nil, "speed=1": nil, "throughput=9/s": nil,
	} {
		var texts []string
		if text != "" {
			texts = []string{text}
		}
		if got, err := Thresholds(texts); !slices.Equal(got, want) || (err == nil) != (want != nil) {
			t.Errorf("%q: %v (%v), want %v", text, got, err, want)
		}
	}
}

// TestTimeouts: a response that a threshold allows is not cut off.
func TestTimeouts(t *testing.T) {
	for text, want := range map[string]time.Duration{
		"": 4 * time.Second, "p95=2s": 4 * time.Second, "p95=2500ms": 5 * time.Second, "p99=1m": 2 * time.Minute, "max=10s": 20 * time.Second,
		"error_rate=5%": 4 * time.Second, "p95=soon": 4 * time.Second,
	} {
		thresholds, err := Thresholds(slices.DeleteFunc([]string{text}, func(t string) bool { return t == "" }))
		if got := Timeout(thresholds); err != nil || got != want {
			t.Errorf("%s: %s (%v), want %s", text, got, err, want)
		}
	}
	stages := string(Sizing{Service: "api", Thresholds: []Threshold{{"p95", "10s"}}}.Stages())
	for _, want := range []string{`runtime    = "21s"`, `runtime  = "26s" # users start`} {
		if !strings.Contains(stages, want) {
			t.Errorf("%s is not in\n%s", want, stages)
		}
	}
}

// TestHowLongAnImageMayTakeToStart: as long as the probe shows that it needs, with much to spare.
func TestHowLongAnImageMayTakeToStart(t *testing.T) {
	for started, want := range map[time.Duration]string{
		0: "", time.Second: `within = "15s" # without limits it took 1s`, 3 * time.Second: `within = "15s"`, 3100 * time.Millisecond: `within = "16s"`,
		time.Minute: `within = "300s"`,
	} {
		plan := string(ImagePlan("api:1", 8000, guess(), Sizing{Started: started}))
		if !strings.Contains(plan, want) || strings.Contains(plan, "within") != (want != "") {
			t.Errorf("%s: no %q in\n%s", started, want, plan)
		}
	}
}

// TestRequests: options go before what the API says, and a body alone replaces its body.
func TestRequests(t *testing.T) {
	for name, c := range map[string]struct {
		options Prediction
		found   *request.Source
		want    string // lines, or the begin of the error
	}{
		"nothing":           {Prediction{}, nil, ""},
		"path":              {Prediction{Path: "/p"}, nil, "GET /p, from --path"},
		"path and body":     {Prediction{Path: "/p", JSON: `{"x": 1}`}, nil, "POST /p, from --path"},
		"curl":              {Prediction{Curl: `curl localhost/c --json '{"x":1}'`}, nil, "POST /c, from --curl"},
		"curl, its rest":    {Prediction{Curl: `localhost/c`}, nil, "GET /c, from --curl"},
		"said by the API":   {Prediction{}, guess(), "POST /predict, GET /health, from /openapi.json (a guess: made; --json replaces it)"},
		"with another body": {Prediction{JSON: `[1]`}, guess(), "POST /predict, from /openapi.json"},
		"body alone":        {Prediction{JSON: `[1]`}, nil, ""},
		"two ways":          {Prediction{Curl: "localhost/c", Path: "/p"}, nil, "error: --curl has the path"},
		"no path":           {Prediction{Path: "p"}, nil, "error: --path"},
		"no JSON":           {Prediction{Path: "/p", JSON: "{"}, nil, "error: --json is not JSON"},
		"null":              {Prediction{Path: "/p", JSON: "null"}, nil, "error: --json is null: write the body that the API takes"},
		"two values":        {Prediction{Path: "/p", JSON: "{} {}"}, nil, "error: --json is more"},
	} {
		s, err := c.options.Requests(c.found)
		got := ""
		switch {
		case err != nil:
			got = "error: " + err.Error()
		case s != nil:
			got = Line(s)
			for _, r := range s.Requests {
				if s.ThinkTime != request.ThinkTime || r.Timeout == "" {
					t.Errorf("%s: %s has think time %q, timeout %q", name, r.Name, s.ThinkTime, r.Timeout)
				}
			}
		}
		if got != c.want && !(strings.HasPrefix(c.want, "error") && strings.HasPrefix(got, c.want)) {
			t.Errorf("%s: %s, want %s", name, got, c.want)
		}
	}
}

func guess() *request.Source {
	return &request.Source{From: "/openapi.json", Guess: "made", Requests: []request.Request{
		{Name: "predict", Method: "POST", Path: "/predict", Body: &request.Body{JSON: map[string]any{"x": 1}}, Timeout: "1s"},
		{Name: "health", Method: "GET", Path: "/health"},
	}}
}

// TestPlansAreValid: what is written has neither errors nor warnings, and is for the
// machine.
func TestPlansAreValid(t *testing.T) {
	standard, _ := Thresholds(nil)
	for name, c := range map[string]struct {
		sizing Sizing
		has    []string
		not    []string
	}{
		"usual": {Sizing{}, []string{`from = "64M"`, `to   = "8G"`, `step = "5%"`, "cpus = 1", `p95        = "500ms"`,
			`users        = "auto"`, `from         = 5`, `to           = 10000`, `step         = "5%"`, `leak_horizon = "1s"`}, nil},
		"a small machine":   {Sizing{Memory: 2 * units.GiB}, []string{`to   = "1536M"`}, nil},
		"10 GiB":            {Sizing{Memory: 8 * units.GiB}, []string{`to   = "7372M"`}, nil},
		"a large one":       {Sizing{Memory: 24 * units.GiB}, []string{`to   = "8G"`}, nil},
		"no room":           {Sizing{Memory: units.MiB}, []string{`to   = "64M"`}, nil},
		"a path of its own": {Sizing{Ready: "/health"}, []string{"ready {\n    path = \"/health\"\n  }"}, nil},
		"its own limit":     {Sizing{Limited: true}, nil, []string{"cpus"}},
	} {
		c.sizing.Thresholds = standard
		requests, _ := Prediction{Path: "/predict", JSON: `{"x": 1}`}.Requests(nil)
		text := string(ImagePlan("fast-api:latest", 8000, requests, c.sizing))
		for _, want := range c.has {
			if !strings.Contains(text, want) {
				t.Errorf("%s: no %s in\n%s", name, want, text)
			}
		}
		for _, bad := range c.not {
			if strings.Contains(text, bad) {
				t.Errorf("%s: %s in\n%s", name, bad, text)
			}
		}
		file := filepath.Join(t.TempDir(), "quick.hcl")
		if err := os.WriteFile(file, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
		plan, diags := lang.Load(file, lang.Options{})
		if plan == nil {
			t.Fatalf("%s: %v", name, diags)
		}
		for _, d := range diags {
			if d.Severity != diag.Note {
				t.Errorf("%s: %v", name, d)
			}
		}
	}
	driven := string(Sizing{Service: "api", Driver: []string{`file = "locustfile.py"`}, Thresholds: standard}.Stages())
	if strings.Contains(driven, "scenario") || strings.Contains(driven, "warm_up") || strings.Count(driven, `driver "locust"`) != 2 ||
		!strings.Contains(driven, "users        = [10, 20, 50, ") || strings.Contains(driven, "auto") {
		t.Errorf("with a driver:\n%s", driven)
	}
}

func TestSigned(t *testing.T) {
	signed := string(Sign([]byte("service {\n}\n")))
	for text, want := range map[string]bool{
		signed: true, "": false, "service {\n}\n": false, signed + "# mine\n": false, " " + signed: false,
		strings.Replace(signed, "service", "Service", 1): false, signed[:len(signed)-1]: false,
	} {
		if got := Signed([]byte(text)); got != want {
			t.Errorf("%q: %v", text, got)
		}
	}
}

func TestLoadArgs(t *testing.T) {
	const onlyPlan = "the request needs a secret, a form or a file, which only a plan can have: write one with plan init"
	curl := func(text string) request.Source {
		s, err := Prediction{Curl: text}.Requests(nil)
		if err != nil {
			t.Fatal(err)
		}
		return *s
	}
	for name, c := range map[string]struct {
		source request.Source
		want   string // without the load, or the error
	}{
		"GET":                      {request.Source{Requests: []request.Request{{Method: "GET", Path: "/h"}}}, "http://h:1/h --timeout 4s"},
		"POST":                     {*guess(), `http://h:1/predict --body '{"x":1}' --timeout 1s`},
		"curl":                     {curl(`curl -L -m 30 --data-raw hello localhost/h`), "http://h:1/h --body hello --header 'Content-Type: application/x-www-form-urlencoded' --redirects 5 --timeout 30s"},
		"text":                     {request.Source{Requests: []request.Request{{Method: "PUT", Path: "/h", Body: &request.Body{Text: "a"}}}}, "http://h:1/h --body a --method PUT --timeout 4s"},
		"headers":                  {request.Source{Headers: []request.Pair{{Name: "A", Value: "it's"}}, Requests: []request.Request{{Method: "GET", Path: "/h", Status: []int{200, 404}}}}, `http://h:1/h --header 'A: it'\''s' --expect-status 200,404 --timeout 4s`},
		"secret":                   {request.Source{Variables: []request.Variable{{Name: "token"}}, Requests: []request.Request{{Method: "GET", Path: "/h"}}}, onlyPlan},
		"auth":                     {request.Source{Auth: &request.Auth{}, Requests: []request.Request{{Method: "GET", Path: "/h"}}}, onlyPlan},
		"form":                     {request.Source{Requests: []request.Request{{Method: "POST", Path: "/h", Body: &request.Body{Form: []request.Pair{{Name: "a"}}}}}}, onlyPlan},
		"file":                     {request.Source{Requests: []request.Request{{Method: "POST", Path: "/h", Body: &request.Body{File: "x"}}}}, onlyPlan},
		"a text that names a file": {curl("curl localhost/h --data-raw @/etc/passwd"), "the body begins with @, which names a file: write a plan with plan init"},
	} {
		args, err := LoadArgs("http://h:1", &c.source, 50, leastTimeout)
		got := strings.TrimSuffix(shellword.Join(args), " --users 50 --spawn-rate 25/s --think-time 1s-3s --warm-up 2s --runtime 7s")
		if err != nil {
			got = err.Error()
		}
		if got != c.want {
			t.Errorf("%s: %s, want %s", name, got, c.want)
		}
	}
}

// TestRuntimes: p95 needs 90 responses, which each user gives one of in up to 2.5 s.
func TestRuntimes(t *testing.T) {
	source := &request.Source{Requests: []request.Request{{Method: "GET", Path: "/"}}}
	for users, want := range map[int]string{1: "23s", 5: "50s", 20: "23s"} { // with a timeout of 20 s
		args, err := LoadArgs("http://h:1", source, users, 20*time.Second)
		if err != nil || args[len(args)-1] != want || !slices.Contains(args, "20s") {
			t.Errorf("%d users: %v (%v), want %s", users, args, err, want)
		}
	}
	for users, want := range map[int]string{
		1: "7s", 2: "1m2s", 3: "1m2s", 4: "1m2s", 5: "50s", 10: "26s", 20: "14s", 36: "9s", 47: "8s", 48: "7s", 50: "7s", 10_000: "7s",
	} {
		args, err := LoadArgs("http://h:1", source, users, leastTimeout)
		if err != nil || args[len(args)-1] != want {
			t.Errorf("%d users: %v (%v), want %s", users, args, err, want)
		}
		if responses := float64(users) * judged(users, leastTimeout).Seconds() / 2.5; users >= fewestUsers && responses < 90 {
			t.Errorf("%d users have %.0f responses of 0.5 s", users, responses)
		}
	}
}

func TestOverload(t *testing.T) {
	window := func(ok, failed int64, p95 float64) engine.Window {
		return engine.Window{OK: ok, Failed: failed, Latency: engine.Percentiles{P95: &p95}}
	}
	alone := 0.01
	for name, c := range map[string]struct {
		window engine.Window
		alone  *float64
		stops  bool
	}{
		"calm":              {window(100, 0, 0.19), &alone, false},
		"20 times":          {window(100, 0, 0.2), &alone, true},
		"not known alone":   {window(100, 0, 9), nil, false},
		"a tenth fails":     {window(9, 1, 0.01), &alone, true},
		"more than a tenth": {window(17, 2, 0.01), &alone, true},
		"less than a tenth": {window(91, 9, 0.01), &alone, false},
		"too few to say":    {window(0, 9, 0.5), &alone, false},
		"none was OK":       {engine.Window{Failed: 10}, &alone, true},
	} {
		if got := Overload(c.window, c.alone); (got != "") != c.stops {
			t.Errorf("%s: %q", name, got)
		}
	}
}

func TestJudge(t *testing.T) {
	of := func(change func(*Measure)) Measure {
		m := Measure{Users: 50}
		m.Result.Total.OK = 99
		m.Result.Judged = engine.Judged{OK: 99, Failed: 1, Latency: engine.Percentiles{P95: new(0.5)}}
		change(&m)
		return m
	}
	for want, change := range map[string]func(*Measure){
		"": func(m *Measure) { // requests that started late were answered in time
			m.Result.Saturated = []engine.Saturation{{Kind: engine.SaturationLateness, Text: "late"}}
		},
		"p95 501ms over 500ms":                 func(m *Measure) { m.Result.Judged.Latency.P95 = new(0.501) },
		"2 % of the requests failed, over 1 %": func(m *Measure) { m.Result.Judged.OK, m.Result.Judged.Failed = 98, 2 },
		"stopped":                              func(m *Measure) { m.Stopped = "stopped" },
		"no response was OK":                   func(m *Measure) { m.Result.Total.OK = 0 },
		"no response was OK, 3 × http 4xx (HTTP 405). Name the request with --path and --json, or --curl": func(m *Measure) {
			m.Result.Total.OK, m.Result.Total.Failed = 0, 3
			m.Result.Total.Errors = map[exchange.Class]int64{exchange.HTTP4xx: 3}
			m.Result.Examples = map[exchange.Class]string{exchange.HTTP4xx: "HTTP 405"}
		},
		"p95 502ms over 500ms": func(m *Measure) { // one 429 is no wrong request
			m.Result.Judged.Latency.P95 = new(0.502)
			m.Result.Total.Failed, m.Result.Total.Errors = 1, map[exchange.Class]int64{exchange.HTTP4xx: 1}
		},
		"no response was OK, 3 × http 5xx": func(m *Measure) {
			m.Result.Total.OK, m.Result.Total.Failed = 0, 4
			m.Result.Total.Errors = map[exchange.Class]int64{exchange.HTTP4xx: 1, exchange.HTTP5xx: 3}
		},
		"50 % of the requests failed, over 1 %, 50 × http 4xx": func(m *Measure) {
			m.Result.Judged.OK, m.Result.Judged.Failed = 50, 50
			m.Result.Total.OK, m.Result.Total.Failed = 50, 50
			m.Result.Total.Errors = map[exchange.Class]int64{exchange.HTTP4xx: 50}
		},
		"51 % of the requests failed, over 1 %, 51 × http 4xx. Name the request with --path and --json, or --curl": func(m *Measure) {
			m.Result.Judged.OK, m.Result.Judged.Failed = 49, 51
			m.Result.Total.OK, m.Result.Total.Failed = 49, 51
			m.Result.Total.Errors = map[exchange.Class]int64{exchange.HTTP4xx: 51}
		},
		"2 % of the requests failed, over 1 %, 2 × http 5xx": func(m *Measure) {
			m.Result.Judged.OK, m.Result.Judged.Failed = 98, 2
			m.Result.Total.Errors = map[exchange.Class]int64{exchange.HTTP5xx: 2}
		},
		"it stopped responding": func(m *Measure) { m.Result.Hung = true },
		"the driver was at its limit: cpu": func(m *Measure) {
			m.Result.Saturated = []engine.Saturation{{Kind: engine.SaturationLateness, Text: "late"}, {Kind: engine.SaturationCPU, Text: "cpu"}}
			m.Result.Judged.Latency.P95 = new(9.0)
		},
		"the driver was at its limit: late": func(m *Measure) {
			m.Result.Saturated = []engine.Saturation{{Kind: engine.SaturationLateness, Text: "late"}}
			m.Result.Judged.Latency.P95, m.Result.Lateness.P99 = new(0.7), new(0.3)
		},
		"p95 900ms over 500ms": func(m *Measure) { // late by less than that
			m.Result.Saturated = []engine.Saturation{{Kind: engine.SaturationLateness, Text: "late"}}
			m.Result.Judged.Latency.P95, m.Result.Lateness.P99 = new(0.9), new(0.3)
		},
	} {
		m := of(change)
		m.Judge(0.5, 0.01)
		if m.Why != want || m.Failed != (want != "" && !strings.Contains(want, "driver")) {
			t.Errorf("%q (%v), want %q", m.Why, m.Failed, want)
		}
	}
}

// TestNextUsers: the users rise while they hold; where 50 do not, fewer follow until some
// hold.
func TestNextUsers(t *testing.T) {
	for holds, want := range map[int][]int{
		0: {1}, 1: {1, 50, 20, 10, 5}, 5: {1, 50, 20, 10, 5}, 10: {1, 50, 20, 10}, 49: {1, 50, 20}, 50: {1, 50, 100},
		10_000: {1, 50, 100, 200, 500, 1000, 2000, 5000, 10_000},
	} {
		var ran []Measure
		var got []int
		for users := NextUsers(nil); users > 0; users = NextUsers(ran) {
			m := Measure{Users: users, Failed: users > holds}
			if m.Failed {
				m.Why = "slow"
			}
			ran, got = append(ran, m), append(got, users)
		}
		if !slices.Equal(got, want) {
			t.Errorf("%d hold: %v, want %v", holds, got, want)
		}
	}
	for _, users := range []int{1, 50, 20} {
		if got := NextUsers([]Measure{{Users: users, Why: "the driver was at its limit"}}); got != 0 {
			t.Errorf("%d after %d without a verdict", got, users)
		}
	}
}

// TestLargeInputs: at an address a load sends the values that the plan of an image makes.
func TestLargeInputs(t *testing.T) {
	for _, count := range []int{64, 65, 1024, 1025, 3 * 224 * 224, 400_000} {
		s, err := probe.Ask(t.Context(), probe.API{Fetch: func(_ context.Context, method, path, _ string) (int, []byte, error) {
			switch method + " " + path {
			case "GET /v2":
				return 200, []byte(`{"name": "triton"}`), nil
			case "POST /v2/repository/index":
				return 200, []byte(`[{"name": "m"}]`), nil
			case "GET /v2/models/m":
				return 200, fmt.Appendf(nil, `{"inputs": [{"name": "x", "datatype": "FP32", "shape": [-1, %d]}]}`, count), nil
			}
			return 404, nil, nil
		}})
		if err != nil {
			t.Fatal(err)
		}
		args, err := LoadArgs("http://h:1", s, 50, leastTimeout)
		if err != nil {
			t.Fatalf("%d values: %v", count, err)
		}
		var body struct{ Inputs []struct{ Data []float64 } }
		if err := json.Unmarshal([]byte(args[slices.Index(args, "--body")+1]), &body); err != nil {
			t.Errorf("%d values: %v", count, err)
		} else if got := len(body.Inputs[0].Data); got != count {
			t.Errorf("%d values, want %d", got, count)
		}
		standard, _ := Thresholds(nil)
		file := filepath.Join(t.TempDir(), "plan.hcl")
		if err := os.WriteFile(file, ImagePlan("api:1", 80, s, Sizing{Thresholds: standard}), 0o600); err != nil {
			t.Fatal(err)
		}
		if _, diags := lang.Load(file, lang.Options{}); diags.HasErrors() {
			t.Errorf("%d values: %v", count, diags)
		}
	}
}
