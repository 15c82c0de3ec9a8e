package engine

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"sort"
	"time"

	"plan/internal/exchange"
)

func (t ThinkTime) check() error {
	switch t.Kind {
	case "", "fixed", "exponential":
		return nil
	case "between":
		if t.Max >= t.Min {
			return nil
		}
		return fmt.Errorf("the maximum think time %v is less than the minimum %v", t.Max, t.Min)
	}
	return fmt.Errorf("unknown kind of think time: %q", t.Kind)
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

// Mean returns the mean pause.
func (t ThinkTime) Mean() time.Duration {
	if t.Kind == "between" {
		return t.Min + (t.Max-t.Min)/2
	}
	return t.Min
}

// choice holds the cumulative weights of requests, from which pick draws.
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
