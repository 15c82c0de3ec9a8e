package plans

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"time"

	"plan/engine"
	"plan/internal/exchange"
	"plan/internal/metrics"
	"plan/internal/units"
	"plan/runner/search"
)

// What a trial takes besides what its plan says.
const (
	Spread = 10 * time.Second // every process of a service is asked before a load
	Settle = 10 * time.Second // a service that only takes connections comes to rest
	start  = 3 * time.Second  // the engine makes, starts and removes a container
	driver = 90 * time.Second // another load generator starts, comes to rest, and tells its figures
)

// What a trial may take besides, if it has to be repeated.
const (
	QuietWait = 60 * time.Second // for a quiet host, and one runtime of the load
	AwayWait  = 60 * time.Second // for an engine that is away
	Recover   = 5 * time.Second  // after the guard stopped a trial
	// Extended is how many times as long a load of a search may be made, so that it has
	// the samples that its thresholds need.
	Extended = 10
	// LeakWindow is for how long the target of a load must not rise, so that growth of memory shows a leak. In a
	// shorter time a heap that is filled for the first time looks the same.
	LeakWindow = 5 * time.Minute
	LeakSpare  = 3 * time.Second // that a load is made longer, since its users may start late
)

// Hold returns how long a service is watched after its load, or without one once it is
// ready: a tenth of the load's runtime, between 2 s and 5 s, and 5 s without a load.
func Hold(load *engine.Load) time.Duration {
	const least, most = 2 * time.Second, 5 * time.Second
	if load == nil {
		return most
	}
	return min(max(load.Runtime/10, least), most)
}

// firstLookJudged is how much of the judged window a first look has.
const firstLookJudged = 15 * time.Second

// FirstLook returns the runtime of a first look: the beginning of the whole load, up to
// firstLookJudged of its judged window. What fails in it would fail in the whole load
// too.
func FirstLook(l engine.Load) time.Duration { return max(l.Rise(), l.JudgedFrom()) + firstLookJudged }

// soon is how long a service is expected to start where no trial has shown it.
const soon = 5 * time.Second

// Expected is what a stage is expected to take. A ramp is expected to try all of its
// listed steps.
func (s Stage) Expected() Bounds {
	begun, full, _ := s.usual()
	switch n := s.trials(); {
	case s.Auto != nil:
		growing, proving := search.UsersExpected()
		first, _ := s.growing()
		return Bounds{Trials: growing + proving, Time: sum(times(growing, sum(begun, first)), times(proving, full))}
	case s.Kind != Search:
		return Bounds{Trials: n, Time: times(n, full)}
	case n == 0:
		return Bounds{}
	}
	return s.Left(s.Cells(), nil)
}

// usual is how long a trial is expected to take of which the load is not begun, one with all
// of its load, and a first look.
func (s Stage) usual() (begun, full, look time.Duration) {
	begun = sum(min(soon, s.Service.Ready.Within), start)
	full, look = begun, begun
	if s.Load != nil {
		if s.Load.Driver != nil {
			begun = sum(begun, driver)
		}
		load := s.Load.Load(s.MostUsers(), 0)
		short := load
		short.Runtime = FirstLook(load)
		full, look = sum(begun, sum(load.Runtime, Hold(&load))), sum(begun, sum(short.Runtime, Hold(&short)))
	}
	return begun, full, look
}

