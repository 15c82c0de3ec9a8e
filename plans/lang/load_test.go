package lang

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"plan/engine"
	"plan/internal/exchange"
	"plan/internal/units"
	"plan/plans"
)

// noDecls leaves out where values stand.
var noDecls = cmpopts.IgnoreTypes(&plans.Decl{})

// load loads a plan that must have no errors.
func load(t *testing.T, source string, o Options) *plans.Plan {
	t.Helper()
	p, diags := Load(writePlan(t, source), o)
	if p == nil {
		t.Fatalf("the plan does not load:\n%v", diags)
	}
	return p
}

func TestExampleAsAValue(t *testing.T) {
	p, _ := Load("../minimal-resources.hcl", Options{Version: "0.1.0", Environ: []string{"PLAN_VAR_minio_secret=s3cret"}})
	if p == nil {
		t.Fatal("the example does not load")
	}
	body := []byte(`{"inputs":[[5.1,3.5,1.4,0.2]]}`)
	scenario := plans.Scenario{
		Address: "scenario.predict", ThinkTime: engine.ThinkTime{Kind: "between", Min: time.Second, Max: 3 * time.Second},
		Requests: []exchange.Request{
			{Name: "predict", Method: "POST", Path: "/predict", Header: map[string]string{"Content-Type": "application/json"}, Body: body, Weight: 9, Timeout: 10 * time.Second, Status: []int{200}, Replay: true},
			{Name: "health", Method: "GET", Path: "/health", Weight: 1, Timeout: 10 * time.Second, Replay: true},
		},
	}
	service := plans.Service{
		Address: "service.api", Name: "api", Image: "fast-api-mlflow:latest", ImageOf: "image.api",
		Command: []string{"uv", "run", "uvicorn", "main:app", "--host", "0.0.0.0", "--port", "8000"},
		Environment: map[string]string{
			"MLFLOW_TRACKING_URI": "http://mlflow:5000", "MLFLOW_S3_ENDPOINT_URL": "http://minio:9000",
			"AWS_ACCESS_KEY_ID": "workshop", "AWS_SECRET_ACCESS_KEY": "s3cret",
		},
		Networks: []string{"proyecto-2_default"}, Expose: []int{8000}, Restart: "no",
		Limits: plans.Settings{Limits: plans.Limits{Memory: 500 * units.MiB, CPUs: 500}},
		Ready:  plans.Ready{Path: "/health", Within: 2 * time.Minute},
	}
	want := &plans.Plan{
		Name: "minimal-resources", Description: "Least memory and most users of the inference API", File: "../minimal-resources.hcl",
		Images:   []plans.Image{{Address: "image.api", Source: "fast-api-mlflow:latest", Name: "jrpenagu/fast-api-mlflow:latest", Pull: "missing", Push: true}},
		Networks: []plans.Network{{Address: "network.backend", Name: "proyecto-2_default", External: true}},
		Preflights: []plans.Preflight{
			{Address: "preflight.mlflow", Network: "proyecto-2_default", URL: "http://mlflow:5000/health", Status: 200, Within: 20 * time.Second},
			{Address: "preflight.minio", Network: "proyecto-2_default", URL: "http://minio:9000/minio/health/live", Within: 20 * time.Second},
		},
		Services: []plans.Service{service},
		Guard:    plans.Guard{HostMemoryFree: 2 * units.GiB},
		Stages: []plans.Stage{
			{
				Address: "search.memory", Kind: plans.Search, Service: service, Strategy: "anchored", Margin: 0.15, LeakHorizon: 24 * time.Hour,
				Vary: []plans.Vary{{Dimension: plans.Memory, From: 500 << 20, To: 4 << 30, Step: 100 << 20}},
				Load: &plans.Workload{Scenario: scenario, Users: 1, Runtime: 30 * time.Second, Agents: 1},
			},
			{
				Address: "ramp.users", Kind: plans.Ramp, Service: service, Users: []int{10, 50, 100, 250, 500, 1000, 2500, 5000, 10000}, StopAfter: 1, LeakHorizon: 24 * time.Hour,
				Load:      &plans.Workload{Scenario: scenario, SpawnRate: 200, Runtime: 150 * time.Second, Agents: 1},
				Threshold: []plans.Objective{{Metric: "p95", Limit: 0.5}, {Metric: "error_rate", Limit: 0.01}},
				Needs:     []string{"search.memory"}, Unknown: []string{"set.memory"},
			},
		},
		Variables: []plans.Variable{
			{Name: "repository", Value: `"jrpenagu/fast-api-mlflow"`},
			{Name: "command", Value: `["` + strings.Join(service.Command, `","`) + `"]`},
			{Name: "runtime", Value: `"150s"`},
			{Name: "users", Value: "[10,50,100,250,500,1000,2500,5000,10000]"},
			{Name: "spawn_rate", Value: `"200/s"`},
			{Name: "smoke", Value: `"30s"`},
			{Name: "minio_key", Value: `"workshop"`},
			{Name: "minio_secret", Value: `"s3cret"`, Sensitive: true},
		},
		Files:   map[string]string{},
		Secrets: []string{"s3cret"},
	}
	if diff := cmp.Diff(want, p, cmpopts.IgnoreUnexported(plans.Plan{}), noDecls, cmpopts.IgnoreFields(plans.Plan{}, "SHA256")); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if len(p.SHA256) != 64 {
		t.Errorf("the digest is %q", p.SHA256)
	}
}

