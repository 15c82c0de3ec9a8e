package load

import (
	"testing"
	"time"

	"plan/engine"
)

// TestModelsAsText also where the first target of a load is nothing.
func TestModelsAsText(t *testing.T) {
	slow := engine.ThinkTime{Kind: "fixed", Min: time.Second}
	for _, c := range []struct {
		load  engine.Load
		model string
	}{
		{engine.Load{Users: 5, ThinkTime: slow}, "5 users, think time 1s"},
		{engine.Load{Users: 5, SpawnRate: 2}, "5 users at 2/s, no think time"},
		{engine.Load{Users: 5, ArrivalRate: 3, ThinkTime: slow}, "3 arrivals/s, at most 5 users"},
		{engine.Load{Users: 5, Stages: []engine.Stage{{Over: time.Second}, {Users: 5, Over: time.Second}}},
			"0 users over 1s, then 5 users over 1s, no think time"},
		{engine.Load{Users: 9, Poisson: true, ThinkTime: slow, Stages: []engine.Stage{{Over: time.Second}, {Rate: 5, Over: time.Second}}},
			"0 arrivals/s over 1s, then 5 arrivals/s over 1s at random, at most 9 users"},
	} {
		if got := modelText(c.load); got != c.model {
			t.Errorf("model: %q, want %q", got, c.model)
		}
	}
}
