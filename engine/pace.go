package engine

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"sort"
	"time"

	"plan/internal/exchange"
)

// schedule is when user i, from 0, begins, after the first one. A rate of 0
// starts all at once.
func schedule(i int, rate float64) time.Duration {
	if rate <= 0 {
		return 0
	}
	return time.Duration(float64(i) / rate * float64(time.Second))
}

func (t ThinkTime) check() error {
	switch t.Kind {
	case "", "fixed", "exponential":
		return nil
	case "between":
		if t.Max >= t.Min {
			return nil
		}
		return fmt.Errorf("a think time between %v and %v cannot be", t.Min, t.Max)
	}
	return fmt.Errorf("a think time of kind %q is not known", t.Kind)
}

// next draws a pause.
func (t ThinkTime) next(random *rand.Rand) time.Duration {
	switch t.Kind {
	case "fixed":
		return t.Min
	case "between":
		return t.Min + time.Duration(random.Float64()*float64(t.Max-t.Min))
	case "exponential":
		return time.Duration(random.ExpFloat64() * float64(t.Min))
	}
	return 0
}

// choice picks requests by their weight: rising sums.
type choice []float64

func newChoice(requests []exchange.Request) (choice, error) {
	c, sum := make(choice, len(requests)), 0.0
	for i, request := range requests {
		sum += max(0, request.Weight)
		c[i] = sum
	}
	if !(sum > 0) {
		return nil, errors.New("a load needs at least one request with a weight above 0")
	}
	return c, nil
}

func (c choice) pick(random *rand.Rand) int {
	x := random.Float64() * c[len(c)-1]
	return sort.Search(len(c)-1, func(i int) bool { return c[i] > x })
}

// arrivals walks through the schedule of an open model. It is the same for
// everybody with the same load.
type arrivals struct {
	load   *Load
	choice choice
	random *rand.Rand
	n      int // of the arrival, from 0
	at     time.Duration
	pick   int // its request
}

// arrivalStream keeps the random numbers of arrivals apart from those of users.
const arrivalStream = 1 << 63

// newArrivals stands at the first arrival.
func newArrivals(load *Load, c choice) *arrivals {
	a := &arrivals{load: load, choice: c, n: -1, random: rand.New(rand.NewPCG(load.Seed, arrivalStream))}
	a.next()
	return a
}

func (a *arrivals) next() {
	a.n++
	a.pick = a.choice.pick(a.random)
	if a.load.Poisson {
		a.at += time.Duration(a.random.ExpFloat64() / a.load.ArrivalRate * float64(time.Second))
		return
	}
	a.at = schedule(a.n, a.load.ArrivalRate)
}

// skip goes n arrivals on.
func (a *arrivals) skip(n int) {
	for range n {
		a.next()
	}
}
