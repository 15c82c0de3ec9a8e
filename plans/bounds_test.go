package plans

import (
	"math"
	"testing"
	"time"

	"plan/engine"

	"plan/internal/exchange"
)

func TestBounds(t *testing.T) {
	load := &Workload{Runtime: time.Minute, Scenario: Scenario{}}
	asked := &Workload{Runtime: time.Minute, Scenario: Scenario{Requests: []exchange.Request{{Timeout: 2 * time.Second}, {Timeout: 3 * time.Second}}}}
	driven := &Workload{Runtime: time.Minute, Driver: &Driver{}}
	helpers := []Service{{Address: "service.a", Ready: Ready{Within: 20 * time.Second}}, {Address: "service.b", Ready: Ready{Within: 10 * time.Second}}}
	vary := []Vary{{Dimension: Memory, From: 500, To: 4096, Step: 100}} // 37 values
	for _, c := range []struct {
		stage  Stage
		trials int
		each   time.Duration
	}{
		{Stage{Kind: Search, Strategy: "ladder", Vary: vary}, 37, 13 * time.Second},
		{Stage{Kind: Search, Strategy: "ladder", Vary: []Vary{{Dimension: Memory, From: 500, To: 500, Step: 100}}}, 2, 13 * time.Second}, // an end by itself is tried again
		{Stage{Kind: Search, Strategy: "bisect", Vary: vary}, 14, 13 * time.Second},                                                      // a pair, and one below it
		{Stage{Kind: Search, Strategy: "anchored", Vary: vary, Load: load}, 22, 103 * time.Second},
		{Stage{Kind: Search, Strategy: "ladder", Vary: vary, Margin: 0.15}, 38, 13 * time.Second}, // and what is recommended
		{Stage{Kind: Search, Strategy: "ladder", Vary: []Vary{{Dimension: CPUs, From: 1000, To: 2000, Step: 1000}}, Margin: 0.15}, 2, 13 * time.Second},
		{Stage{Kind: Search, Strategy: "anchored", Vary: []Vary{{Dimension: Memory}}, Margin: 0.15}, 0, 13 * time.Second},
		{Stage{Kind: Search, Strategy: "anchored", Vary: []Vary{{Dimension: Memory}}}, 0, 13 * time.Second}, // the grid is known only later
		{Stage{Kind: Search, Vary: vary}, 0, 13 * time.Second},                                              // so is the strategy
		{Stage{Kind: Ramp, Users: []int{1, 2, 3}, Load: load}, 3, 103 * time.Second},
		{Stage{Kind: Check}, 1, 13 * time.Second},
		{Stage{Kind: Check, Load: asked, Set: Settings{Replicas: 3}}, 1, 128 * time.Second},
		{Stage{Kind: Check, Load: load, Service: Service{Ready: Ready{Timeout: time.Second}}}, 1, 88 * time.Second}, // asked again within plans.Hold
		{Stage{Kind: Check, Load: driven, Service: Service{Ready: Ready{Path: "/"}}}, 1, 183 * time.Second},
		{Stage{Kind: Check, Load: driven, Service: Service{Ready: Ready{Log: "ready"}}}, 1, 193 * time.Second}, // asked for / before the load
		{Stage{Kind: Check, Load: driven, Service: Service{Ready: Ready{TCP: 1}}}, 1, 183*time.Second + Settle},
		{Stage{Kind: Check, Helpers: helpers}, 1, 13 * time.Second},
		{Stage{Kind: Ramp, Users: []int{1, 2}, Helpers: helpers, Service: Service{RestartHelpers: true}}, 2, 49 * time.Second},
	} {
		c.stage.Service.Ready.Within = 10 * time.Second
		if got := c.stage.Bounds(); got.Trials != c.trials || got.Time != time.Duration(c.trials)*c.each {
			t.Errorf("%s %s: got %+v", c.stage.Kind, c.stage.Strategy, got)
		}
	}
}

// A service is watched for a tenth of its load's runtime, but not for less than 2 s or more than 5 s.
func TestHold(t *testing.T) {
	if got := Hold(nil); got != 5*time.Second {
		t.Errorf("without a load: %v", got)
	}
	for runtime, want := range map[time.Duration]time.Duration{
		time.Second: 2 * time.Second, 20 * time.Second: 2 * time.Second, 30 * time.Second: 3 * time.Second,
		50 * time.Second: 5 * time.Second, time.Hour: 5 * time.Second,
	} {
		if got := Hold(&engine.Load{Runtime: runtime}); got != want {
			t.Errorf("after %v: %v, want %v", runtime, got, want)
		}
	}
}

