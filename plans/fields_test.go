package plans

import (
	"math"
	"testing"

	"plan/internal/filled"
)

// A stage is limited by every setting of its service, and by every one of its
// own.
func TestEverySettingIsALimit(t *testing.T) {
	var service, set Stage
	filled.Fill(&service.Service.Limits)
	filled.Fill(&set.Set)
	for _, c := range []filled.Case{
		{Of: &service.Service.Limits, Gives: func() any { return service.Limits() }},
		{Of: &set.Set, Gives: func() any { return set.Limits() }},
	} {
		filled.Hold(t, nil, c)
	}
}

// Every field of a load is in that of the engine.
func TestEveryFieldOfALoadIsUsed(t *testing.T) {
	users, stages := &Workload{}, &Workload{}
	filled.Fill(users)
	filled.Fill(stages)
	users.ArrivalRate, users.Stages = 0, nil
	var cases []filled.Case
	for _, w := range []*Workload{users, stages} {
		cases = append(cases, filled.Case{Of: w, Gives: func() any { return w.Load(math.MaxInt, 1) }})
	}
	filled.Hold(t, map[string]string{
		"Scenario.Address": "names it in plan show",
		"Scenario.Guessed": "warned of before a run",
		"Users":            "a ramp has its steps in their place, so the order has them: stages.go",
		"Driver":           "takes the place of the engine: locust.go",
	}, cases...)
}
