package figures

import (
	"math"
	"slices"
)

// Fit is how far arrivals are off the schedule of a constant rate that suits
// them best. Times in seconds.
type Fit struct {
	N    int
	Rate float64 // per second, as they came
	SD   float64 // standard deviation from the schedule
	P99  float64 // of the distances to it
}

// FitTo fits arrivals, in order and in nanoseconds, to a rate per second. What
// came in the first seconds up to from, or later than the seconds of to, is
// left out. Of fewer than a hundred arrivals there is no fit: N is 0.
func FitTo(arrivals []int64, rate, from, to float64) Fit {
	late := lateness(within(arrivals, from, to), rate)
	n := len(late)
	if n < 100 {
		return Fit{}
	}
	return Fit{
		N:    n,
		Rate: float64(n-1) / (late[n-1] - late[0] + float64(n-1)/rate),
		SD:   deviation(late),
		P99:  Percentile(distances(late), 0.99),
	}
}

// Waits is how long the requests of a constant rate waited for their answers,
// counted from the schedule that suits their arrivals best; sorted, in seconds.
// Those at the end that were not answered are left out.
func Waits(arrivals, answers []int64, rate float64) []float64 {
	waits := lateness(arrivals[:len(answers)], rate)
	for i := range waits {
		waits[i] += float64(answers[i]-arrivals[i]) / 1e9
	}
	slices.Sort(waits)
	return waits
}

// Stalled is a percentile of the latency that requests at a constant rate have
// over some seconds, with an answer at once but for one stall, from which all
// of it follows: those that fall into the stall wait evenly between all of it
// and nothing. In seconds.
func Stalled(share, seconds, stall float64) float64 {
	return max(0, stall-(1-share)*seconds)
}

// within cuts out what came between two moments, in seconds after the first.
func within(arrivals []int64, from, to float64) []int64 {
	if len(arrivals) == 0 {
		return nil
	}
	at := func(seconds float64) int {
		i, _ := slices.BinarySearch(arrivals, arrivals[0]+int64(seconds*1e9))
		return i
	}
	return arrivals[at(from):at(to)]
}

// lateness is how much later than in the schedule each came, in seconds. The
// schedule begins where one half of them came early and the other one late.
func lateness(arrivals []int64, rate float64) []float64 {
	late := make([]float64, len(arrivals))
	for i, at := range arrivals {
		late[i] = float64(at-arrivals[0])/1e9 - float64(i)/rate
	}
	middle := Of(late).Median
	for i := range late {
		late[i] -= middle
	}
	return late
}

func deviation(values []float64) float64 {
	var sum, squares float64
	for _, v := range values {
		sum += v
		squares += v * v
	}
	n := float64(len(values))
	return math.Sqrt(max(0, squares/n-sum/n*sum/n))
}

func distances(values []float64) []float64 {
	d := make([]float64, len(values))
	for i, v := range values {
		d[i] = math.Abs(v)
	}
	slices.Sort(d)
	return d
}
