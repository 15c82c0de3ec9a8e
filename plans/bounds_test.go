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
	service := Service{Ready: Ready{Within: 10 * time.Second}}
	for _, c := range []struct {
		stage  Stage
		trials int
		each   time.Duration
	}{
		{Stage{Kind: Search, Strategy: "ladder", Vary: vary}, 37, 13 * time.Second},
		{Stage{Kind: Search, Strategy: "bisect", Vary: vary}, 8, 13 * time.Second},
		{Stage{Kind: Search, Strategy: "anchored", Vary: vary, Load: load}, 11, 78 * time.Second},
		{Stage{Kind: Ramp, Users: []int{1, 2, 3}, Load: load}, 3, 78 * time.Second},
		{Stage{Kind: Check}, 1, 13 * time.Second},
		{Stage{Kind: Check, Load: asked, Set: Settings{Replicas: 3}}, 1, 93 * time.Second},
	} {
		c.stage.Service = service
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
