package chart

import "math"

// scale maps values to pixels.
type scale struct {
	min, max float64 // values, min < max
	from, to float64 // pixels
	log      bool    // min must be above 0
}

// newScale covers all finite values. A linear scale of one value below 0 gets room
// on both sides; above 0 it begins at 0. Zeros alone, or no value, give 0 to 1. A logarithmic one leaves out what is
// not above 0.
func newScale(values []float64, log bool, from, to float64) scale {
	low, high := math.Inf(1), math.Inf(-1)
	for _, v := range values {
		if finite(v) && (!log || v > 0) {
			low, high = min(low, v), max(high, v)
		}
	}
	switch {
	case low > high && log:
		low, high = 1, 10
	case low > high:
		low, high = 0, 1
	case low == high && log:
		low, high = low/2, high*2
	case low == high && low > 0:
		low = 0
	case low == 0 && high == 0:
		high = 1
	case low == high:
		low, high = low-1, high+1
	}
	return scale{min: low, max: high, from: from, to: to, log: log}
}

func finite(v float64) bool { return !math.IsNaN(v) && !math.IsInf(v, 0) }

// at is the pixel of a value; a value outside is put on the nearer edge.
func (s scale) at(v float64) float64 {
	v = min(max(v, s.min), s.max)
	share := (v - s.min) / (s.max - s.min)
	if s.log {
		share = math.Log(v/s.min) / math.Log(s.max/s.min)
	}
	return s.from + share*(s.to-s.from)
}

// rise makes the top of a scale a round value, so that the highest tick is at
// the top.
func (s scale) rise(u Unit, most int) scale {
	if step := u.step((s.max - s.min) / float64(most)); !s.log {
		s.max = s.min + step*math.Ceil((s.max-s.min)/step-1e-9)
	}
	return s
}

// ticks are round values of the scale, rising, at most about most of them.
func (s scale) ticks(u Unit, most int) []float64 {
	if s.log {
		return s.decades(most)
	}
	step := u.step((s.max - s.min) / float64(most))
	var all []float64
	for n := int64(math.Ceil(s.min/step - 1e-9)); float64(n)*step <= s.max+step*1e-9; n++ {
		all = append(all, float64(n)*step)
	}
	return all
}

// decades are 1, 2 and 5 of each power of ten; fewer where they are too many.
func (s scale) decades(most int) []float64 {
	var all []float64
	for _, digits := range [][]float64{{1, 2, 5}, {1, 3}, {1}} {
		all = nil
		for power := math.Floor(math.Log10(s.min)); power <= math.Ceil(math.Log10(s.max)); power++ {
			for _, digit := range digits {
				if v := digit * math.Pow(10, power); v >= s.min*(1-1e-9) && v <= s.max*(1+1e-9) {
					all = append(all, v)
				}
			}
		}
		if len(all) <= most {
			break
		}
	}
	return all
}
