package runner

import (
	"time"

	"plan/engine"
	"plan/internal/units"
	"plan/plans"
)

// engineLoad is a load of the plan as the engine takes it.
func engineLoad(w plans.Workload, users int, seed uint64) *engine.Load {
	load := engine.Load{
		Users: users, Runtime: w.Runtime, WarmUp: w.WarmUp, ArrivalRate: w.ArrivalRate, Poisson: w.Poisson,
		ThinkTime: engine.ThinkTime(w.Scenario.ThinkTime), Requests: w.Scenario.Requests,
		OnStart: w.Scenario.OnStart, Feeds: w.Scenario.Feeds, Seed: seed,
	}
	for _, stage := range w.Stages {
		load.Stages = append(load.Stages, engine.Stage(stage))
	}
	if len(w.Stages) == 0 && w.ArrivalRate == 0 {
		load.SpawnRate = w.Rate(users)
	}
	return &load
}

// firstLookTime is how long a first look sees the load at its height.
const firstLookTime = 15 * time.Second

// lookTime is how long the load of a first look lasts. It is the beginning of
// the whole load, up to some time at its height: what fails in it would have
// failed in the whole load too. What is not judged comes on top, as a look at
// nothing else would show nothing.
func lookTime(w plans.Workload, users int) time.Duration {
	rises := rising(w, users)
	if len(w.Stages) > 0 || w.ArrivalRate > 0 { // the warm-up begins with the load
		return max(rises, w.WarmUp) + firstLookTime
	}
	return rises + w.WarmUp + firstLookTime
}

// rising is how long a load takes to its height: to all users, or to the first
// of its highest stages.
func rising(w plans.Workload, users int) time.Duration {
	if w.ArrivalRate > 0 {
		return 0
	}
	if len(w.Stages) == 0 {
		return units.Seconds(float64(users-1) / w.Rate(users))
	}
	var at, height time.Duration
	most := 0.0
	for _, stage := range w.Stages {
		at += stage.Over
		if target := stage.Rate + float64(stage.Users); target > most { // it has one of them
			most, height = target, at
		}
	}
	return height
}