const bare = `
service "api" {
  image = "x:latest"
  %s
}
search "memory" {
  service = service.api
  vary "memory" {
    from = "500M"
    to   = "1000M"
    step = "100M"
  }
}
`

func service(t *testing.T, lines string, o Options) plans.Service {
	t.Helper()
	return load(t, strings.Replace(bare, "%s", lines, 1), o).Stages[0].Service
}

func TestReadyWithoutABlock(t *testing.T) {
	got := service(t, `expose = ["9000", 9001]`, Options{})
	if diff := cmp.Diff(plans.Ready{Health: true, TCP: 9000, Within: time.Minute}, got.Ready); diff != "" {
		t.Error(diff)
	}
}

func TestPublishedPorts(t *testing.T) {
	got := service(t, `ports = ["8000", "80:8001", "127.0.0.1:81:8002", "127.0.0.1::8003"]`, Options{})
	want := []plans.Port{{Container: 8000}, {Host: 80, Container: 8001}, {Address: "127.0.0.1", Host: 81, Container: 8002}, {Address: "127.0.0.1", Container: 8003}}
	if diff := cmp.Diff(want, got.Ports); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff([]int{8000, 8001, 8002, 8003}, got.Expose); diff != "" {
		t.Errorf("the ports inside: %s", diff)
	}
}

func TestEmptyCommandKeepsTheImagesOwn(t *testing.T) {
	source := "variable \"command\" {\n  type = list(string)\n  default = [\"a\"]\n}\n"
	full := source + strings.Replace(bare, "%s", "expose = [1]\n command = var.command", 1)
	if got := load(t, full, Options{Vars: []string{"command=[]"}}).Stages[0].Service.Command; got != nil {
		t.Errorf("got %v", got)
	}
}

func TestBodyAndMethod(t *testing.T) {
	source := strings.Replace(bare, "%s", "expose = [1]", 1) + `
scenario "s" {
  think_time = exponential("2s")
  request "text" {
    path = "/a"
    body = "hello"
  }
  request "put" {
    method  = "PATCH"
    path    = "/b?c=d"
    json    = null
    headers = { Accept = "text/plain" }
    expect { status = 204 }
  }
  request "own" {
    path    = "/c"
    json    = { n = 1.5, s = ["x", null, true] }
    headers = { content-type = "application/vnd.api+json" }
    timeout = "3s"
  }
}
check "c" {
  service = service.api
  load {
    scenario = scenario.s
    users = 5
  }
}`
	load := load(t, source, Options{}).Stages[1].Load
	want := []exchange.Request{
		{Name: "text", Method: "POST", Path: "/a", Body: []byte("hello"), Weight: 1, Timeout: 10 * time.Second, Replay: true},
		{Name: "put", Method: "PATCH", Path: "/b?c=d", Header: map[string]string{"Accept": "text/plain"}, Weight: 1, Timeout: 10 * time.Second, Status: []int{204}},
		{Name: "own", Method: "POST", Path: "/c", Header: map[string]string{"Content-Type": "application/vnd.api+json"}, Body: []byte(`{"n":1.5,"s":["x",null,true]}`), Weight: 1, Timeout: 3 * time.Second, Replay: true},
	}
	if diff := cmp.Diff(want, load.Scenario.Requests); diff != "" {
		t.Error(diff)
	}
	if load.Runtime != time.Minute || load.Scenario.ThinkTime != (engine.ThinkTime{Kind: "exponential", Min: 2 * time.Second}) {
		t.Errorf("got %+v", load)
	}
}

