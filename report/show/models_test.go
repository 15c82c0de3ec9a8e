package show

import (
	"testing"
	"time"

	"plan/engine"
	"plan/plans"
)

// TestModelsOfLoads also where the first target of a load is nothing.
func TestModelsOfLoads(t *testing.T) {
	slow := engine.ThinkTime{Kind: "fixed", Min: time.Second}
	for _, c := range []struct {
		load         engine.Load
		spawn, crowd string
	}{
		{engine.Load{Users: 5, ThinkTime: slow}, "all within 10s, at most 100/s", "5 users"},
		{engine.Load{Users: 5, SpawnRate: 2}, "2/s", "5 users"},
		{engine.Load{Users: 5, ArrivalRate: 3, ThinkTime: slow}, "", "3 arrivals/s, at most 5 users"},
		{engine.Load{Users: 5, Stages: []engine.Stage{{Over: time.Second}, {Users: 5, Over: time.Second}}},
			"", "up to 5 users"},
		{engine.Load{Users: 9, Poisson: true, ThinkTime: slow, Stages: []engine.Stage{{Over: time.Second}, {Rate: 5, Over: time.Second}}},
			"", "arrivals at random in stages, at most 9 users"},
	} {
		s := plans.Stage{Load: &plans.Workload{
			Scenario: plans.Scenario{ThinkTime: c.load.ThinkTime}, Users: c.load.Users, SpawnRate: c.load.SpawnRate,
			ArrivalRate: c.load.ArrivalRate, Poisson: c.load.Poisson, Stages: c.load.Stages,
		}}
		for _, row := range loadRows(s) {
			if row[0] == "spawn rate" && row[1] != c.spawn {
				t.Errorf("spawn rate: %q, want %q", row[1], c.spawn)
			}
		}
		if got := loadText(s, c.load); got != c.crowd {
			t.Errorf("load: %q, want %q", got, c.crowd)
		}
	}
}
