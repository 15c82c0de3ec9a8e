package runner

import (
	"context"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"plan/containers"
	"plan/internal/units"
	"plan/runner/journal"
)

// TestATrialInWhichTheEngineWasAway: the engine cannot be reached in the first trials.
//
// Right: a trial is invalid(away) and repeated once; an engine that does not come back ends the run.
func TestATrialInWhichTheEngineWasAway(t *testing.T) {
	gone := &containers.Error{Kind: containers.EngineGone, Summary: "no Docker engine answers at unix:///x"}
	for name, c := range map[string]struct {
		away  int // so many trials
		fault error
		want  []journal.Reason
		code  int
	}{
		"never":                 {0, nil, []journal.Reason{""}, ExitMet},
		"once":                  {1, nil, []journal.Reason{journal.Away, ""}, ExitMet},
		"again and again":       {9, nil, []journal.Reason{journal.Away, journal.Away}, ExitInconclusive},
		"it does not come back": {9, gone, []journal.Reason{journal.EngineLost}, ExitEnvironment},
	} {
		synctest.Test(t, func(t *testing.T) {
			b := newBench(t, slowPlan, fakeService{start: 100 * units.MiB})
			asked := 0
			b.runtime.away = func(context.Context, time.Time) (bool, error) {
				asked++
				return asked <= c.away, c.fault
			}
			r := b.runner.Run(t.Context())
			trials := r.Stages[0].Trials
			if got := reasons(trials); !slices.Equal(got, c.want) || r.Run.ExitCode != c.code {
				t.Errorf("%s: %v, exit %d", name, got, r.Run.ExitCode)
			}
		})
	}
}
