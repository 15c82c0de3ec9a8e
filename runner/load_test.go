package runner

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"plan/containers"
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

// judged is what a load says under a p95 of 500 ms and 50 answers per second.
func judged(r engine.Result, asserts ...plans.Failure) verdict {
	return judge(seen{
		phase: phaseEnd, state: containers.State{Running: true}, load: &r, asserts: asserts,
		threshold: []plans.Objective{{Metric: "p95", Limit: 0.5}, {Metric: "throughput", Limit: 50}},
	})
}

// measured is a load of 1,000 answers.
func measured(p95, rate float64, limits ...engine.Limit) engine.Result {
	return engine.Result{
		Total:    engine.Counts{Requests: 1000, OK: 1000, Dropped: new(int64(7))},
		Judged:   engine.Judged{Requests: 1000, OK: 1000, OKRate: rate, Latency: engine.Percentiles{P95: &p95}},
		Lateness: engine.Percentiles{P99: new(0.08)},
		Invalid:  limits,
	}
}

func TestALimitOfTheGeneratorIsNoVerdictOnTheService(t *testing.T) {
	cpu := engine.Limit{Kind: engine.LimitCPU, Text: "it used 1.9 of 2 CPUs"}
	late := engine.Limit{Kind: engine.LimitLateness, Text: "it was 80ms late"}
	less := engine.Limit{Kind: engine.LimitRate, Text: "it sent 60 % of the arrivals"}
	for name, c := range map[string]struct {
		got                  verdict
		verdict, reason, why string
	}{
		"none":                       {judged(measured(0.1, 90)), journal.Passed, "", "1000 of 1000 requests answered, 7 arrivals dropped"},
		"of CPU":                     {judged(measured(0.1, 90, cpu)), journal.Invalid, journal.Generator, cpu.Text},
		"late":                       {judged(measured(0.1, 90, late)), journal.Passed, "", "1000 of 1000 requests answered, 7 arrivals dropped"},
		"late, and slow by less":     {judged(measured(0.57, 90, late)), journal.Invalid, journal.Generator, late.Text},
		"late, and slow by more":     {judged(measured(0.59, 90, late)), journal.Failed, journal.Latency, "p95 590ms over 500ms"},
		"slow by a little":           {judged(measured(0.57, 90)), journal.Failed, journal.Latency, "p95 570ms over 500ms"},
		"of CPU, and slow":           {judged(measured(0.9, 90, cpu)), journal.Invalid, journal.Generator, cpu.Text},
		"fewer and late, and slow":   {judged(measured(0.51, 40, less, late)), journal.Invalid, journal.Generator, less.Text + "; " + late.Text},
		"fewer arrivals":             {judged(measured(0.1, 90, less)), journal.Invalid, journal.Generator, less.Text},
		"fewer, and slow even so":    {judged(measured(0.9, 90, less)), journal.Failed, journal.Latency, "p95 900ms over 500ms"},
		"fewer, hence fewer answers": {judged(measured(0.1, 40, less)), journal.Invalid, journal.Generator, less.Text},
		"fewer, and an assertion":    {judged(measured(0.1, 90, less), plans.Failure{Name: "a", Message: "no"}), journal.Failed, journal.Assert, `assert "a": no`},
	} {
		if c.got.verdict != c.verdict || c.got.reason != c.reason || c.got.why != c.why {
			t.Errorf("%s: %s, %s: %q", name, c.got.verdict, c.got.reason, c.got.why)
		}
	}
}

func TestALoadThatEndedBeforeItCouldBeJudged(t *testing.T) {
	early := engine.Result{Total: engine.Counts{Requests: 3, OK: 3}, Ended: `the feed "items" was used up`}
	if got := judged(early); got.verdict != journal.Invalid || !strings.Contains(got.why, `anything of it could be judged: the feed "items"`) {
		t.Errorf("%s: %s", got.verdict, got.why)
	}
	early.Ended = ""
	if got := judged(early); got.verdict != journal.Failed || got.why != "no request was answered in the part of the load that is judged" {
		t.Errorf("%s: %s", got.verdict, got.why)
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
