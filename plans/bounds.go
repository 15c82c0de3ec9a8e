package plans

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"time"

	"plan/internal/exchange"
	"plan/runner/search"
)

// What a trial takes besides what its plan says.
const (
	Hold   = 5 * time.Second  // the service is watched after its load, or once it is ready
	Spread = 10 * time.Second // every process of a service is asked before a load
	Settle = 10 * time.Second // a service that only takes connections comes to rest
	start  = 3 * time.Second  // the engine makes, starts and removes a container
	driver = 90 * time.Second // another load generator starts, comes to rest, and tells its figures
)

// Bounds is the most that the stage can take, unless a trial has to be repeated
// or an answer is disproved. A search whose strategy or grid is known only later
// has no trials yet.
func (s Stage) Bounds() Bounds {
	n := s.trials()
	one := s.trialTime()
	if n > 0 && one > math.MaxInt64/time.Duration(n) {
		return Bounds{Trials: n, Time: math.MaxInt64}
	}
	return Bounds{Trials: n, Time: time.Duration(n) * one}
}

func (s Stage) trials() int {
	switch s.Kind {
	case Ramp:
		return len(s.Users)
	case Search:
		if s.Strategy == "" {
			return 0
		}
		most := search.Most(s.Strategy, s.Vary.Size())
		if most > 0 && s.Margin > 0 && s.Vary.Dimension.Margin() {
			most++ // at what is recommended
		}
		return most
	}
	return 1
}

// Size is the number of values on the grid.
func (v *Vary) Size() int {
	if v == nil || v.Step <= 0 || v.To < v.From || v.From <= 0 {
		return 0
	}
	steps := (v.To - v.From) / v.Step
	if (v.To-v.From)%v.Step != 0 {
		steps++
	}
	return int(steps) + 1
}

func (s Stage) trialTime() time.Duration {
	total := sum(s.Service.Ready.Within, start)
	if s.Service.Ready.TCP != 0 {
		total = sum(total, Settle)
	}
	if s.Load == nil {
		return total
	}
	if s.Load.Driver != nil {
		total = sum(total, driver)
	} else {
		total = sum(total, Spread)
	}
	for range s.Replicas() { // each is asked once for each, one after the other
		for _, q := range slices.Concat(s.Load.Scenario.OnStart, s.Load.Scenario.Requests) {
			total = sum(total, q.Timeout)
		}
	}
	again := cmp.Or(s.Service.Ready.Timeout, exchange.DefaultTimeout) // after the load all are asked once more, replicas at once
	for _, q := range s.Load.Scenario.Requests {
		again = sum(again, q.Timeout)
	}
	return sum(sum(total, s.Load.Runtime), max(Hold, again))
}

// sum adds durations without running over.
func sum(a, b time.Duration) time.Duration { return a + min(b, math.MaxInt64-a) }

// Bounds is the most that the whole plan can take. Pulling and pushing images
// has no bound and is left out.
func (p *Plan) Bounds() Bounds {
	total := Bounds{}
	for _, f := range p.Preflights {
		total.Time = sum(total.Time, f.Within)
	}
	started := map[string]bool{}
	for _, s := range p.Stages {
		for _, h := range s.Helpers {
			if !started[h.Address] {
				total.Time = sum(total.Time, sum(h.Ready.Within, start))
			}
			started[h.Address] = true
		}
		b := s.Bounds()
		total.Trials += b.Trials
		total.Time = sum(total.Time, b.Time)
	}
	if p.Guard.Runtime > 0 {
		total.Time = min(total.Time, p.Guard.Runtime)
	}
	return total
}

// Replicas is how many containers of the service run at the same time.
func (s Stage) Replicas() int64 { return int64(max(1, s.Limits().Replicas)) }

// MostUsers is the largest number of users of a stage, 0 when it is not known.
func (s Stage) MostUsers() int {
	if len(s.Users) > 0 {
		return s.Users[len(s.Users)-1]
	}
	if s.Load != nil {
		return s.Load.Users
	}
	return 0
}

// TooFewFiles says that the users of a stage need more open files than a load
// generator may have, and how many they need; "" where they do not, where it
// may have 0, which is not known, and where another driver makes the load.
func (s Stage) TooFewFiles(files int64) (text string, need int) {
	if s.Load == nil || s.Load.Driver != nil || files <= 0 {
		return "", 0
	}
	l := s.Load.Load(s.MostUsers(), 0)
	if need = l.NeededFiles(); int64(need) <= files {
		return "", need
	}
	return fmt.Sprintf("%d users need more than the %d open files that the load generator may have", l.Users, files), need
}
