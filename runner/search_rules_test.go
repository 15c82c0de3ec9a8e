package runner

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"plan/internal/units"
	"plan/runner/journal"
)

// What the guard keeps for the agent, and for each user of a load.
const (
	agentMemory = 32 * units.MiB
	userMemory  = 40 * units.KiB
)

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
		const only = int64(500 * units.MiB)
		if s := r.Stages[0]; s.Found == nil || *s.Found.Memory != only || !s.AtMost || *s.Admits != only {
			t.Errorf("%s: found %v: %s", s.Verdict, s.Found, s.Reason)
		}
	})
}

func TestTheHostHasFiveSecondsAfterTheGuard(t *testing.T) {
	in(t, searchPlan("anchored"), fakeService{}, drained, func(t *testing.T, _ *bench, r journal.Run) {
		first, second := r.Stages[0].Trials[0], r.Stages[0].Trials[1]
		ended := first.Started.Add(time.Duration(first.Seconds.Total * float64(time.Second)))
		if pause := second.Started.Sub(ended).Round(time.Millisecond); pause != 5*time.Second || !first.StoppedByGuard() {
			t.Errorf("%s after %s", pause, first.Verdict)
		}
	})
}

// The line of an answer has the least values at which the service starts and responds, where
// its trials show them.
func TestTheAnswerHasItsLevels(t *testing.T) {
	at := func(n int64) journal.Point { return journal.Point{Memory: new(n << 20)} }
	want := []journal.Level{
		{Name: journal.Starts, Found: at(600), Reached: "search.memory/2", Missed: "search.memory/1"},
		{Name: journal.Responds, Found: at(700), Reached: "search.memory/3", Missed: "search.memory/2"},
	}
	service := fakeService{start: 600 * units.MiB, first: 700 * units.MiB, load: 900 * units.MiB}
	in(t, searchPlan("ladder"), service, nil, func(t *testing.T, _ *bench, r journal.Run) {
		if diff := cmp.Diff(want, r.Stages[0].Levels); diff != "" {
			t.Errorf("%s: %s", way(r.Stages[0]), diff)
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
