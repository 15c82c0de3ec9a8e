package lang

import (
	"time"

	"plan/engine"
	"plan/plans"
)

// buildWorkload makes the load of a stage, as yet without a scenario.
func buildWorkload(r *decodedBlock) *plans.Workload {
	a, s := get[arrivals](r, "arrival_rate"), get[staged](r, "stages")
	l := &plans.Workload{
		Users:       get[int](r, "users"),
		SpawnRate:   get[float64](r, "spawn_rate"),
		Runtime:     get[time.Duration](r, "runtime"),
		ArrivalRate: a.rate,
		Poisson:     a.poisson || s.poisson,
		Stages:      s.list,
		WarmUp:      get[time.Duration](r, "warm_up"),
	}
	switch {
	case l.Runtime != 0 || !r.omits("runtime"):
	case r.omits("stages"):
		standard, _ := typeSpan.of("runtime", standardRuntime)
		l.Runtime = standard.(time.Duration)
	default:
		l.Runtime = engine.Load{Stages: s.list}.StagesTake()
	}
	return l
}
