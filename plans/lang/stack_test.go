package lang

import (
	"errors"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"plan/internal/units"
	"plan/plans"
	"plan/plans/diag"
)

// stack is a plan with services that depend on each other, the last one first.
const stack = `
image "mlflow" {
  source = "mlflow:3"
  pull   = "always"
}
variable "folder" {
  default = "models"
}
service "api" {
  image      = "api:1"
  expose     = ["8000"]
  user       = 1000
  volumes    = ["cache:/cache", "/srv/data/../raw:/raw:ro", "./${var.folder}:/model:ro", "..:/all/:rw"]
  depends_on = ["mlflow", service.queue]
  replicas   = 2
}
service "queue" {
  image      = "queue:1"
  depends_on = ["store"]

  ready {
    within = "5s"
  }
}
service "mlflow" {
  image       = image.mlflow
  depends_on  = [service.store]
  expose      = ["5000"]
  environment = { STORE = service.store.name, DIGEST = image.mlflow.digest }

  ready {
    path   = "/health"
    within = "20s"
  }
}
service "store" {
  image   = "minio:1"
  restart = "always"
  user    = "minio:storage"
  volumes = ["objects:/data"]

  ready {
    log = "started"
  }
}
check "load" {
  service = service.api

  load {
    users   = 5
    runtime = "30s"

    driver "locust" {
      file = "load/locustfile.py"
    }
  }
}
ramp "store" {
  service = service.mlflow
  users   = [1, 2]

  set {
    replicas = check.load.trials
  }

  load {
    spawn_rate = "1/s"

    driver "locust" {
      file  = "load/locustfile.py"
      image = image.mlflow
    }
  }
}
`