// The longest time has every trial repeated once for each reason, and what is waited for.
func TestTheLongestTime(t *testing.T) {
	s := time.Second
	vary := []Vary{{Dimension: Memory, From: 500, To: 1000, Step: 500}}
	waits := QuietWait + AwayWait + Recover
	load := &Workload{Runtime: 20 * s}
	plain := 13*s + Spread + 20*s + 20*s // 63 s: ready, asked, the load, asked again, and again
	for name, c := range map[string]struct {
		stage Stage
		want  time.Duration
	}{
		"a check":                  {Stage{Kind: Check}, 7*13*s + waits},
		"a ramp with a load":       {Stage{Kind: Ramp, Users: []int{1, 2}, Load: load}, 2 * (7*plain + waits + 20*s)},
		"nothing needs samples":    {Stage{Kind: Search, Strategy: "ladder", Vary: vary, Load: load, Threshold: []Objective{{Metric: "error_rate"}}}, 2 * (7*plain + waits + 20*s)},
		"a ramp is not extended":   {Stage{Kind: Ramp, Users: []int{1, 2}, Load: load, Threshold: []Objective{{Metric: "p95"}}}, 2 * (7*plain + waits + 20*s)},
		"a search may be extended": {Stage{Kind: Search, Strategy: "ladder", Vary: vary, Load: load, Threshold: []Objective{{Metric: "p95"}}}, 2 * (8*(plain+180*s) + waits + 200*s)},
		"memory may grow":          {Stage{Kind: Check, Load: load, LeakHorizon: s}, 8*(plain+283*s) + waits + 303*s},
		"and samples may lack":     {Stage{Kind: Search, Strategy: "ladder", Vary: vary, Load: load, LeakHorizon: s, Threshold: []Objective{{Metric: "p95"}}}, 2 * (9*(plain+283*s) + waits + 303*s)},
		"a load that falls":        {Stage{Kind: Check, Load: &Workload{Runtime: 20 * s, Stages: []engine.Stage{{Users: 2}, {Users: 1, Over: 20 * s}}}, LeakHorizon: s}, 7*plain + waits + 20*s},
		"it would be seen":         {Stage{Kind: Check, Load: &Workload{Runtime: 303 * s}, LeakHorizon: s}, 7*(plain+283*s) + waits + 303*s},
		"a budget of time":         {Stage{Kind: Search, Strategy: "ladder", Vary: []Vary{{Dimension: Memory, From: 500, To: 2000, Step: 500}}, Budget: Budget{Time: s}}, s + 7*13*s + 5*waits},
		"a long budget":            {Stage{Kind: Search, Strategy: "ladder", Vary: vary, Budget: Budget{Time: time.Hour}}, 2 * (7*13*s + waits)},
	} {
		c.stage.Service.Ready.Within = 10 * s
		if got := c.stage.Bounds().Longest; got != c.want {
			t.Errorf("%s: %s, want %s", name, got, c.want)
		}
	}
	long := Stage{Kind: Ramp, Users: make([]int, 1000), Service: Service{Ready: Ready{Within: 1 << 61}}}
	if got := (&Plan{Stages: []Stage{long, long}}).Bounds(); got.Longest != math.MaxInt64 || got.Time != math.MaxInt64 {
		t.Errorf("too long for a duration: %+v", got)
	}
}

func TestHelpersBoundThePlan(t *testing.T) {
	helpers := []Service{{Address: "service.a", Ready: Ready{Within: 20 * time.Second}}}
	kept := Stage{Kind: Check, Helpers: helpers}
	restarted := Stage{Kind: Ramp, Users: []int{1, 2}, Helpers: helpers, Service: Service{RestartHelpers: true}}
	for _, c := range []struct {
		stages []Stage
		want   time.Duration
	}{
		{[]Stage{kept, kept}, 23*time.Second + 2*3*time.Second},
		{[]Stage{restarted}, 2 * (23 + 3) * time.Second},
		{[]Stage{restarted, kept, restarted}, 4*(23+3)*time.Second + (23+3)*time.Second},
	} {
		if got := (&Plan{Stages: c.stages}).Bounds().Time; got != c.want {
			t.Errorf("%d stages take %s, not %s", len(c.stages), got, c.want)
		}
	}
}

func TestGuardBoundsThePlan(t *testing.T) {
	p := &Plan{Stages: []Stage{{Kind: Check, Service: Service{Ready: Ready{Within: time.Hour}}}}, Preflights: []Preflight{{Within: time.Minute}}}
	if got := p.Bounds(); got.Time != time.Hour+time.Minute+3*time.Second || got.Trials != 1 {
		t.Errorf("got %+v", got)
	}
	p.Guard.Runtime = time.Minute
	if got := p.Bounds(); got.Time != time.Minute || got.Longest != time.Minute {
		t.Errorf("got %+v", got)
	}
	p.Guard.Runtime = 4 * time.Second
	if got := p.Expected(); got.Time != 4*time.Second || got.Trials != 1 {
		t.Errorf("expected: %+v", got)
	}
}

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
		if got := FirstLook(c.load); got != c.want {
			t.Errorf("%s: %v, want %v", name, got, c.want)
		}
	}
}
