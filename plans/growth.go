package plans

import (
	"math"
	"time"

	"plan/engine"
	"plan/internal/units"
	"plan/runner/search"
)

// MostAutoUsers are the most users of a ramp that finds them itself, where the plan
// gives no `to`: what fits into the agent's container.
const MostAutoUsers = 10_000

// The length of a window is a tenth of the runtime within these bounds, and at least the
// mean think time.
const (
	shortestWindow = 2 * time.Second
	longestWindow  = 10 * time.Second
)

// Window is a part of a load that grows: the whole seconds, counted from the start of
// the load, in which its users were all active and none started.
type Window struct{ Users, From, To int }

// Grow returns a load that rises to each number of users and stays there for a while,
// and its windows. The warm-up is left out: each window leaves out its rise.
func (w Workload) Grow(targets []int, seed uint64) (engine.Load, []Window) {
	l := w.Load(targets[len(targets)-1], seed)
	l.SpawnRate, l.WarmUp, l.Stages = 0, 0, nil
	hold := max(min(max(w.Runtime/10, shortestWindow), longestWindow), w.Scenario.ThinkTime.Mean())
	hold = time.Duration(math.Ceil(hold.Seconds())) * time.Second
	var windows []Window
	var at time.Duration
	active := 0
	for _, users := range targets {
		rise := hold / 2
		if w.SpawnRate > 0 {
			rise = max(rise, units.Seconds(float64(users-active)/w.SpawnRate))
		}
		rise = time.Duration(math.Ceil(rise.Seconds())) * time.Second
		l.Stages = append(l.Stages, engine.Stage{Users: users, Over: rise}, engine.Stage{Users: users, Over: hold})
		from := at + rise
		at, active = from+hold, users
		windows = append(windows, Window{Users: users, From: int(from.Seconds()), To: int(at.Seconds())})
	}
	l.Runtime = at
	return l, windows
}

// auto is the search of a ramp that finds its users itself.
func (s Stage) auto() search.Users {
	u := *s.Auto
	if u.To == 0 {
		u.To = max(u.From, MostAutoUsers)
	}
	u.Least = s.AtLeast
	return u
}

// growing is the longest that the two loads take which grow; 0 where none does.
func (s Stage) growing() (first, second time.Duration) {
	doubling, narrowing := s.auto().Growths()
	if len(doubling) == 0 || s.Load == nil {
		return 0, 0
	}
	l, _ := s.Load.Grow(doubling, 0)
	for _, targets := range narrowing {
		n, _ := s.Load.Grow(targets, 0)
		second = max(second, n.Runtime)
	}
	return l.Runtime, second
}
