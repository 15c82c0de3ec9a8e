// Package figures aggregates measurements: medians, ratios of runs in the same
// round, and the fit of arrivals to a schedule.
//
// It knows nothing of load generators.
package figures

import (
	"math"
	"slices"
)

// Spread is the median and the range of some values.
type Spread struct {
	Median float64
	Min    float64
	Max    float64
	N      int // number of values; with 0 the other fields mean nothing
}

// Of returns the spread of values in any order.
func Of(values []float64) Spread {
	n := len(values)
	if n == 0 {
		return Spread{}
	}
	v := slices.Sorted(slices.Values(values))
	return Spread{Median: (v[(n-1)/2] + v[n/2]) / 2, Min: v[0], Max: v[n-1], N: n}
}

// Ratios returns the spread of ours divided by theirs in the same round. It
// ignores rounds that only one of them has.
func Ratios(ours, theirs map[int]float64) Spread {
	var ratios []float64
	for round, our := range ours {
		if their, ok := theirs[round]; ok && their != 0 {
			ratios = append(ratios, our/their)
		}
	}
	return Of(ratios)
}

// Percentile returns the smallest of the sorted values such that a share of
// them, above 0 and up to 1, is not greater; NaN without values.
func Percentile(sorted []float64, share float64) float64 {
	if len(sorted) == 0 {
		return math.NaN()
	}
	rank := int(math.Ceil(share*float64(len(sorted)) - 1e-9))
	return sorted[min(max(rank, 1), len(sorted))-1]
}
