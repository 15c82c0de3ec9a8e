package lang

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"plan/engine"
	"plan/plans"
)

// workload loads a check whose load has these lines besides its scenario.
func workload(t *testing.T, lines string) plans.Workload {
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
	for lines, want := range map[string]plans.Workload{
		"users = 5":                             {Users: 5, Runtime: time.Minute},
		"users = 5\nruntime = null":             {Users: 5, Runtime: time.Minute},
		"users = 5\nwarm_up = \"5s\"":           {Users: 5, Runtime: time.Minute, WarmUp: 5 * time.Second},
		"arrival_rate = \"50/s\"":               {Users: 500, Runtime: time.Minute, ArrivalRate: 50},
		"arrival_rate = \"50/s\"\nusers = null": {Users: 500, Runtime: time.Minute, ArrivalRate: 50},
		"arrival_rate = \"50/s\"\nusers = 7":    {Users: 7, Runtime: time.Minute, ArrivalRate: 50},
		"arrival_rate = poisson(\"30/m\")":      {Users: 10, Runtime: time.Minute, ArrivalRate: 0.5, Poisson: true},
		"arrival_rate = local.rate":             {Users: 10, Runtime: time.Minute, ArrivalRate: 0.1, Poisson: true},
		"users = 5\nagents = null":              {Users: 5, Runtime: time.Minute},
		"stages = [{users = 9, over = \"2s\"}]": {Users: 9, Runtime: 2 * time.Second, Stages: []engine.Stage{{Users: 9, Over: 2 * time.Second}}},
		"stages = [{rate = \"2000/s\", over = \"1m\"}, {rate = \"0/s\", over = \"0s\"}]\nruntime = \"2m\"": {
			Users: 10000, Runtime: 2 * time.Minute, Stages: []engine.Stage{{Rate: 2000, Over: time.Minute}, {}},
		},
		"stages = [{rate = poisson(\"3/s\"), over = \"1m\", users = null}]": {
			Users: 30, Runtime: time.Minute, Poisson: true, Stages: []engine.Stage{{Rate: 3, Over: time.Minute}},
		},
	} {
		got := workload(t, lines)
		want.Agents = 1
		if err := got.Load(got.Users, 0).Check(); err != nil {
			t.Errorf("%s: the engine refuses it: %v", lines, err)
		}
		got.Scenario = plans.Scenario{}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", lines, diff)
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
	known := plans.Known{Stages: map[string]plans.StageResult{"ramp.users": {Held: &held}}}
	if s, err := p.Resolve("check.c", known); err != nil || s.Load.Users != 1 {
		t.Errorf("got %+v, %v", s.Load, err)
	}
	held = 2
	if _, err := p.Resolve("check.c", known); err == nil || !strings.Contains(err.Error(), "P0425") {
		t.Errorf("got %v", err)
	}
}
