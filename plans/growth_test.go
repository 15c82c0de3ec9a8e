package plans

import (
	"slices"
	"testing"
	"time"

	"plan/engine"
	"plan/runner/search"
)

func TestALoadGrows(t *testing.T) {
	fixed := func(d time.Duration) Scenario { return Scenario{ThinkTime: engine.ThinkTime{Kind: "fixed", Min: d}} }
	for name, c := range map[string]struct {
		load    Workload
		targets []int
		want    []Window
		runtime time.Duration
	}{
		"a tenth of the runtime": {Workload{Runtime: time.Minute}, []int{1, 2}, []Window{{1, 3, 9}, {2, 12, 18}}, 18 * time.Second},
		"at least two seconds":   {Workload{Runtime: 5 * time.Second}, []int{1, 2}, []Window{{1, 1, 3}, {2, 4, 6}}, 6 * time.Second},
		"at most ten":            {Workload{Runtime: time.Hour}, []int{1}, []Window{{1, 5, 15}}, 15 * time.Second},
		"a long think time":      {Workload{Runtime: time.Minute, Scenario: fixed(90 * time.Second)}, []int{1}, []Window{{1, 45, 135}}, 135 * time.Second},
		"whole seconds":          {Workload{Runtime: 25 * time.Second}, []int{1}, []Window{{1, 2, 5}}, 5 * time.Second},
		"the spawn rate":         {Workload{Runtime: time.Minute, SpawnRate: 10}, []int{100, 150}, []Window{{100, 10, 16}, {150, 21, 27}}, 27 * time.Second},
		"no spawn rate":          {Workload{Runtime: time.Minute}, []int{1000, 1100}, []Window{{1000, 3, 9}, {1100, 12, 18}}, 18 * time.Second},
	} {
		l, windows := c.load.Grow(c.targets, 7)
		if !slices.Equal(windows, c.want) || l.Runtime != c.runtime || l.Users != c.targets[len(c.targets)-1] || l.Seed != 7 {
			t.Errorf("%s: %v in %s with %d users, want %v in %s", name, windows, l.Runtime, l.Users, c.want, c.runtime)
		}
		if l.StagesTake() != c.runtime || l.WarmUp != 0 || l.SpawnRate != 0 || l.Spawns() {
			t.Errorf("%s: %+v", name, l.Stages)
		}
	}
}

// TestBoundsOfUsersThatAreFound: without `to` they are those of the most users that a
// ramp finds.
func TestBoundsOfUsersThatAreFound(t *testing.T) {
	s := Stage{Kind: Ramp, Auto: &search.Users{From: 1, To: 1000}, Load: &Workload{Runtime: time.Minute}}
	if got := s.Expected(); got.Trials != 5 || got.Time < 5*time.Minute || got.Time > 10*time.Minute {
		t.Errorf("expected %+v", got)
	}
	if got := s.Bounds(); got.Trials != (search.Users{From: 1, To: 1000}).Most() || s.MostUsers() != 1000 {
		t.Errorf("at most %+v", got)
	}
	// Of the second load 512 windows of 8 users, 3 s of rise and 6 s each: from 4096 to 8192.
	narrow := Stage{Kind: Ramp, Auto: &search.Users{From: 1, To: 10_000, Step: 1}, Load: &Workload{Runtime: time.Minute}}
	if first, second := narrow.growing(); first != windowsTake(1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1024, 2048, 4096, 8192, 10_000) ||
		second < 512*9*time.Second || second > 530*9*time.Second {
		t.Errorf("loads that grow take %s and %s", first, second)
	}
	// Many users that are asked for make it longer: it may be saturated from 2 users on.
	before := s.Bounds()
	s.AtLeast = 900
	if first, second := s.growing(); s.Bounds().Longest <= before.Longest || second < 40*9*time.Second || second < first {
		t.Errorf("loads that grow take %s and %s", first, second)
	}
	s.AtLeast = 0
	s.Auto.To = 0
	if got := s.Bounds(); got.Trials != (search.Users{From: 1, To: MostAutoUsers}).Most() {
		t.Errorf("at most %+v", got)
	}
	s.Auto.From, s.Auto.To = 5, 5
	if got := s.Bounds(); got.Trials == 0 || got.Time != time.Duration(got.Trials)*s.trialTime() {
		t.Errorf("of one number %+v", got)
	}
}

// windowsTake is how long a load takes with such windows, of a runtime of a minute.
func windowsTake(users ...int) time.Duration {
	l, _ := Workload{Runtime: time.Minute}.Grow(users, 0)
	return l.Runtime
}
