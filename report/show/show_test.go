package show

import (
	"bytes"
	"encoding/json"
	"slices"
	"strings"
	"testing"
	"time"

	"plan/engine"
	"plan/internal/exchange"
	"plan/internal/golden"
	"plan/internal/units"
	"plan/plans"
)

func plan() *plans.Plan {
	api := plans.Service{
		Address: "service.api", Name: "api", Image: "registry.example.org/api:latest", ImageOf: "image.api",
		Command:     []string{"uvicorn", "main:app", "--title", "an API"},
		Environment: map[string]string{"SECRET_KEY": "hunter2", "TRACKING_URI": "http://u:hunter2@tracker:5000"},
		Networks:    []string{"shared_default"}, Expose: []int{8000}, Ports: []plans.Port{{Container: 8000}, {Address: "127.0.0.1", Host: 9000, Container: 9000}}, Restart: "no",
		Limits: plans.Settings{Limits: plans.Limits{Memory: 500 * units.MiB, CPUs: 500}}, Ready: plans.Ready{Path: "/health", Within: 2 * time.Minute},
	}
	api.User, api.Volumes = "1000:1000", []plans.Volume{{Source: "/srv/hunter2/model", Target: "/model", Bind: true, ReadOnly: true}, {Source: "cache", Target: "/cache"}}
	api.Tmpfs, api.ShmSize, api.GPUs = []plans.Tmpfs{{Target: "/run"}, {Target: "/scratch", Options: "size=64M,mode=1777"}}, 256*units.MiB, plans.AllGPUs
	api.WorkingDir, api.Entrypoint, api.Ulimits = "/srv/app", []string{"/bin/sh", "-c"}, []plans.Ulimit{{Name: "memlock", Soft: -1, Hard: -1}, {Name: "nofile", Soft: 1024, Hard: 65536}}
	database := plans.Service{Address: "service.database", Image: "database:1", Expose: []int{5432}, Restart: "no", Ready: plans.Ready{Health: true, TCP: 5432, Within: time.Minute}}
	queue := plans.Service{Address: "service.queue", Image: "queue:1", Restart: "no", DependsOn: []string{"service.database"}, Ready: plans.Ready{Health: true, Within: time.Minute}}
	api.DependsOn, api.Limits.Replicas = []string{"service.queue", "service.database"}, 2
	worker := plans.Service{Address: "service.worker", Image: "worker:1", Expose: []int{1}, Restart: "always", Ready: plans.Ready{Log: "listening$", Within: 30 * time.Second}}
	load := &plans.Workload{Users: 1, Runtime: 30 * time.Second, Scenario: plans.Scenario{
		Address: "scenario.predict", ThinkTime: engine.ThinkTime{Kind: "between", Min: time.Second, Max: 3 * time.Second},
		Requests: []exchange.Request{{Name: "predict", Method: "POST", Path: "/predict", Weight: 9, Status: []int{200}, Timeout: exchange.DefaultTimeout}, {Name: "health", Method: "GET", Path: "/health?key=hunter2", Weight: 1, Timeout: time.Second}},
	}}
	steps := *load
	steps.Users, steps.SpawnRate = 0, 200
	arrivals := *load
	arrivals.Users, arrivals.ArrivalRate, arrivals.Poisson, arrivals.WarmUp = 500, 50, true, 10*time.Second
	arrivals.Scenario.OnStart = []exchange.Request{{Name: "login", Method: "POST", Path: "/login", Redirects: 1}}
	arrivals.Scenario.Requests = []exchange.Request{{Name: "item", Method: "GET", Path: "/items/" + exchange.Placeholder(exchange.FormURL, "items", "id"), Weight: 1, Checks: []exchange.Check{{Text: "prediction"}, {Path: "$.id"}}}}
	arrivals.Scenario.Feeds = []exchange.Feed{
		{Name: "items", Order: exchange.Once, Columns: []string{"id", "name"}, Rows: make([][]json.RawMessage, 120)},
		{Name: "accounts", Order: exchange.InOrder, PerUser: true, Columns: []string{"user"}, Rows: make([][]json.RawMessage, 1)},
	}
	rising := *load
	rising.Users, rising.Runtime, rising.WarmUp, rising.Stages = 100, 2*time.Minute, 5*time.Second, []engine.Stage{{Users: 20, Over: 30 * time.Second}, {Users: 100, Over: time.Minute}}
	surge := arrivals
	surge.ArrivalRate, surge.Runtime, surge.Stages = 0, time.Minute, []engine.Stage{{Rate: 50, Over: 30 * time.Second}, {Over: 10 * time.Second}}
	locust := &plans.Workload{Users: 20, Runtime: time.Minute, Driver: &plans.Driver{Kind: plans.Locust, File: "locustfile.py", Image: "locustio/locust"}}
	helpers := []plans.Service{database, queue}
	steps.Scenario.ThinkTime = engine.ThinkTime{Kind: "exponential", Min: 2 * time.Second}
	return &plans.Plan{
		Name: "minimal-resources", Description: "Least memory and most users", File: "plans/minimal-resources.hcl", SHA256: "5e884898da28", Secrets: []string{"hunter2"},
		Images:   []plans.Image{{Address: "image.api", Source: "api:latest", Name: "registry.example.org/api:latest", Pull: "missing", Push: true}, {Address: "image.base", Source: "base:latest", Name: "base:latest", Pull: "never"}},
		Networks: []plans.Network{{Address: "network.shared", Name: "shared_default", External: true}, {Address: "network.own", Name: "own"}},
		Preflights: []plans.Preflight{
			{Address: "preflight.tracker", Network: "shared_default", URL: "http://tracker:5000/health", Status: 200, Within: 20 * time.Second},
			{Address: "preflight.store", Network: "shared_default", TCP: "store:9000", Within: 20 * time.Second},
		},
		Services: []plans.Service{api, worker, database, queue}, Guard: plans.Guard{HostMemoryFree: 2 * units.GiB, Runtime: time.Hour},
		Reports: []plans.Report{{Format: "html", Path: "report.html"}},
		Outside: []plans.Reach{{Does: "mounts", What: "the folder /srv/hunter2/model"}},
		Stages: []plans.Stage{
			{Address: "search.memory", Kind: plans.Search, Service: api, Helpers: helpers, Strategy: "anchored", Margin: 0.15, Load: load,
				Vary: []plans.Vary{{Dimension: plans.Memory, From: int64(500 * units.MiB), To: int64(4 * units.GiB), Step: int64(100 * units.MiB)}}},
			{Address: "ramp.users", Kind: plans.Ramp, Service: api, Helpers: helpers, Set: plans.Settings{Replicas: 3}, Users: []int{10, 50, 100}, AtLeast: 50, StopAfter: 1, Load: &steps,
				Threshold: []plans.Objective{{Metric: "p95", Limit: 0.5}, {Metric: "error_rate", Limit: 0.01}, {Metric: "throughput", Limit: 20}},
				Asserts:   []string{"rests small"}, Needs: []string{"search.memory"}, Unknown: []string{"set.memory"}},
			{Address: "search.cpu", Kind: plans.Search, Service: worker, Strategy: "bisect", Vary: []plans.Vary{{Dimension: plans.CPUs, From: 250, To: 2000, Step: 250}},
				After: []string{"ramp.users"}},
			{
				Address: "search.several", Kind: plans.Search, Service: worker, Strategy: "corner", Prefer: plans.ByPrice, Margin: 0.15,
				Vary: []plans.Vary{
					{Dimension: plans.CPUs, From: 250, To: 1000, Step: 250}, {Dimension: plans.Memory, From: int64(500 * units.MiB), To: int64(units.GiB), Step: int64(100 * units.MiB)},
					{Dimension: "workers", Values: []any{1.0, 2.0, "auto"}},
				},
				Price: &plans.Price{CPUs: 0.04, Memory: 0.005}, AtMost: plans.Settings{Limits: plans.Limits{CPUs: 500}}, Budget: plans.Budget{Trials: 20, Time: time.Hour},
			},
			{Address: "search.later", Kind: plans.Search, Service: worker, Strategy: "ladder", Vary: []plans.Vary{{Dimension: plans.Memory}},
				Needs: []string{"search.memory"}, Unknown: []string{"vary.from", "service.limits.cpus"}},
			{Address: "check.steady", Kind: plans.Check, Service: api, Helpers: helpers, Load: load, Unknown: []string{"load.users", "threshold.p99", "set.replicas"}, Needs: []string{"ramp.users"}},
			{Address: "check.arrivals", Kind: plans.Check, Service: worker, Load: &arrivals},
			{Address: "check.rising", Kind: plans.Check, Service: worker, Load: &rising},
			{Address: "check.surge", Kind: plans.Check, Service: worker, Load: &surge, Unknown: []string{"load.warm_up"}},
			{Address: "check.locust", Kind: plans.Check, Service: worker, Load: locust},
		},
	}
}

