package runner

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"plan/engine"
	"plan/internal/exchange"
	"plan/internal/units"
	"plan/plans"
	"plan/runner/journal"
)

func TestTheEngineGetsAllOfALoad(t *testing.T) {
	scenario := plans.Scenario{
		ThinkTime: plans.ThinkTime{Kind: "fixed", Min: time.Second},
		Requests:  []exchange.Request{{Name: "predict"}},
		OnStart:   []exchange.Request{{Name: "login"}},
		Feeds:     []exchange.Feed{{Name: "items"}},
	}
	for name, c := range map[string]struct {
		load plans.Workload
		want engine.Load
	}{
		"users": {
			plans.Workload{Runtime: time.Minute, WarmUp: time.Second},
			engine.Load{SpawnRate: 5, WarmUp: time.Second},
		},
		"arrivals": {
			plans.Workload{Runtime: time.Minute, ArrivalRate: 200, Poisson: true},
			engine.Load{ArrivalRate: 200, Poisson: true},
		},
		"stages": {
			plans.Workload{Runtime: time.Minute, Stages: []plans.LoadStage{{Users: 50, Over: time.Second}, {Users: 10}}},
			engine.Load{Stages: []engine.Stage{{Users: 50, Over: time.Second}, {Users: 10}}},
		},
	} {
		c.load.Scenario = scenario
		c.want.Users, c.want.Runtime, c.want.Seed = 50, time.Minute, 7
		c.want.ThinkTime, c.want.Requests = engine.ThinkTime{Kind: "fixed", Min: time.Second}, scenario.Requests
		c.want.OnStart, c.want.Feeds = scenario.OnStart, scenario.Feeds
		if diff := cmp.Diff(&c.want, engineLoad(c.load, 50, 7)); diff != "" {
			t.Errorf("%s: %s", name, diff)
		}
	}
}

func TestAFirstLookIsTheBeginningOfTheLoad(t *testing.T) {
	s := time.Second
	for name, c := range map[string]struct {
		load plans.Workload
		want time.Duration
	}{
		"users":                {plans.Workload{SpawnRate: 10}, 15*s + 9900*time.Millisecond},
		"users, warm-up":       {plans.Workload{SpawnRate: 10, WarmUp: 5 * s}, 20*s + 9900*time.Millisecond},
		"arrivals":             {plans.Workload{ArrivalRate: 50}, 15 * s},
		"arrivals, warm-up":    {plans.Workload{ArrivalRate: 50, WarmUp: 5 * s}, 20 * s},
		"up and down":          {plans.Workload{Stages: []plans.LoadStage{{Users: 10, Over: 20 * s}, {Users: 100, Over: 30 * s}, {Users: 10, Over: 40 * s}}}, 65 * s},
		"a plateau":            {plans.Workload{Stages: []plans.LoadStage{{Rate: 10, Over: 20 * s}, {Rate: 10, Over: 30 * s}}}, 35 * s},
		"a long warm-up":       {plans.Workload{WarmUp: time.Minute, Stages: []plans.LoadStage{{Rate: 10, Over: 20 * s}}}, 75 * s},
		"all users from 0s on": {plans.Workload{Stages: []plans.LoadStage{{Users: 100}}}, 15 * s},
	} {
		if got := lookTime(c.load, 100); got != c.want {
			t.Errorf("%s: %v, want %v", name, got, c.want)
		}
	}
}

func TestMoreUsersThanTheAgentHasFilesFor(t *testing.T) {
	plan := strings.Replace(head+rampPlan, "search.memory.found.memory", `"1G"`, 2)
	for files, exit := range map[int64]int{0: ExitMet, 1100: ExitMet, 1099: ExitEnvironment} {
		in(t, plan, fakeService{start: 100 * units.MiB}, func(b *bench) { b.agent.files = files }, func(t *testing.T, b *bench, r journal.Run) {
			if r.Run.ExitCode != exit {
				t.Fatalf("%d files: exit %d: %s", files, r.Run.ExitCode, r.Run.Problem)
			}
			if exit == ExitEnvironment && (b.runtime.started != 0 || r.Run.Problem != "ramp.users: 1000 users need more than the 1099 open files that the load generator may have" || !strings.Contains(r.Run.Help, "LimitNOFILE=1100")) {
				t.Errorf("%d containers started, %q (%s)", b.runtime.started, r.Run.Problem, r.Run.Help)
			}
		})
	}
}
