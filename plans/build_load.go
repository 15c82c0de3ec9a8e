package plans

import (
	"math"
	"time"
)

// buildWorkload makes the load of a stage, as yet without a scenario.
func buildWorkload(r *record) *Workload {
	a, s := get[arrivals](r, "arrival_rate"), get[staged](r, "stages")
	l := &Workload{
		Users:       max(get[int](r, "users"), s.most()),
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
		standard, _ := kindSpan.of("runtime", standardRuntime)
		l.Runtime = standard.(time.Duration)
	default:
		l.Runtime = l.staged()
	}
	return l
}

// staged is how long all stages take.
func (l Workload) staged() time.Duration {
	total := time.Duration(0)
	for _, s := range l.Stages {
		total = sum(total, s.Over)
	}
	return total
}

// mostArrivals is the largest rate of requests, per second; 0 for users that
// think.
func (l Workload) mostArrivals() float64 {
	most := l.ArrivalRate
	for _, s := range l.Stages {
		most = max(most, s.Rate)
	}
	return most
}

// Open says whether requests begin on a schedule, whatever became of those
// before.
func (l Workload) Open() bool { return l.mostArrivals() > 0 }

// The least and the most users that arrivals get by themselves.
const (
	leastCap = 10
	mostCap  = 10_000
)

// Cap is how many users arrivals need, where the plan does not say: as many as
// could wait at the same time if every answer took as long as it may (Little's
// law), from 10 to 10,000.
func (l Workload) Cap() int {
	longest := time.Duration(0)
	for _, q := range l.Scenario.Requests {
		longest = max(longest, q.EffectiveTimeout())
	}
	return int(min(mostCap, max(leastCap, math.Ceil(l.mostArrivals()*longest.Seconds()))))
}
