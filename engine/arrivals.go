package engine

import (
	"math"
	"math/rand/v2"
	"time"
)

// arrivals iterates over the schedule of the open model. Loads with equal
// values have equal schedules.
type arrivals struct {
	rate    integral
	poisson bool
	choice  choice
	random  *rand.Rand
	n       int     // index of the arrival, from 0
	sum     float64 // integral of the rate at the arrival
	at      time.Duration
	request int // index of its request
}

// arrivalStream separates the random numbers of arrivals from those of users.
const arrivalStream = 1 << 63

// newArrivals returns an iterator at the first arrival.
func newArrivals(load *Load, c choice) *arrivals {
	a := &arrivals{
		rate: integral{remaining: newProfile(load)}, poisson: load.Poisson, choice: c,
		n: -1, random: rand.New(rand.NewPCG(load.Seed, arrivalStream)),
	}
	a.next()
	return a
}

// next advances to the next arrival. Poisson arrivals have exponential
// distances with mean 1 in the integral of the rate.
func (a *arrivals) next() {
	a.n++
	a.request = a.choice.pick(a.random)
	if a.poisson {
		a.sum += a.random.ExpFloat64()
	} else {
		a.sum = float64(a.n)
	}
	a.at = a.rate.timeAt(a.sum)
}

// skip advances by n arrivals.
func (a *arrivals) skip(n int) {
	for range n {
		a.next()
	}
}

// dueBefore returns how many arrivals are due before moment, if the iterator
// takes every of-th arrival from this one on. For Poisson arrivals it returns
// the expected number.
func (a *arrivals) dueBefore(moment time.Duration, of int) int64 {
	const rounding = 1e-6
	return int64(math.Ceil(max(0, a.rate.valueAt(moment)-a.sum-rounding) / float64(of)))
}
