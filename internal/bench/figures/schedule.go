package figures

import (
	"math"
	"slices"
)

// Fit is the deviation of arrivals from the constant-rate schedule that fits
// them best. Times are in seconds.
type Fit struct {
	N    int
	Rate float64 // measured arrivals per second
	SD   float64 // standard deviation from the schedule
	P99  float64 // 99th percentile of the distances to the schedule
}

// FitTo fits arrivals, sorted and in nanoseconds, to a rate per second. It
// ignores arrivals in the first from seconds and after to seconds. With fewer
// than a hundred arrivals it returns N = 0.
func FitTo(arrivals []int64, rate, from, to float64) Fit {
	if len(arrivals) == 0 {
		return Fit{}
	}
	at := func(seconds float64) int {
		i, _ := slices.BinarySearch(arrivals, arrivals[0]+int64(seconds*1e9))
		return i
	}
	late := lateness(arrivals[at(from):at(to)], rate)
	n := len(late)
	if n < 100 {
		return Fit{}
	}
	distances := make([]float64, n)
	for i, v := range late {
		distances[i] = math.Abs(v)
	}
	slices.Sort(distances)
	return Fit{
		N:    n,
		Rate: float64(n-1) / (late[n-1] - late[0] + float64(n-1)/rate),
		SD:   deviation(late),
		P99:  Percentile(distances, 0.99),
	}
}

// Waits returns how long the requests of a constant rate waited for their
// responses, measured from the schedule that fits their arrivals best; sorted,
// in seconds. It ignores requests at the end without a response.
func Waits(arrivals, answers []int64, rate float64) []float64 {
	waits := lateness(arrivals[:len(answers)], rate)
	for i := range waits {
		waits[i] += float64(answers[i]-arrivals[i]) / 1e9
	}
	slices.Sort(waits)
	return waits
}

// Stalled returns a percentile, in seconds, of the latency of requests at a
// constant rate over some seconds, if all responses are immediate except for
// one stall: the requests that fall into the stall wait between all of it and
// nothing, uniformly distributed.
func Stalled(share, seconds, stall float64) float64 {
	return max(0, stall-(1-share)*seconds)
}

// lateness returns how much later than scheduled each arrived, in seconds. The
// schedule is placed so that half of the arrivals are early and half late.
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
