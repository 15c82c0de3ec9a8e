package report

import (
	"testing"
	"time"

	"plan/engine"
	"plan/plans"
)

// The model of a load is the same in all that is said of it, also where its
// first target is nothing.
func TestModelsAsText(t *testing.T) {
	slow := engine.ThinkTime{Kind: "fixed", Min: time.Second}
	for _, c := range []struct {
		load                engine.Load
		model, spawn, crowd string
	}{
		{engine.Load{Users: 5, ThinkTime: slow}, "5 users, think time 1s", "all within 10s, at most 100/s", "5 users"},
		{engine.Load{Users: 5, SpawnRate: 2}, "5 users at 2/s, no think time", "2/s", "5 users"},
		{engine.Load{Users: 5, ArrivalRate: 3, ThinkTime: slow}, "3 arrivals/s, at most 5 users", "", "3 arrivals/s, at most 5 users"},
		{engine.Load{Users: 5, Stages: []engine.Stage{{Over: time.Second}, {Users: 5, Over: time.Second}}},
			"0 users over 1s, then 5 users over 1s, no think time", "", "up to 5 users"},
		{engine.Load{Users: 9, Poisson: true, ThinkTime: slow, Stages: []engine.Stage{{Over: time.Second}, {Rate: 5, Over: time.Second}}},
			"0 arrivals/s over 1s, then 5 arrivals/s over 1s at random, at most 9 users", "", "arrivals at random in stages, at most 9 users"},
	} {
		if got := modelText(c.load); got != c.model {
			t.Errorf("model: %q, want %q", got, c.model)
		}
		s := plans.Stage{Load: &plans.Workload{Users: c.load.Users, SpawnRate: c.load.SpawnRate}}
		if got := spawnText(s, c.load); got != c.spawn {
			t.Errorf("spawn rate: %q, want %q", got, c.spawn)
		}
		if got := crowdText(s, c.load); got != c.crowd {
			t.Errorf("load: %q, want %q", got, c.crowd)
		}
	}
}
