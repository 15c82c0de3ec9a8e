package chart

import (
	"math"
	"strconv"

	"plan/internal/units"
)

// Unit is what the values of an axis are: how they are printed, and which are
// round.
type Unit string

// The units.
const (
	Count   Unit = "count"
	Rate    Unit = "rate" // a second
	Seconds Unit = "seconds"
	Bytes   Unit = "bytes"
	CPUs    Unit = "cpus"
	Share   Unit = "share" // 0 to 1
	Price   Unit = "price" // in any currency
)

// Text prints a value with its unit, as tables do.
func (u Unit) Text(v float64) string {
	switch u {
	case Seconds:
		return units.Duration(units.Seconds(v))
	case Bytes:
		return units.Bytes(math.Round(v)).String()
	case Share:
		return units.Percent(v)
	case Rate:
		return number(v) + "/s"
	case Price: // as sentences have it, in hundredths
		return strconv.FormatFloat(math.Round(v*100)/100, 'f', -1, 64)
	default:
		return number(v)
	}
}

// number has at most three figures after the first that is not 0.
func number(v float64) string {
	digits := 0
	for x := math.Abs(v); x > 0 && x < 100 && digits < 6; x *= 10 {
		digits++
	}
	power := math.Pow10(digits)
	return strconv.FormatFloat(math.Round(v*power)/power, 'f', -1, 64)
}

// step is the least round distance of ticks that is no less than the distance
// given: 1, 2 or 5 of a power of ten, of bytes a power of two, of seconds from a
// minute on what divides an hour.
func (u Unit) step(least float64) float64 {
	switch {
	case !(least > 0):
		return 1
	case u == Bytes:
		return math.Pow(2, math.Ceil(math.Log2(least)-1e-9))
	case u == Count && least < 1:
		return 1
	case u == Seconds && least > 10:
		for _, s := range []float64{15, 30, 60, 120, 300, 600, 900, 1800} {
			if s >= least {
				return s
			}
		}
		return 3600 * Count.step(least/3600)
	}
	power := math.Pow(10, math.Floor(math.Log10(least)+1e-9))
	for _, digit := range []float64{1, 2, 5} {
		if digit*power >= least*(1-1e-9) {
			return digit * power
		}
	}
	return 10 * power
}