// Left is what the rest of a search is expected to take on a grid, which may have fewer
// cells than the plan says, after the trials so far. Their mean durations count, and where
// there are none what the plan says.
func (s Stage) Left(g search.Grid, tried []search.Tried) Bounds {
	begun, full, look := s.usual()
	e := g.Expect(s.Strategy, look < full, tried)
	if len(tried) == 0 && s.Margin > 0 {
		e.Looks++ // at what is recommended
	}
	mean := func(is func(search.Tried) bool, planned time.Duration) float64 {
		seconds, n := 0.0, 0.0
		for _, t := range tried {
			if is(t) {
				seconds, n = seconds+t.Seconds, n+1
			}
		}
		if n == 0 {
			return planned.Seconds()
		}
		return seconds / n
	}
	seconds := e.Full*mean(func(t search.Tried) bool { return t.Passed && !t.FirstLook }, full) +
		e.Looks*mean(func(t search.Tried) bool { return t.Passed && t.FirstLook }, look) +
		e.Failures*mean(func(t search.Tried) bool { return !t.Passed }, begun)
	most := s.Bounds()
	return Bounds{
		Trials: min(most.Trials, int(math.Round(e.Full+e.Looks+e.Failures))),
		Time:   min(most.Time, units.Seconds(seconds).Round(time.Second)),
	}
}

// Bounds is the most that the stage can take, unless an answer is disproved. A search
// whose strategy or grid is known only later has no trials yet.
func (s Stage) Bounds() Bounds {
	n := s.trials()
	one := s.trialTime()
	b := Bounds{Trials: n, Time: times(n, one)}
	runs, waits, longer, quiet := 1, Recover, time.Duration(0), 0
	for _, r := range repeats {
		if r.longer != nil {
			more := r.longer(s)
			if more == 0 {
				continue
			}
			longer = max(longer, more)
		}
		if runs, waits = runs+1, sum(waits, r.wait); r.quiet {
			quiet++
		}
	}
	if s.Load != nil {
		waits = sum(waits, times(quiet, sum(s.Load.Runtime, longer)))
	}
	one = sum(one, longer)
	repeated := sum(times(runs, one), waits)
	b.Longest = sum(b.Longest, times(n, repeated))
	if s.Auto != nil && s.Load != nil {
		first, second := s.growing()
		grown := sum(max(0, first-s.Load.Runtime), max(0, second-s.Load.Runtime))
		b.Time, b.Longest = sum(b.Time, grown), sum(b.Longest, times(runs, grown))
	}
	if s.Budget.Time > 0 { // no trial begins after it, and waits are not part of it
		b.Time = min(b.Time, sum(s.Budget.Time, one))
		b.Longest = min(b.Longest, sum(sum(s.Budget.Time, repeated), times(n, waits)))
	}
	return b
}

// longerForSamples is by how much the loads of a search become longer where too few responses show a percentile.
func (s Stage) longerForSamples() time.Duration {
	needs := func(o Objective) bool {
		return slices.ContainsFunc(metrics.Percentiles(), func(m metrics.Metric) bool {
			return m.Name == o.Metric && m.Samples() > 0
		})
	}
	if s.Load == nil || s.Kind != Search && s.Auto == nil || !slices.ContainsFunc(s.Threshold, needs) {
		return 0
	}
	return times(Extended-1, s.Load.Runtime)
}

// longerForLeak is by how much a load becomes longer where memory grows under it.
func (s Stage) longerForLeak() time.Duration {
	if s.Load == nil || s.LeakHorizon == 0 {
		return 0
	}
	load := s.Load.Load(s.MostUsers(), 0)
	if !load.EndsHighest() {
		return 0
	}
	return max(0, max(load.RisesUntil(), load.JudgedFrom())+LeakWindow+LeakSpare-load.Runtime)
}

func (s Stage) trials() int {
	switch s.Kind {
	case Ramp:
		if s.Auto != nil {
			return s.auto().Most()
		}
		return len(s.Users)
	case Search:
		if s.Strategy == "" {
			return 0
		}
		most := s.Cells().Most(s.Strategy)
		if most > 0 && s.Margin > 0 && slices.ContainsFunc(s.Vary, func(v Vary) bool { return v.Dimension.Margin() }) {
			most++ // at what is recommended
		}
		if s.Budget.Trials > 0 {
			most = min(most, s.Budget.Trials)
		}
		return most
	}
	return 1
}

