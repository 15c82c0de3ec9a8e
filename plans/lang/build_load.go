package lang

import (
	"time"

	"plan/engine"
	"plan/plans"
)

// addLoad adds the load of a stage, with its scenario as it is now, and the file
// that its driver is to run.
func (b *builder) addLoad(s *plans.Stage, r *decodedBlock) {
	a, stages := get[arrivals](r, "arrival_rate"), get[staged](r, "stages")
	l := &plans.Workload{
		Users:       get[int](r, "users"),
		SpawnRate:   get[float64](r, "spawn_rate"),
		Runtime:     get[time.Duration](r, "runtime"),
		ArrivalRate: a.rate,
		Poisson:     a.poisson || stages.poisson,
		Stages:      stages.list,
		WarmUp:      get[time.Duration](r, "warm_up"),
	}
	switch {
	case l.Runtime != 0 || !r.omits("runtime"):
	case r.omits("stages"):
		standard, _ := typeSpan.of("runtime", standardRuntime)
		l.Runtime = standard.(time.Duration)
	default:
		l.Runtime = engine.Load{Stages: stages.list}.StagesTake()
	}
	if d := r.one("driver"); d != nil {
		image := get[target](d, "image")
		l.Driver = &plans.Driver{Kind: d.label, File: get[string](d, "file"), Image: b.imageToRun(image), ImageOf: image.address}
		if l.Driver.File != "" {
			l.Driver.Data, _ = b.decoder.content(l.Driver.File, maxScript, d.rangeOf("file"))
		}
	}
	if x := b.program.index[get[target](r, "scenario").address]; x != nil {
		scenario := b.decoder.redecode(x.node)
		anew := b
		if b.evaluator.known == nil { // its diagnostics were reported when the plan was loaded
			anew = newBuilder(b.evaluator.quiet())
		}
		l.Scenario = anew.buildScenario(scenario)
		s.Unknown = append(s.Unknown, scenario.unknowns("scenario.")...)
	}
	if r.omits("users") {
		l.Users = l.Load(0, 0).NeededUsers()
	}
	s.Load = l
}
