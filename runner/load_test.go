package runner

import (
	"strings"
	"testing"
	"time"

	"plan/engine"
	"plan/internal/units"
	"plan/runner/journal"
)

func TestAFirstLookIsTheBeginningOfTheLoad(t *testing.T) {
	s := time.Second
	for name, c := range map[string]struct {
		load engine.Load
		want time.Duration
	}{
		"users":                {engine.Load{SpawnRate: 10}, 15*s + 9900*time.Millisecond},
		"users, warm-up":       {engine.Load{SpawnRate: 10, WarmUp: 5 * s}, 20*s + 9900*time.Millisecond},
		"arrivals":             {engine.Load{ArrivalRate: 50}, 15 * s},
		"arrivals, warm-up":    {engine.Load{ArrivalRate: 50, WarmUp: 5 * s}, 20 * s},
		"up and down":          {engine.Load{Stages: []engine.Stage{{Users: 10, Over: 20 * s}, {Users: 100, Over: 30 * s}, {Users: 10, Over: 40 * s}}}, 65 * s},
		"a plateau":            {engine.Load{Stages: []engine.Stage{{Rate: 10, Over: 20 * s}, {Rate: 10, Over: 30 * s}}}, 35 * s},
		"a long warm-up":       {engine.Load{WarmUp: time.Minute, Stages: []engine.Stage{{Rate: 10, Over: 20 * s}}}, 75 * s},
		"all users from 0s on": {engine.Load{Stages: []engine.Stage{{Users: 100}}}, 15 * s},
	} {
		c.load.Users = 100
		if got := firstLookRuntime(c.load); got != c.want {
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
