package engine

import (
	"math"
	"math/rand/v2"
	"time"
)

// arrivals walks through the schedule of an open model. It is the same for
// everybody with the same load.
type arrivals struct {
	rate    integral
	poisson bool
	choice  choice
	random  *rand.Rand
	n       int     // of the arrival, from 0
	sum     float64 // what the integral of the rate has when it comes
	at      time.Duration
	request int // its request
}

// arrivalStream keeps the random numbers of arrivals apart from those of users.
const arrivalStream = 1 << 63

// newArrivals stands at the first arrival.
func newArrivals(load *Load, c choice) *arrivals {
	a := &arrivals{
		rate: integral{remaining: newProfile(load)}, poisson: load.Poisson, choice: c,
		n: -1, random: rand.New(rand.NewPCG(load.Seed, arrivalStream)),
	}
	a.next()
	return a
}

// next goes to the next arrival. Those of Poisson's are at random distances in
// the integral, whose mean is 1.
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

// skip goes n arrivals on.
func (a *arrivals) skip(n int) {
	for range n {
		a.next()
	}
}

// dueBefore is how many were to come before a moment: of this arrival and each
// of-th one after it. Of Poisson's it is how many are expected to.
func (a *arrivals) dueBefore(moment time.Duration, of int) int64 {
	const rounding = 1e-6
	return int64(math.Ceil(max(0, a.rate.valueAt(moment)-a.sum-rounding) / float64(of)))
}
