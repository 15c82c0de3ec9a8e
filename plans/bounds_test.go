package plans

import (
	"testing"
	"time"

	"plan/internal/exchange"
)

func TestBounds(t *testing.T) {
	load := &Workload{Runtime: time.Minute, Scenario: Scenario{}}
	asked := &Workload{Runtime: time.Minute, Scenario: Scenario{Requests: []exchange.Request{{Timeout: 2 * time.Second}, {Timeout: 3 * time.Second}}}}
	vary := &Vary{Dimension: Memory, From: 500, To: 4096, Step: 100} // 37 values
	for _, c := range []struct {
		stage  Stage
		trials int
		each   time.Duration
	}{
		{Stage{Kind: Search, Strategy: "ladder", Vary: vary}, 37, 13 * time.Second},
		{Stage{Kind: Search, Strategy: "ladder", Vary: &Vary{Dimension: Memory, From: 500, To: 500, Step: 100}}, 2, 13 * time.Second}, // an end by itself is tried again
		{Stage{Kind: Search, Strategy: "bisect", Vary: vary}, 14, 13 * time.Second},                                                   // a pair, and one below it
		{Stage{Kind: Search, Strategy: "anchored", Vary: vary, Load: load}, 22, 93 * time.Second},
		{Stage{Kind: Search, Strategy: "ladder", Vary: vary, Margin: 0.15}, 38, 13 * time.Second}, // and what is recommended
		{Stage{Kind: Search, Strategy: "ladder", Vary: &Vary{Dimension: CPUs, From: 1000, To: 2000, Step: 1000}, Margin: 0.15}, 2, 13 * time.Second},
		{Stage{Kind: Search, Strategy: "anchored", Vary: &Vary{Dimension: Memory}, Margin: 0.15}, 0, 13 * time.Second},
		{Stage{Kind: Search, Strategy: "anchored", Vary: &Vary{Dimension: Memory}}, 0, 13 * time.Second}, // the grid is known only later
		{Stage{Kind: Search, Vary: vary}, 0, 13 * time.Second},                                           // so is the strategy
		{Stage{Kind: Ramp, Users: []int{1, 2, 3}, Load: load}, 3, 93 * time.Second},
		{Stage{Kind: Check}, 1, 13 * time.Second},
		{Stage{Kind: Check, Load: asked, Set: Settings{Replicas: 3}}, 1, 113 * time.Second},
		{Stage{Kind: Check, Load: load, Service: Service{Ready: Ready{Timeout: time.Second}}}, 1, 88 * time.Second}, // asked again within plans.Hold
	} {
		c.stage.Service.Ready.Within = 10 * time.Second
		if got := c.stage.Bounds(); got.Trials != c.trials || got.Time != time.Duration(c.trials)*c.each {
			t.Errorf("%s %s: got %+v", c.stage.Kind, c.stage.Strategy, got)
		}
	}
}

func TestGuardBoundsThePlan(t *testing.T) {
	p := &Plan{Stages: []Stage{{Kind: Check, Service: Service{Ready: Ready{Within: time.Hour}}}}, Preflights: []Preflight{{Within: time.Minute}}}
	if got := p.Bounds(); got.Time != time.Hour+time.Minute+3*time.Second || got.Trials != 1 {
		t.Errorf("got %+v", got)
	}
	p.Guard.Runtime = time.Minute
	if got := p.Bounds(); got.Time != time.Minute {
		t.Errorf("got %+v", got)
	}
}
