package plans

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"plan/internal/exchange"
)

// workload loads a check whose load has these lines besides its scenario.
func workload(t *testing.T, lines string) Workload {
	t.Helper()
	p := load(t, strings.Replace(bare, "%s", "expose = [1]", 1)+`
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
    `+lines+`
  }
}`, Options{})
	return *p.Stages[1].Load
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
		"stages = [{users = 9, over = \"2s\"}]": {Users: 9, Runtime: 2 * time.Second, Stages: []LoadStage{{Users: 9, Over: 2 * time.Second}}},
		"stages = [{rate = \"2000/s\", over = \"1m\"}, {rate = \"0/s\", over = \"0s\"}]\nruntime = \"2m\"": {
			Users: 10000, Runtime: 2 * time.Minute, Stages: []LoadStage{{Rate: 2000, Over: time.Minute}, {}},
		},
		"stages = [{rate = poisson(\"3/s\"), over = \"1m\", users = null}]": {
			Users: 30, Runtime: time.Minute, Poisson: true, Stages: []LoadStage{{Rate: 3, Over: time.Minute}},
		},
	} {
		got := workload(t, lines)
		got.Scenario = Scenario{}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", lines, diff)
		}
	}
}

func TestCapFollowsTheLongestTimeout(t *testing.T) {
	asking := func(timeouts ...time.Duration) Scenario {
		var s Scenario
		for _, timeout := range timeouts {
			s.Requests = append(s.Requests, exchange.Request{Timeout: timeout})
		}
		return s
	}
	for _, c := range []struct {
		load Workload
		want int
	}{
		{Workload{ArrivalRate: 50, Scenario: asking(time.Second, 3*time.Second)}, 150},
		{Workload{ArrivalRate: 50, Scenario: asking(0)}, 500}, // the default timeout
		{Workload{ArrivalRate: 33.4, Scenario: asking(time.Second)}, 34},
		{Workload{ArrivalRate: 1, Scenario: asking(time.Second)}, 10},
		{Workload{ArrivalRate: 1e6, Scenario: asking(time.Hour)}, 10000},
		{Workload{Stages: []LoadStage{{Rate: 5}, {Rate: 20}, {}}, Scenario: asking(time.Second)}, 20},
	} {
		if got := c.load.Cap(); got != c.want {
			t.Errorf("%+v: got %d, want %d", c.load, got, c.want)
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