func TestShow(t *testing.T) {
	var b bytes.Buffer
	if err := Text(&b, plan()); err != nil {
		t.Fatal(err)
	}
	if strings.Contains(b.String(), "hunter2") {
		t.Error("a secret is shown")
	}
	golden.Compare(t, "testdata/show.txt", b.Bytes())
}

func TestShowOfTheSmallestPlan(t *testing.T) {
	p := plan()
	var b bytes.Buffer
	if err := Text(&b, &plans.Plan{File: "small.hcl", Services: p.Services[1:2], Stages: p.Stages[2:3]}); err != nil {
		t.Fatal(err)
	}
	golden.Compare(t, "testdata/small.txt", b.Bytes())
}

func TestJSON(t *testing.T) {
	var b bytes.Buffer
	if err := JSON(&b, plan()); err != nil {
		t.Fatal(err)
	}
	if strings.Contains(b.String(), "hunter2") {
		t.Error("a secret is shown")
	}
	golden.Compare(t, "testdata/show.json", b.Bytes())
}

// What is not there is an empty list, never null.
func TestJSONOfAnEmptyPlan(t *testing.T) {
	var b bytes.Buffer
	if err := JSON(&b, &plans.Plan{}); err != nil {
		t.Fatal(err)
	}
	var d map[string]any
	if err := json.Unmarshal(b.Bytes(), &d); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"images", "networks", "preflights", "services", "stages"} {
		if l, ok := d[name].([]any); !ok || !slices.Equal(l, []any{}) {
			t.Errorf("%s is %v", name, d[name])
		}
	}
}
