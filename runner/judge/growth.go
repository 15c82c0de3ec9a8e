package judge

import (
	"fmt"
	"math"
	"time"

	"plan/containers"
	"plan/internal/units"
	"plan/runner/journal"
)

// Growth is how the anonymous memory of a replica grew under load.
type Growth struct {
	PerSecond float64       // bytes, the lower 99 % bound; above 0
	Seen      units.Bytes   // that much at that rate, from the first to the last sample
	Left      time.Duration // until the memory limit is reached at that rate
}

// leastSlopeSamples of each later third; fewer do not give a slope.
const leastSlopeSamples = 3

// growthOf returns the growth of a replica between two moments; false where there is
// none. It leaves out the first third of that time, in which services warm up.
// There is growth where the memory has a limit, each later third grew by itself,
// and the lower 99 % bound of the slope of both is above 0 (least squares,
// Student's t). It is no faster than that of the last third.
func growthOf(r Replica, from, to time.Time) (Growth, bool) {
	third := to.Sub(from) / 3
	middle := anonymousIn(r.Usage, from.Add(third), from.Add(2*third))
	end := anonymousIn(r.Usage, from.Add(2*third), to)
	limit := r.State.Limits.Memory
	if limit == 0 || len(middle) < leastSlopeSamples || len(end) < leastSlopeSamples {
		return Growth{}, false
	}
	before, _ := slopeOf(middle)
	now, _ := slopeOf(end)
	all := append(middle, end...)
	slope, deviation := slopeOf(all)
	slope = min(now, slope-student99(len(all)-2)*deviation)
	if before <= 0 || slope <= 0 {
		return Growth{}, false
	}
	first, last := all[0], all[len(all)-1]
	seconds := math.Max(0, float64(limit)-last.y) / slope
	return Growth{PerSecond: slope, Seen: units.Bytes(slope * (last.x - first.x)), Left: units.Seconds(math.Min(seconds, math.MaxInt64/2e9))}, true
}

// growth returns that of the replica whose limit is reached first. A first look is
// too short for it.
func (o Observation) growth(c Criteria) (least Growth, grows bool) {
	if o.Source.Began.IsZero() || c.FirstLook {
		return Growth{}, false
	}
	from, to := o.steady()
	for _, r := range o.Replicas {
		if g, is := growthOf(r, from, to); is && (!grows || g.Left < least.Left) {
			least, grows = g, true
		}
	}
	return least, grows
}

// steady returns the part of the judged window in which the target of the load no
// longer rises: what a service needs for more users is no leak.
func (o Observation) steady() (from, to time.Time) {
	j := o.Load.Judged
	began := o.Source.Began
	return began.Add(units.Seconds(max(j.From, o.Source.RisesUntil))), began.Add(units.Seconds(j.From) + o.judgedFor())
}

func (o Observation) judgedFor() time.Duration { return units.Seconds(o.Load.Judged.Seconds) }

// point is a sample: x in seconds, y in bytes.
type point struct{ x, y float64 }

// anonymousIn returns the samples from one moment to before another one.
func anonymousIn(usage []containers.Usage, from, to time.Time) []point {
	var points []point
	for _, u := range usage {
		if u.Anonymous != nil && !u.At.Before(from) && u.At.Before(to) {
			points = append(points, point{u.At.Sub(usage[0].At).Seconds(), float64(*u.Anonymous)})
		}
	}
	return points
}

// slopeOf returns the slope of the least-squares line through at least three points,
// and the standard deviation of that slope.
func slopeOf(points []point) (slope, deviation float64) {
	n := float64(len(points))
	var meanX, meanY float64
	for _, p := range points {
		meanX, meanY = meanX+p.x/n, meanY+p.y/n
	}
	var xx, xy float64
	for _, p := range points {
		xx += (p.x - meanX) * (p.x - meanX)
		xy += (p.x - meanX) * (p.y - meanY)
	}
	slope = xy / xx
	var squares float64
	for _, p := range points {
		rest := p.y - meanY - slope*(p.x-meanX)
		squares += rest * rest
	}
	return slope, math.Sqrt(squares / (n - 2) / xx)
}

// student99 returns the 99 % quantile of Student's t with some degrees of freedom
// (Abramowitz and Stegun, 26.7.5; within 1 % from 4 on).
func student99(freedom int) float64 {
	const z = 2.3263478740408408 // of the normal distribution
	f := float64(freedom)
	return z + (z*z*z+z)/(4*f) + (5*math.Pow(z, 5)+16*z*z*z+3*z)/(96*f*f) + (3*math.Pow(z, 7)+19*math.Pow(z, 5)+17*z*z*z-15*z)/(384*f*f*f)
}

// text returns the rate of growth and the time until the limit, for people.
func (g Growth) text() string {
	return fmt.Sprintf("%s by at least %s a minute: the limit is reached in %s", journal.Grows,
		units.Bytes(60*g.PerSecond), units.Duration(g.Left))
}

// leak reports whether the growth reaches the limit within the horizon, is more than
// the end of a warm-up, and so fast that the time in which it was seen can predict it.
func (g Growth) leak(horizon, seen time.Duration) bool {
	return g.Seen >= warmUp && g.Left <= horizon && g.Left <= mostForesight*seen
}

// noted reports whether growth that is no leak is worth a note: it is soon, or more
// than the end of a warm-up.
func (g Growth) noted(horizon time.Duration) bool { return g.Left <= horizon || g.Seen >= warmUp }

const (
	mostForesight = 100       // times the time in which it was seen
	warmUp        = units.MiB // a FastAPI with scikit-learn grew by 100K in the first 40 requests, and no more
)
