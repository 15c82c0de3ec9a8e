package verify

import (
	"math"
	"time"
)

// A leak is growth of anonymous memory that is known (the lower 99 % bound of its
// slope is above 0 in the last two thirds of the steady time, each of them grows by
// itself, and the last one grows as fast), reaches the limit within the horizon and within 100 times the steady
// time, and is at least 1 MiB over the samples. The steady time is the judged window
// without the part in which the target of the load still rises. In less than five
// minutes a heap that is filled looks the same.
const (
	leastSamples = 3
	foresight    = 100
	leastGrowth  = 1 << 20

	leastLeakTime = 300 // seconds
)

// leaks reports whether the anonymous memory of a container shows a leak.
func (t *trial) leaks(horizon float64) bool {
	l := t.Load
	if t.FirstLook || l.Began.IsZero() || horizon == 0 {
		return false
	}
	least := math.Inf(1) // seconds until a limit is reached
	grown := 0.0         // bytes, of that container
	for _, in := range t.Instances {
		if in.Limits.Memory == nil {
			continue
		}
		if left, seen, grows := t.growth(in.Name, float64(*in.Limits.Memory)); grows && left < least {
			least, grown = left, seen
		}
	}
	return grown >= leastGrowth && least <= horizon && least <= foresight*t.steady()
}

// steady returns the seconds of the steady time.
func (t *trial) steady() float64 {
	return t.Load.Judged.From + t.Load.Judged.Seconds - t.Load.steadyFrom()
}

// steadyFrom returns after how many seconds of the load the steady time begins.
func (l *load) steadyFrom() float64 { return max(l.Judged.From, l.RisesUntil) }

// growth returns the seconds until a container reaches its limit, and by how many
// bytes it has grown.
func (t *trial) growth(name string, limit float64) (left, seen float64, grows bool) {
	from := t.Load.Began.Add(seconds(t.Load.steadyFrom()))
	to := t.Load.Began.Add(seconds(t.Load.Judged.From) + seconds(t.Load.Judged.Seconds))
	window := to.Sub(from)
	a, b := from.Add(window/3), from.Add(2*(window/3))
	var first, second [][2]float64
	for _, c := range t.Evidence.Containers {
		if c.Name != name || c.Role != "service" {
			continue
		}
		for _, u := range c.Usage {
			if u.Anonymous == nil {
				continue
			}
			sample := [2]float64{u.At.Sub(c.Usage[0].At).Seconds(), float64(*u.Anonymous)}
			switch {
			case !u.At.Before(a) && u.At.Before(b):
				first = append(first, sample)
			case !u.At.Before(b) && u.At.Before(to):
				second = append(second, sample)
			}
		}
	}
	if len(first) < leastSamples || len(second) < leastSamples {
		return 0, 0, false
	}
	early, _ := regression(first)
	late, _ := regression(second)
	all := append(first, second...)
	slope, deviation := regression(all)
	slope = math.Min(late, slope-student99(float64(len(all)-2))*deviation)
	if early <= 0 || slope <= 0 {
		return 0, 0, false
	}
	last := all[len(all)-1]
	return math.Max(0, limit-last[1]) / slope, slope * (last[0] - all[0][0]), true
}

func seconds(s float64) time.Duration { return time.Duration(s * float64(time.Second)) }

// regression returns the slope of the least-squares line and its standard error.
func regression(points [][2]float64) (slope, deviation float64) {
	n := float64(len(points))
	var x, y float64
	for _, p := range points {
		x, y = x+p[0], y+p[1]
	}
	x, y = x/n, y/n
	var xx, xy, squares float64
	for _, p := range points {
		xx, xy = xx+(p[0]-x)*(p[0]-x), xy+(p[0]-x)*(p[1]-y)
	}
	slope = xy / xx
	for _, p := range points {
		rest := p[1] - y - slope*(p[0]-x)
		squares += rest * rest
	}
	return slope, math.Sqrt(squares / (n - 2) / xx)
}

// student99 returns the 99 % quantile of Student's t (Abramowitz and Stegun, 26.7.5).
func student99(freedom float64) float64 {
	const z = 2.3263478740408408
	g1 := (math.Pow(z, 3) + z) / 4
	g2 := (5*math.Pow(z, 5) + 16*math.Pow(z, 3) + 3*z) / 96
	g3 := (3*math.Pow(z, 7) + 19*math.Pow(z, 5) + 17*math.Pow(z, 3) - 15*z) / 384
	return z + g1/freedom + g2/(freedom*freedom) + g3/(freedom*freedom*freedom)
}
