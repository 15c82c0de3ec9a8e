package plans

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"plan/engine"
	"plan/internal/exchange"
)

// workload loads a check whose load has these lines besides its scenario.
func workload(t *testing.T, lines string) Workload {
	t.Helper()
	return *load(t, planOf(lines), Options{}).Stages[1].Load
}

// planOf is a plan with that check.
func planOf(lines string) string {
	return strings.Replace(bare, "%s", "expose = [1]", 1) + `
locals {
  rate = poisson("6/m")
}
scenario "s" {
  request "a" {
    path    = "/a"
    timeout = "5s"
  }
  request "b" {
    path = "/b"
  }
}
check "c" {
  service = service.api
  load {
    scenario = scenario.s
    ` + lines + `
  }
}`
}

func TestLoadsInTheirForms(t *testing.T) {
	for lines, want := range map[string]Workload{
		"users = 5":                             {Users: 5, Runtime: time.Minute},
		"users = 5\nruntime = null":             {Users: 5, Runtime: time.Minute},
		"users = 5\nwarm_up = \"5s\"":           {Users: 5, Runtime: time.Minute, WarmUp: 5 * time.Second},
		"arrival_rate = \"50/s\"":               {Users: 500, Runtime: time.Minute, ArrivalRate: 50},
		"arrival_rate = \"50/s\"\nusers = null": {Users: 500, Runtime: time.Minute, ArrivalRate: 50},
		"arrival_rate = \"50/s\"\nusers = 7":    {Users: 7, Runtime: time.Minute, ArrivalRate: 50},
		"arrival_rate = poisson(\"30/m\")":      {Users: 10, Runtime: time.Minute, ArrivalRate: 0.5, Poisson: true},
		"arrival_rate = local.rate":             {Users: 10, Runtime: time.Minute, ArrivalRate: 0.1, Poisson: true},
		"stages = [{users = 9, over = \"2s\"}]": {Users: 9, Runtime: 2 * time.Second, Stages: []engine.Stage{{Users: 9, Over: 2 * time.Second}}},
		"stages = [{rate = \"2000/s\", over = \"1m\"}, {rate = \"0/s\", over = \"0s\"}]\nruntime = \"2m\"": {
			Users: 10000, Runtime: 2 * time.Minute, Stages: []engine.Stage{{Rate: 2000, Over: time.Minute}, {}},
		},
		"stages = [{rate = poisson(\"3/s\"), over = \"1m\", users = null}]": {
			Users: 30, Runtime: time.Minute, Poisson: true, Stages: []engine.Stage{{Rate: 3, Over: time.Minute}},
		},
	} {
		got := workload(t, lines)
		if err := got.Load(got.Users, 0).Check(); err != nil {
			t.Errorf("%s: the engine refuses it: %v", lines, err)
		}
		got.Scenario = Scenario{}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", lines, diff)
		}
	}
}

func TestTheEngineGetsAllOfALoad(t *testing.T) {
	scenario := Scenario{
		ThinkTime: engine.ThinkTime{Kind: "fixed", Min: time.Second},
		Requests:  []exchange.Request{{Name: "predict"}},
		OnStart:   []exchange.Request{{Name: "login"}},
		Feeds:     []exchange.Feed{{Name: "items"}},
	}
	ramp := []engine.Stage{{Users: 50, Over: time.Second}, {Users: 10}}
	for name, c := range map[string]struct {
		load Workload
		want engine.Load
	}{
		"users":    {Workload{Runtime: time.Minute, WarmUp: time.Second}, engine.Load{SpawnRate: 5, WarmUp: time.Second}},
		"arrivals": {Workload{Runtime: time.Minute, ArrivalRate: 200, Poisson: true}, engine.Load{ArrivalRate: 200, Poisson: true}},
		"stages":   {Workload{Runtime: time.Minute, Stages: ramp}, engine.Load{Stages: ramp}},
	} {
		c.load.Scenario = scenario
		c.want.Users, c.want.Runtime, c.want.Seed = 50, time.Minute, 7
		c.want.ThinkTime, c.want.Requests = scenario.ThinkTime, scenario.Requests
		c.want.OnStart, c.want.Feeds = scenario.OnStart, scenario.Feeds
		if diff := cmp.Diff(c.want, c.load.Load(50, 7)); diff != "" {
			t.Errorf("%s: %s", name, diff)
		}
	}
}

func TestUsersStartWithinTenSeconds(t *testing.T) {
	for _, c := range []struct {
		load  Workload
		users int
		want  float64
	}{
		{Workload{}, 1, 1}, {Workload{}, 10, 1}, {Workload{}, 11, 1.1}, {Workload{}, 999, 99.9}, {Workload{}, 1000, 100}, {Workload{}, 1001, 100},
		{Workload{SpawnRate: 0.5}, 1000, 0.5}, {Workload{SpawnRate: 500}, 1, 500},
		{Workload{ArrivalRate: 1}, 1000, 0}, {Workload{Stages: []engine.Stage{{Users: 1}}}, 1000, 0},
	} {
		if got := c.load.Load(c.users, 0).SpawnRate; got != c.want {
			t.Errorf("%+v, %d users: %v per second, want %v", c.load, c.users, got, c.want)
		}
	}
}