func (s Stage) trialTime() time.Duration {
	total := sum(s.Service.Ready.Within, start)
	if s.Service.RestartHelpers {
		for _, h := range s.Helpers {
			total = sum(total, sum(h.Ready.Within, start))
		}
	}
	if s.Service.Ready.TCP != 0 {
		total = sum(total, Settle)
	}
	if s.Asks != nil { // each is asked once, and once more
		total = sum(total, Spread)
		for _, q := range slices.Concat(s.Asks.OnStart, s.Asks.Requests) {
			total = sum(total, time.Duration(2*s.Replicas())*q.Timeout)
		}
	}
	if s.Load == nil {
		return total
	}
	if s.Load.Driver != nil {
		total = sum(total, driver)
		if s.Service.Ready.Path == "" && s.Service.Ready.TCP == 0 { // asked for / before the load
			total = sum(total, cmp.Or(s.Service.Ready.Timeout, exchange.DefaultTimeout))
		}
	} else {
		total = sum(total, Spread)
	}
	for range s.Replicas() { // each is asked once for each, one after the other
		for _, q := range slices.Concat(s.Load.Scenario.OnStart, s.Load.Scenario.Requests) {
			total = sum(total, q.Timeout)
		}
	}
	// After the load all are asked once more, replicas at once, and again where there was no response.
	again := times(2, cmp.Or(s.Service.Ready.Timeout, exchange.DefaultTimeout))
	for _, q := range s.Load.Scenario.Requests {
		again = sum(again, times(2, q.Timeout))
	}
	return sum(sum(total, s.Load.Runtime), max(Hold(&engine.Load{Runtime: s.Load.Runtime}), again))
}

// sum adds durations without running over.
func sum(a, b time.Duration) time.Duration { return a + min(b, math.MaxInt64-a) }

// times returns n durations without running over.
func times(n int, d time.Duration) time.Duration {
	if n > 0 && d > math.MaxInt64/time.Duration(n) {
		return math.MaxInt64
	}
	return time.Duration(n) * d
}

// Expected is what the whole plan is expected to take before it has begun.
func (p *Plan) Expected() Bounds {
	total := Bounds{}
	for _, s := range p.Stages {
		total = total.Plus(s.Expected())
	}
	return total.Within(p.Guard.Runtime)
}

// Bounds is the most that the whole plan can take. Pulling and pushing images
// has no bound and is left out.
func (p *Plan) Bounds() Bounds {
	before := time.Duration(0)
	for _, f := range p.Preflights {
		before = sum(before, f.Within)
	}
	total := Bounds{}
	started := map[string]bool{}
	for _, s := range p.Stages {
		for _, h := range s.Helpers {
			if s.Service.RestartHelpers || started[h.Address] {
				continue // their time is that of each trial, or of an earlier stage
			}
			before = sum(before, sum(h.Ready.Within, start))
			started[h.Address] = true
		}
		total = total.Plus(s.Bounds())
	}
	return total.Plus(Bounds{Time: before, Longest: before}).Within(p.Guard.Runtime)
}

// Plus adds bounds.
func (b Bounds) Plus(c Bounds) Bounds {
	return Bounds{Trials: b.Trials + c.Trials, Time: sum(b.Time, c.Time), Longest: sum(b.Longest, c.Longest)}
}

// Within cuts the times at the time that a guard allows; 0: there is no guard.
func (b Bounds) Within(runtime time.Duration) Bounds {
	if runtime > 0 {
		b.Time, b.Longest = min(b.Time, runtime), min(b.Longest, runtime)
	}
	return b
}

// Replicas is how many containers of the service run at the same time, at most.
func (s Stage) Replicas() int64 { return int64(max(1, s.MostLimits().Replicas)) }

// MostUsers is the largest number of users of a stage, 0 when it is not known.
func (s Stage) MostUsers() int {
	if len(s.Users) > 0 {
		return s.Users[len(s.Users)-1]
	}
	if s.Auto != nil {
		return s.Auto.To
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
	return fmt.Sprintf("%d users need more than the %d open files that the driver may have", l.OwnUsers(), files), need
}
