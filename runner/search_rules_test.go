package runner

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"plan/internal/units"
	"plan/plans"
	"plan/runner/journal"
)

// gigabytes is a grid of 1G, 2G, ..., of so many values.
func gigabytes(n int) []int64 {
	grid := make([]int64, n)
	for i := range grid {
		grid[i] = int64(i+1) * int64(units.GiB)
	}
	return grid
}

// searched is a stage that searches a dimension with replicas and users; with
// none it has no load.
func searched(dimension plans.Dimension, replicas, users int) plans.Stage {
	stage := plans.Stage{Kind: plans.Search, Set: plans.Settings{Replicas: replicas}, Vary: &plans.Vary{Dimension: dimension}}
	if users > 0 {
		stage.Load = &plans.Workload{Users: users}
	}
	return stage
}

func TestASearchTriesWhatTheGuardWouldAdmit(t *testing.T) {
	const kept = units.GiB + agentMemory // the floor, and the agent
	for name, c := range map[string]struct {
		stage plans.Stage
		free  units.Bytes
		want  int
		cut   bool
	}{
		"all":                      {searched(plans.Memory, 0, 0), kept + 4*units.GiB, 4, false},
		"a byte less than all":     {searched(plans.Memory, 0, 0), kept + 4*units.GiB - 1, 3, true},
		"more than all":            {searched(plans.Memory, 0, 0), kept + 9*units.GiB, 4, false},
		"none":                     {searched(plans.Memory, 0, 0), kept, 0, true},
		"replicas":                 {searched(plans.Memory, 2, 0), kept + 4*units.GiB, 2, true},
		"replicas, a byte less":    {searched(plans.Memory, 2, 0), kept + 4*units.GiB - 1, 1, true},
		"replicas, all":            {searched(plans.Memory, 2, 0), kept + 8*units.GiB, 4, false},
		"users":                    {searched(plans.Memory, 0, 1000), kept + 4*units.GiB + 1000*userMemory, 4, false},
		"users, a byte less":       {searched(plans.Memory, 0, 1000), kept + 4*units.GiB + 1000*userMemory - 1, 3, true},
		"CPUs are not the guard's": {searched(plans.CPUs, 0, 0), 0, 4, false},
	} {
		grid, cut := onHost(c.free, nil).affordable(c.stage, gigabytes(4))
		if !slices.Equal(grid, gigabytes(4)[:c.want]) || (cut != "") != c.cut {
			t.Errorf("%s: %d values, %q", name, len(grid), cut)
		}
	}
	if grid, cut := onHost(0, errors.New("no such file")).affordable(searched(plans.Memory, 0, 0), gigabytes(4)); len(grid) != 4 || cut != "" {
		t.Errorf("without figures of the host: %d values, %q", len(grid), cut)
	}
}

func TestAFirstLookIsShorterThanTheLoad(t *testing.T) {
	for runtime, want := range map[string]bool{"15s": false, "16s": true} { // a look at one user takes 15 s
		plan := strings.Replace(searchPlan("anchored"), `runtime  = "30s"`, fmt.Sprintf("runtime  = %q", runtime), 1)
		in(t, plan, fakeService{}, nil, func(t *testing.T, _ *bench, r journal.Run) {
			if got := r.Stages[0].Trials[0].FirstLook; got != want {
				t.Errorf("%s: %v", runtime, got)
			}
		})
	}
}

func TestASearchOfTheOnlyValueThatTheHostCanSpare(t *testing.T) {
	small := func(b *bench) { b.free.Store(int64(24*units.GiB/10 + agentMemory + userMemory + 500*units.MiB)) }
	in(t, searchPlan("anchored"), fakeService{}, small, func(t *testing.T, _ *bench, r journal.Run) {
		if s := r.Stages[0]; s.Found == nil || *s.Found.Memory != int64(500*units.MiB) || !s.AtMost {
			t.Errorf("%s: found %v: %s", s.Verdict, s.Found, s.Reason)
		}
	})
}

func TestTheHostHasFiveSecondsAfterTheGuard(t *testing.T) {
	in(t, searchPlan("anchored"), fakeService{}, drained, func(t *testing.T, _ *bench, r journal.Run) {
		first, second := r.Stages[0].Trials[0], r.Stages[0].Trials[1]
		ended := first.Started.Add(time.Duration(first.Seconds.Total * float64(time.Second)))
		if pause := second.Started.Sub(ended).Round(time.Millisecond); pause != 5*time.Second || !stoppedByGuard(first) {
			t.Errorf("%s after %s", pause, first.Verdict)
		}
	})
}

func TestASearchThatNothingPassesHasFailed(t *testing.T) {
	for _, strategy := range []string{"anchored", "bisect", "ladder"} {
		in(t, searchPlan(strategy), fakeService{start: 9 * units.GiB}, nil, func(t *testing.T, _ *bench, r journal.Run) {
			if s := r.Stages[0]; s.Verdict != journal.Failed || s.LimitIndependent || s.Found != nil || s.Certificate != nil || r.Run.ExitCode != ExitNotMet {
				t.Errorf("%s: %s, exit %d, found %v", strategy, s.Verdict, r.Run.ExitCode, s.Found)
			}
		})
	}
}