// Eleven users at one a second are all active after ten seconds.
func TestTimeThatALoadLeaves(t *testing.T) {
	for lines, want := range map[string]string{
		"users = 11\nspawn_rate = \"1/s\"\nruntime = \"20s\"":                              "",
		"users = 11\nspawn_rate = \"1/s\"\nruntime = \"19999ms\"":                          "warning P0412",
		"users = 11\nspawn_rate = \"1/s\"\nruntime = \"10001ms\"":                          "warning P0412",
		"users = 11\nspawn_rate = \"1/s\"\nruntime = \"10s\"":                              "error P0412",
		"users = 11\nspawn_rate = \"1/s\"\nruntime = \"20s\"\nwarm_up = \"9999ms\"":        "",
		"users = 11\nspawn_rate = \"1/s\"\nruntime = \"20s\"\nwarm_up = \"10s\"":           "error P0426",
		"users = 11\nspawn_rate = \"1/s\"\nruntime = \"10s\"\nwarm_up = \"1s\"":            "error P0412",
		"arrival_rate = \"1/s\"\nruntime = \"20s\"\nwarm_up = \"19999ms\"":                 "",
		"arrival_rate = \"1/s\"\nruntime = \"20s\"\nwarm_up = \"20s\"":                     "error P0426",
		"stages = [{ users = 11, over = \"20s\" }]\nwarm_up = \"19999ms\"":                 "",
		"stages = [{ users = 11, over = \"20s\" }]\nwarm_up = \"20s\"":                     "error P0426",
		"stages = [{ users = 11, over = \"20s\" }]\nruntime = \"20s\"":                     "",
		"stages = [{ users = 11, over = \"20s\" }]\nruntime = \"19999ms\"":                 "error P0425",
		"stages = [{ rate = \"0/s\", over = \"20s\" }, { rate = \"1/h\", over = \"0s\" }]": "",
		"stages = [{ users = 0, over = \"20s\" }]":                                         "error P0425",
	} {
		var found []string
		_, diags := Load(writePlan(t, planOf(lines)), Options{})
		for _, d := range diags {
			if slices.Contains([]string{"P0412", "P0425", "P0426"}, d.Code) {
				found = append(found, string(d.Severity)+" "+d.Code)
			}
		}
		if got := strings.Join(found, ", "); got != want {
			t.Errorf("%s: %q, want %q", lines, got, want)
		}
	}
}

func TestTooFewFiles(t *testing.T) {
	users := func(n int) Stage { return Stage{Load: &Workload{Users: n}} }
	for name, c := range map[string]struct {
		stage Stage
		files int64
		need  int // 0: there are enough
	}{
		"as many as needed":   {users(924), 1024, 0},
		"one too few":         {users(925), 1024, 1025},
		"steps of a ramp":     {Stage{Users: []int{1, 925}, Load: &Workload{}}, 1024, 1025},
		"not known":           {users(925), 0, 0},
		"one":                 {users(1), 1, 101},
		"no load":             {Stage{Users: []int{925}}, 1024, 0},
		"another generator's": {Stage{Load: &Workload{Users: 925, Driver: &Driver{}}}, 1024, 0},
	} {
		text, need := c.stage.TooFewFiles(c.files)
		if (text != "") != (c.need > 0) || text != "" && need != c.need {
			t.Errorf("%s: %q, %d are needed", name, text, need)
		}
	}
}

func TestLoadThatDoesNotFitWhatWasFound(t *testing.T) {
	p := load(t, strings.Replace(bare, "%s", "expose = [1]", 1)+`
scenario "s" {
  think_time = "1s"
  request "a" {
    path = "/a"
  }
}
ramp "users" {
  service = service.api
  users   = [1, 2]
  load {
    scenario = scenario.s
  }
}
check "c" {
  service = service.api
  load {
    scenario = scenario.s
    stages   = [{ users = ramp.users.held, over = "${ramp.users.held}m" }]
    runtime  = "90s"
  }
}`, Options{})
	held := 1
	known := Known{Stages: map[string]StageResult{"ramp.users": {Held: &held}}}
	if s, err := p.Resolve("check.c", known); err != nil || s.Load.Users != 1 {
		t.Errorf("got %+v, %v", s.Load, err)
	}
	held = 2
	if _, err := p.Resolve("check.c", known); err == nil || !strings.Contains(err.Error(), "P0425") {
		t.Errorf("got %v", err)
	}
}
