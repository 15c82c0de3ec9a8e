package runner

import (
	"strings"
	"testing"

	"plan/runner/journal"
)

// portPlan gives the service no path.
func portPlan() string { return strings.Replace(searchPlan("ladder"), `path   = "/health"`, "", 1) }

func TestATrialOfAPortWaitsForRest(t *testing.T) {
	for plain, want := range map[bool]float64{false: 7, true: 10} { // two to be ready, and plans.Hold
		plan := portPlan()
		plan = plan[:strings.Index(plan, "  load {")] + "}\n"
		in(t, plan, fakeService{plain: plain}, nil, func(t *testing.T, _ *bench, r journal.Run) {
			trial := r.Stages[0].Trials[0]
			if s := trial.Seconds; trial.Verdict != journal.Passed || s.Total < want || s.Total > want+1 || *s.Ready != 2 {
				t.Errorf("plain %t: %s, %+v", plain, trial.Why, s)
			}
		})
	}
}
