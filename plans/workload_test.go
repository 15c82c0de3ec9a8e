package plans

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"plan/engine"
	"plan/internal/exchange"
)

func TestTheEngineGetsAllOfALoad(t *testing.T) {
	scenario := Scenario{
		ThinkTime: engine.ThinkTime{Kind: "fixed", Min: time.Second},
		Requests:  []exchange.Request{{Name: "predict"}},
		OnStart:   []exchange.Request{{Name: "login"}},
		Feeds:     []exchange.Feed{{Name: "items"}},
	}
	ramp := []engine.Stage{{Users: 50, Over: time.Second}, {Users: 10}}
	for name, c := range map[string]struct {
		load Workload
		want engine.Load
	}{
		"users":    {Workload{Runtime: time.Minute, WarmUp: time.Second}, engine.Load{SpawnRate: 5, WarmUp: time.Second}},
		"arrivals": {Workload{Runtime: time.Minute, ArrivalRate: 200, Poisson: true}, engine.Load{ArrivalRate: 200, Poisson: true}},
		"stages":   {Workload{Runtime: time.Minute, Stages: ramp}, engine.Load{Stages: ramp}},
	} {
		c.load.Scenario = scenario
		c.want.Users, c.want.Runtime, c.want.Seed = 50, time.Minute, 7
		c.want.ThinkTime, c.want.Requests = scenario.ThinkTime, scenario.Requests
		c.want.OnStart, c.want.Feeds = scenario.OnStart, scenario.Feeds
		if diff := cmp.Diff(c.want, c.load.Load(50, 7)); diff != "" {
			t.Errorf("%s: %s", name, diff)
		}
	}
}

func TestUsersStartWithinTenSeconds(t *testing.T) {
	minute := Workload{Runtime: time.Minute}
	for _, c := range []struct {
		load  Workload
		users int
		want  float64
	}{
		{minute, 1, 1}, {minute, 10, 1}, {minute, 11, 1.1}, {minute, 999, 99.9}, {minute, 1000, 100}, {minute, 1001, 100},
		{minute, 3000, 100}, {minute, 3030, 101}, {minute, 10_000, 10_000 / 30.0}, // within half of the runtime
		{Workload{Runtime: 10 * time.Second}, 5, 1}, {Workload{Runtime: 10 * time.Second}, 10, 2}, {Workload{Runtime: time.Second}, 1, 2},
		{Workload{SpawnRate: 0.5}, 1000, 0.5}, {Workload{SpawnRate: 500}, 1, 500},
		{Workload{ArrivalRate: 1}, 1000, 0}, {Workload{Stages: []engine.Stage{{Users: 1}}}, 1000, 0},
	} {
		if got := c.load.Load(c.users, 0).SpawnRate; got != c.want {
			t.Errorf("%+v, %d users: %v per second, want %v", c.load, c.users, got, c.want)
		}
	}
}

func TestTooFewFiles(t *testing.T) {
	users := func(n int) Stage { return Stage{Load: &Workload{Users: n}} }
	for name, c := range map[string]struct {
		stage Stage
		files int64
		need  int // 0: there are enough
	}{
		"as many as needed":   {users(924), 1024, 0},
		"one too few":         {users(925), 1024, 1025},
		"steps of a ramp":     {Stage{Users: []int{1, 925}, Load: &Workload{}}, 1024, 1025},
		"not known":           {users(925), 0, 0},
		"one":                 {users(1), 1, 101},
		"no load":             {Stage{Users: []int{925}}, 1024, 0},
		"another generator's": {Stage{Load: &Workload{Users: 925, Driver: &Driver{}}}, 1024, 0},
	} {
		text, need := c.stage.TooFewFiles(c.files)
		if (text != "") != (c.need > 0) || text != "" && need != c.need {
			t.Errorf("%s: %q, %d are needed", name, text, need)
		}
	}
}
