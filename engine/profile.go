package engine

import (
	"math"
	"time"
)

// profile is a target over time, of users or of a rate, in pieces of straight
// line that follow each other. The last one never ends.
//
// A load without stages has a profile as well: users that start at a rate are
// a slope, and all at once or a constant rate a jump.
type profile []segment

// segment is the target from a start up to its end. A jump takes no time, and
// its slope is infinite.
type segment struct {
	start, end time.Duration
	from, to   float64 // the target there
	slope      float64 // per second
}

// never is later than anything.
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
	case load.SpawnRate > 0: // as it was asked for, not users over a rounded time
		p = profile{{end: addSeconds(0, users/load.SpawnRate), to: users, slope: load.SpawnRate}}
	default:
		p = p.appendSegment(users, 0)
	}
	return p.appendSegment(p[len(p)-1].to, never)
}

// appendSegment adds a piece that leads to a target in some time, from where the
// pieces before it end.
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

// addSeconds is a moment some seconds after another, and never at the latest.
func addSeconds(moment time.Duration, seconds float64) time.Duration {
	if d := seconds * float64(time.Second); d < float64(never-moment) {
		return moment + time.Duration(math.Round(d)) // what is due at the end is not due just before it
	}
	return never
}

// timeAt is when the target passes a value that it has somewhere in the piece.
func (p *segment) timeAt(value float64) time.Duration {
	return min(p.end, addSeconds(p.start, (value-p.from)/p.slope))
}

// area is the integral of the target from the piece's start to a moment, at
// most its end.
func (p *segment) area(until time.Duration) float64 {
	if until = min(until, p.end); until <= p.start {
		return 0
	}
	x := (until - p.start).Seconds()
	return x * (p.from + p.slope*x/2)
}

// timeOfArea is when the integral from the piece's start on has reached an area.
// Where the target stays the same this is the area divided by it, exactly.
func (p *segment) timeOfArea(area float64) time.Duration {
	if area == 0 {
		return p.start
	}
	root := math.Sqrt(max(0, p.from*p.from+2*p.slope*area))
	return min(p.end, addSeconds(p.start, 2*area/(p.from+root)))
}

// steps walks through the moments at which users start and retire: user i,
// from 0, is active while the target is above i.
type steps struct {
	remaining profile // from the piece on in which the step is
	active    int     // users after the step
	user      int     // who starts or retires
	starts    bool
	at        time.Duration
}

func newSteps(load *Load) *steps { return &steps{remaining: newProfile(load)} }

// next goes to the next step, the first one at first. It tells whether there
// is one.
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
		s.at = p.timeAt(float64(s.user))
		return true
	}
	s.at = never
	return false
}

// integral walks through a rate by its integral: how many arrivals were to be
// until then.
type integral struct {
	remaining profile // from the piece on that was reached
	passed    float64 // the integral up to there
}

// timeAt is when the integral grows above a sum, never where it does not. From
// call to call sums must not fall.
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

// valueAt is the integral up to a moment that is not before the piece that was
// reached.
func (g *integral) valueAt(moment time.Duration) float64 {
	sum := g.passed
	for i := range g.remaining {
		sum += g.remaining[i].area(moment)
	}
	return sum
}