func TestStagesInOrder(t *testing.T) {
	stage := func(name, extra string) string {
		return "check \"" + name + "\" {\n service = service.api\n" + extra + "\n}\n"
	}
	p := load(t, strings.Replace(bare, "%s", "expose = [1]", 1)+
		stage("last", "set {\n memory = local.least\n}")+"locals {\n least = search.two.found.memory\n}\n"+
		stage("waits", "depends_on = [check.free]")+stage("free", "")+
		strings.ReplaceAll(bare[strings.Index(bare, "search"):], `"memory" {
  s`, `"two" {
  s`), Options{})
	var order []string
	for _, s := range p.Stages {
		order = append(order, s.Address)
	}
	if diff := cmp.Diff([]string{"search.memory", "check.free", "check.waits", "search.two", "check.last"}, order); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff([]string{"search.two"}, p.Stages[4].Needs); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff([]string{"check.free"}, p.Stages[2].After); diff != "" || p.Stages[2].Needs != nil {
		t.Error(diff, p.Stages[2].Needs)
	}
}

func TestFileThatIsNotThere(t *testing.T) {
	for _, file := range []string{"nowhere.hcl", t.TempDir()} {
		if p, diags := Load(file, Options{}); p != nil || len(diags) != 1 || diags[0].Code != "P0002" {
			t.Errorf("%s: %v", file, diags)
		}
	}
}

func TestReferencesInTheirForms(t *testing.T) {
	p := load(t, `
variable "networks" {
  type    = list(string)
  default = ["shared"]
}
image "api" {
  source = "x:latest"
  name   = "user/${local.name}"
  push   = true
}
locals {
  name = "api:v1"
}
network "own" {}
preflight "store" {
  network = "shared"
  tcp     = "minio:9000"
}
service "a" {
  image       = image.api.name
  networks    = var.networks
  expose      = [1]
  environment = { DIGEST = image.api.digest, NAME = "${plan.name}/${service.b["name"]}" }
}
service "b" {
  image    = image["api"]
  networks = [network.own, "shared"]
  expose   = [1]
}
check "a" {
  service = service.a
}
check "b" {
  service = service.b
}`, Options{})
	a, b := p.Stages[0].Service, p.Stages[1].Service
	if a.Image != "user/api:v1" || a.ImageOf != "" || b.Image != "x:latest" || b.ImageOf != "image.api" {
		t.Errorf("images: %+v, %+v", a, b)
	}
	if diff := cmp.Diff([][]string{{"shared"}, {"own", "shared"}}, [][]string{a.Networks, b.Networks}); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff([]string{"service.environment"}, p.Stages[0].Unknown); diff != "" {
		t.Error(diff)
	}
	store := plans.Preflight{Address: "preflight.store", Network: "shared", External: true, TCP: "minio:9000", Within: 20 * time.Second}
	if diff := cmp.Diff(store, p.Preflights[0], noDecls); diff != "" {
		t.Error(diff)
	}
	s, err := p.Resolve("check.a", plans.Known{Images: map[string]plans.ImageResult{"image.api": {Digest: "sha256:1"}}})
	if want := map[string]string{"DIGEST": "sha256:1", "NAME": "plan/b"}; err != nil || !cmp.Equal(s.Service.Environment, want) {
		t.Errorf("got %v, %v", s.Service.Environment, err)
	}
}
