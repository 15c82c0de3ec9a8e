package engine

import (
	"math"
	"time"
)

// profile is a piecewise linear target over time, of users or of a rate. Its
// segments are contiguous, and the last one never ends.
//
// Loads without stages have a profile too: a spawn rate is a slope; users that
// start at once, or a constant rate, are a jump.
type profile []segment

// segment is the target from start to end. A jump has no duration and an
// infinite slope.
type segment struct {
	start, end time.Duration
	from, to   float64 // the target at start and at end
	slope      float64 // change per second
}

// never is later than any other time.
const never = time.Duration(math.MaxInt64)

func newProfile(load *Load) profile {
	var p profile
	users := float64(load.Users)
	switch {
	case len(load.Stages) > 0:
		for _, s := range load.Stages {
			p = p.appendSegment(float64(s.Users)+s.Rate, s.Over)
		}
	case load.ArrivalRate > 0:
		p = p.appendSegment(load.ArrivalRate, 0)
	case load.SpawnRate > 0: // exact, without rounding users/rate to a time
		p = profile{{end: addSeconds(0, users/load.SpawnRate), to: users, slope: load.SpawnRate}}
	default:
		p = p.appendSegment(users, 0)
	}
	return p.appendSegment(p[len(p)-1].to, never)
}

// appendSegment adds a segment that moves to a target in a given time, from the
// end of the last segment.
func (p profile) appendSegment(to float64, over time.Duration) profile {
	var before segment
	if len(p) > 0 {
		before = p[len(p)-1]
	}
	return append(p, segment{
		start: before.end, end: before.end + min(over, never-before.end),
		from: before.to, to: to, slope: (to - before.to) / over.Seconds(),
	})
}

// addSeconds returns moment plus seconds, at most never.
func addSeconds(moment time.Duration, seconds float64) time.Duration {
	if d := seconds * float64(time.Second); d < float64(never-moment) {
		return moment + time.Duration(math.Round(d)) // rounding keeps what is due at the end from being due just before it
	}
	return never
}

// timeAt returns when the target reaches a value within the segment.
func (p *segment) timeAt(value float64) time.Duration {
	return min(p.end, addSeconds(p.start, (value-p.from)/p.slope))
}

// area returns the integral of the target from the start of the segment to a
// moment, at most its end.
func (p *segment) area(until time.Duration) float64 {
	if until = min(until, p.end); until <= p.start {
		return 0
	}
	x := (until - p.start).Seconds()
	return x * (p.from + p.slope*x/2)
}

// timeOfArea returns when the integral from the start of the segment reaches an
// area. For a constant target this is exactly area/target.
func (p *segment) timeOfArea(area float64) time.Duration {
	if area == 0 {
		return p.start
	}
	root := math.Sqrt(max(0, p.from*p.from+2*p.slope*area))
	return min(p.end, addSeconds(p.start, 2*area/(p.from+root)))
}

// steps iterates over the times at which users start and stop: user i (from 0)
// is active while the target is above i.
type steps struct {
	remaining profile // from the current segment on
	active    int     // number of users after the step
	user      int     // index of the user that starts or stops
	starts    bool
	at        time.Duration
	intent    intent // of the first request of a user that starts
}

func newSteps(load *Load) *steps { return &steps{remaining: newProfile(load)} }

// next advances to the next step, and reports whether there is one.
func (s *steps) next() bool {
	for ; len(s.remaining) > 0; s.remaining = s.remaining[1:] {
		p := &s.remaining[0]
		goal := int(p.to)
		if s.active == goal {
			continue
		}
		if s.starts = s.active < goal; s.starts {
			s.user = s.active
			s.active++
		} else {
			s.active--
			s.user = s.active
		}
		s.at, s.intent = p.timeAt(float64(s.user)), scheduled
		if p.start == p.end {
			s.intent = together
		}
		return true
	}
	s.at = never
	return false
}

// integral iterates over the integral of a rate: the number of arrivals that
// are due until a moment.
type integral struct {
	remaining profile // from the current segment on
	passed    float64 // integral of the segments before
}

// timeAt returns when the integral exceeds a sum, or never. Sums must not
// decrease from call to call.
func (g *integral) timeAt(sum float64) time.Duration {
	for ; len(g.remaining) > 0; g.remaining = g.remaining[1:] {
		p := &g.remaining[0]
		area := p.area(never)
		if sum < g.passed+area {
			return p.timeOfArea(sum - g.passed)
		}
		g.passed += area
	}
	return never
}

// valueAt returns the integral at a moment, which must not be before the
// current segment.
func (g *integral) valueAt(moment time.Duration) float64 {
	sum := g.passed
	for i := range g.remaining {
		sum += g.remaining[i].area(moment)
	}
	return sum
}