// loadStack loads a plan that has a locustfile beside it.
func loadStack(t *testing.T, source string) (p *plans.Plan, folder string) {
	t.Helper()
	file := writePlan(t, source)
	folder = filepath.Dir(file)
	if err := os.Mkdir(filepath.Join(folder, "load"), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(folder, "load", "locustfile.py"), []byte("import locust\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	p, diags := Load(file, Options{})
	if p == nil {
		t.Fatal(diags)
	}
	return p, folder
}

func TestStackAsAValue(t *testing.T) {
	p, folder := loadStack(t, stack)
	api := p.Services[0]
	volumes := []plans.Volume{
		{Source: "cache", Target: "/cache"},
		{Source: "/srv/raw", Target: "/raw", Bind: true, ReadOnly: true},
		{Source: filepath.Join(folder, "models"), Target: "/model", Bind: true, ReadOnly: true},
		{Source: filepath.Dir(folder), Target: "/all", Bind: true},
	}
	if diff := cmp.Diff(volumes, api.Volumes); diff != "" {
		t.Error(diff)
	}
	if api.User != "1000" || p.Services[3].User != "minio:storage" || api.Limits != (plans.Settings{Replicas: 2}) || p.Images[0].Pull != "always" {
		t.Errorf("got %+v, %+v", p.Services, p.Images)
	}
	if diff := cmp.Diff([]string{"service.mlflow", "service.queue"}, api.DependsOn); diff != "" {
		t.Error(diff)
	}
	ready := []plans.Ready{
		{Health: true, TCP: 8000, Within: time.Minute},
		{Health: true, Within: 5 * time.Second},
		{Path: "/health", Within: 20 * time.Second},
		{Log: "started", Count: 1, Within: time.Minute},
	}
	for i, s := range p.Services {
		if diff := cmp.Diff(ready[i], s.Ready); diff != "" {
			t.Errorf("%s: %s", s.Address, diff)
		}
	}
}

func TestHelpersStartInTheOrderOfTheirNeeds(t *testing.T) {
	p, _ := loadStack(t, stack)
	for i, want := range [][]string{{"service.store", "service.queue", "service.mlflow"}, {"service.store"}} {
		var got []string
		for _, h := range p.Stages[i].Helpers {
			got = append(got, h.Address)
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s: %s", p.Stages[i].Address, diff)
		}
	}
	if diff := cmp.Diff(p.Services[3], p.Stages[0].Helpers[0], noDecls); diff != "" {
		t.Errorf("a helper is not the service that it is: %s", diff)
	}
	if diff := cmp.Diff([]string{"helpers.mlflow.environment"}, p.Stages[0].Unknown); diff != "" {
		t.Error(diff)
	}
}

func TestHelpersAreResolved(t *testing.T) {
	p, _ := loadStack(t, stack)
	if _, err := p.Resolve("check.load", plans.Known{}); err == nil || !strings.Contains(err.Error(), "helpers.mlflow.environment") {
		t.Errorf("without the digest: %v", err)
	}
	s, err := p.Resolve("check.load", plans.Known{Images: map[string]plans.ImageResult{"image.mlflow": {Run: "sha256:1", Digest: "sha256:2"}}})
	if err != nil {
		t.Fatal(err)
	}
	got := s.Helpers[2]
	if want := map[string]string{"STORE": "store", "DIGEST": "sha256:2"}; got.Image != "sha256:1" || !cmp.Equal(got.Environment, want) {
		t.Errorf("got %+v", got)
	}
}

func TestDriver(t *testing.T) {
	p, folder := loadStack(t, stack)
	want := []*plans.Workload{
		{Driver: &plans.Driver{Kind: "locust", File: "load/locustfile.py", Data: []byte("import locust\n"), Image: "locustio/locust"}, Users: 5, Runtime: 30 * time.Second, Agents: 1},
		{Driver: &plans.Driver{Kind: "locust", File: "load/locustfile.py", Data: []byte("import locust\n"), Image: "mlflow:3", ImageOf: "image.mlflow"}, SpawnRate: 1, Runtime: time.Minute, Agents: 1},
	}
	if diff := cmp.Diff(want, []*plans.Workload{p.Stages[0].Load, p.Stages[1].Load}, noDecls); diff != "" {
		t.Error(diff)
	}
	if err := os.Remove(filepath.Join(folder, "load", "locustfile.py")); err != nil {
		t.Fatal(err)
	}
	s, err := p.Resolve("ramp.store", plans.Known{
		Images: map[string]plans.ImageResult{"image.mlflow": {Run: "sha256:1", Digest: "sha256:2"}},
		Stages: map[string]plans.StageResult{"check.load": {Trials: 3}},
	})
	if err != nil {
		t.Fatal(err)
	}
	want[1].Driver.Image = "sha256:1"
	if diff := cmp.Diff(want[1], s.Load, noDecls); diff != "" {
		t.Errorf("a run uses what the plan was checked with: %s", diff)
	}
	if s.Set.Replicas != 3 || s.Limits().Replicas != 3 {
		t.Errorf("got %+v", s.Set)
	}
}

func TestLargeLocustfile(t *testing.T) {
	file := writePlan(t, stack)
	folder := filepath.Join(filepath.Dir(file), "load")
	if err := os.Mkdir(folder, 0o755); err != nil {
		t.Fatal(err)
	}
	for size, wrong := range map[int]bool{maxScript: false, maxScript + 1: true} {
		if err := os.WriteFile(filepath.Join(folder, "locustfile.py"), make([]byte, size), 0o644); err != nil {
			t.Fatal(err)
		}
		_, diags := Load(file, Options{})
		if diags.HasErrors() != wrong || wrong && (diags[0].Code != "P0002" || !strings.Contains(diags[0].Summary, "more than 1048576 bytes")) {
			t.Errorf("%d bytes: %v", size, diags)
		}
	}
}

func TestReplicasOverAFixedPortWhenOnlyTheRunKnows(t *testing.T) {
	p := load(t, strings.Replace(bare, "%s", `ports = ["80:80"]`, 1)+`
check "c" {
  service = service.api

  set {
    replicas = search.memory.trials
  }
}`, Options{})
	for trials, wrong := range map[int]bool{1: false, 2: true} {
		_, err := p.Resolve("check.c", plans.Known{Stages: map[string]plans.StageResult{"search.memory": {Trials: trials}}})
		var diags diag.List
		if errors.As(err, &diags) != wrong || wrong && diags[0].Code != "P0422" {
			t.Errorf("%d replicas: %v", trials, err)
		}
	}
}

func TestOneReplicaMayHaveAFixedPort(t *testing.T) {
	load(t, strings.Replace(bare, "%s", "ports = [\"80:80\"]\n replicas = 1", 1), Options{})
	load(t, strings.Replace(bare, "%s", "ports = [\"80\"]\n replicas = 9", 1), Options{})
}

func TestBoundsOfHelpersAndDrivers(t *testing.T) {
	p, _ := loadStack(t, strings.Replace(stack, "check.load.trials", "1", 1))
	check, ramp := p.Stages[0].Bounds(), p.Stages[1].Bounds()
	// api is ready within 60 s, comes to rest in 10 s, the container takes 3 s, Locust 90 s, the load 30 s, and 20 s to be asked once more, and again
	// With a repeat for each of seven reasons, each with the load that shows a leak, and the waits around them: for a quiet
	// host, an engine that is away, the guard.
	longest := func(trial, load, rise time.Duration) time.Duration {
		longer := rise + plans.LeakWindow + plans.LeakSpare - load
		return 8*(trial+longer) + plans.QuietWait + load + longer + plans.AwayWait + plans.Recover
	}
	if want := (plans.Bounds{Trials: 1, Time: 213 * time.Second, Longest: longest(213*time.Second, 30*time.Second, 4*time.Second)}); check != want {
		t.Errorf("got %+v, want %+v", check, want)
	}
	if want := (plans.Bounds{Trials: 2, Time: 2 * 193 * time.Second, Longest: 2 * longest(193*time.Second, time.Minute, time.Second)}); ramp != want {
		t.Errorf("got %+v, want %+v", ramp, want)
	}
	helpers := (60 + 5 + 20 + 3*3) * time.Second // each once
	if got, want := p.Bounds().Time, check.Time+ramp.Time+helpers; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

func TestHostBeforeALocustDriver(t *testing.T) {
	p, _ := loadStack(t, strings.Replace(stack, "users   = 5\n    runtime = \"30s\"", "users = 100000\n    spawn_rate = \"10000/s\"", 1))
	host := testHost
	host.Volumes = []string{"cache", "objects"}
	host.Images = []string{"mlflow:3", "queue:1", "minio:1", "api:1", "locustio/locust:latest"}
	if diags := host.Check(p); len(diags) > 0 {
		t.Errorf("the files and ports of another generator are its own affair: %v", diags)
	}
	host.Images = host.Images[:4]
	if diags := host.Check(p); len(diags) != 1 || diags[0].Code != "P0505" || diags[0].Severity != diag.Note {
		t.Errorf("got %v", diags)
	}
}

func TestHostBeforeReplicas(t *testing.T) {
	source := func(limits, set string) string {
		return strings.Replace(bare, "%s", "expose = [1]\n"+limits, 1) + "check \"c\" {\n service = service.api\n set {\n" + set + "\n}\n}\n"
	}
	for _, c := range []struct {
		limits, set string
		want        []string
	}{
		{"replicas = 2", "memory = \"12G\"", nil},
		{"replicas = 2", "memory = \"13G\"", []string{"P0501"}},
		{"replicas = 2", "memory = \"32G\"", []string{"P0501"}},
		{"replicas = 2\n limits {\n memory = \"13G\"\n}", "replicas = 1", nil},
		{"limits {\n cpus = 1\n}", "replicas = 2", nil},
		{"limits {\n cpus = 1.5\n}", "replicas = 2", []string{"P0507"}},
	} {
		host := testHost
		host.Images = []string{"x:latest"}
		var codes []string
		for _, d := range host.Check(load(t, source(c.limits, c.set), Options{})) {
			codes = append(codes, d.Code)
		}
		if !slices.Equal(codes, c.want) {
			t.Errorf("%s, %s: got %v, want %v", c.limits, c.set, codes, c.want)
		}
	}
}

// What is said of a word of another tool is of no use where the language has
// the word.
func TestWordsOfOtherToolsAreNotOurs(t *testing.T) {
	said := map[string]map[string]string{"service": {}}
	for name := range composeOnly {
		said["service"][name] = "the language has none"
	}
	for block, words := range elsewhere {
		for word, help := range words {
			if said[block] == nil {
				said[block] = map[string]string{}
			}
			said[block][word] = help
		}
	}
	found := map[string]bool{}
	for b := range allBlocks(planFile) {
		found[b.name] = true
		for word, help := range said[b.name] {
			if slices.Contains(b.words(), word) || help == "" {
				t.Errorf("%s has %s, of which is said: %q", b.name, word, help)
			}
		}
	}
	for block := range said {
		if !found[block] {
			t.Errorf("there is no block %s", block)
		}
	}
}

// What is said to be a word of Compose alone is a word of no block in a service,
// neither as it is, nor without `_limit`, nor by a synonym.
func TestWordsOfComposeAloneAreNotOurs(t *testing.T) {
	for b := range allBlocks(serviceBlock) {
		for _, name := range slices.Concat(slices.Collect(maps.Keys(composeOnly)), slices.Collect(maps.Keys(unlimited))) {
			for _, word := range append([]string{name, strings.TrimSuffix(name, "_limit")}, synonyms[name]...) {
				if slices.Contains(b.words(), word) {
					t.Errorf("of %s is said that the language has nothing for it, but %s has %s", name, b.name, word)
				}
			}
		}
	}
}

// allBlocks gives a row of the table and all rows in it.
func allBlocks(b *block) map[*block]bool {
	all := map[*block]bool{b: true}
	for _, n := range b.blocks {
		for inner := range allBlocks(n) {
			all[inner] = true
		}
	}
	return all
}

func TestNetworksOfHelpers(t *testing.T) {
	source := `
service "api" {
  image      = "x:latest"
  expose     = [1]
  networks   = ["one", "two"]
  depends_on = ["db"]
}
service "db" {
  image    = "x:latest"
  networks = [%s]
}
check "c" {
  service = service.api
}`
	for networks, apart := range map[string]bool{`"two"`: false, `"three"`: true} {
		_, diags := Load(writePlan(t, strings.Replace(source, "%s", networks, 1)), Options{})
		if got := slices.ContainsFunc(diags, func(d diag.Diagnostic) bool { return d.Code == "P0423" }); got != apart {
			t.Errorf("%s: %v", networks, diags)
		}
	}
	if got := (plans.Stage{Service: plans.Service{Limits: plans.Settings{Limits: plans.Limits{Memory: units.GiB}}}, Set: plans.Settings{Replicas: 4}}).Limits(); got != (plans.Settings{Limits: plans.Limits{Memory: units.GiB}, Replicas: 4}) {
		t.Errorf("got %+v", got)
	}
}
