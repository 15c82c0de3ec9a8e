package figures

import (
	"math"
	"math/rand/v2"
	"testing"
)

func TestOf(t *testing.T) {
	for _, c := range []struct {
		values []float64
		want   Spread
	}{
		{nil, Spread{}},
		{[]float64{3}, Spread{Median: 3, Min: 3, Max: 3, N: 1}},
		{[]float64{4, 1}, Spread{Median: 2.5, Min: 1, Max: 4, N: 2}},
		{[]float64{9, 1, 5}, Spread{Median: 5, Min: 1, Max: 9, N: 3}},
	} {
		if got := Of(c.values); got != c.want {
			t.Errorf("%v: %+v, want %+v", c.values, got, c.want)
		}
	}
}

func TestRatiosAreOfTheSameRound(t *testing.T) {
	ours := map[int]float64{1: 10, 2: 30, 3: 8, 4: 1}
	theirs := map[int]float64{1: 20, 2: 20, 3: 8, 5: 1}
	if got, want := Ratios(ours, theirs), (Spread{Median: 1, Min: 0.5, Max: 1.5, N: 3}); got != want {
		t.Errorf("%+v, want %+v", got, want)
	}
}

func TestPercentile(t *testing.T) {
	hundred := make([]float64, 100)
	for i := range hundred {
		hundred[i] = float64(i + 1)
	}
	for share, want := range map[float64]float64{0.001: 1, 0.5: 50, 0.99: 99, 0.999: 100, 1: 100} {
		if got := Percentile(hundred, share); got != want {
			t.Errorf("%v: %v, want %v", share, got, want)
		}
	}
	if got := Percentile(nil, 0.5); !math.IsNaN(got) {
		t.Errorf("of nothing: %v", got)
	}
}

// schedule returns arrivals at a rate with the given lateness.
func schedule(n int, rate float64, late func(i int) float64) []int64 {
	arrivals := make([]int64, n)
	for i := range arrivals {
		arrivals[i] = 7e12 + int64((float64(i)/rate+late(i))*1e9)
	}
	return arrivals
}

func TestFitOfAnExactScheduleIsExact(t *testing.T) {
	fit := FitTo(schedule(5000, 1000, func(int) float64 { return 0.25 }), 1000, 1, 4)
	if fit.N != 3000 || math.Abs(fit.Rate-1000) > 1e-6 || fit.SD > 1e-8 || fit.P99 > 1e-8 {
		t.Errorf("%+v", fit)
	}
}

func TestFitFindsTheDeviation(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	fit := FitTo(schedule(20_000, 1000, func(int) float64 { return random.NormFloat64() * 50e-6 }), 1000, 0, 100)
	if math.Abs(fit.SD-50e-6) > 2e-6 || math.Abs(fit.P99-2.576*50e-6) > 6e-6 {
		t.Errorf("%+v, want about 50 µs and 129 µs", fit)
	}
}

func TestFitLeavesTheEndsOut(t *testing.T) {
	arrivals := schedule(3000, 1000, func(i int) float64 {
		if i > 0 && i < 900 || i > 2100 {
			return 0.01
		}
		return 0
	})
	if fit := FitTo(arrivals, 1000, 1, 2); fit.SD > 1e-8 || fit.N != 1000 {
		t.Errorf("%+v", fit)
	}
	if fit := FitTo(arrivals, 1000, 1, 1.05); fit.N != 0 {
		t.Errorf("of 50 arrivals: %+v", fit)
	}
	if fit := FitTo(nil, 1000, 1, 2); fit.N != 0 {
		t.Errorf("of none: %+v", fit)
	}
}

func TestFitFindsAWrongRate(t *testing.T) {
	fit := FitTo(schedule(5000, 990, func(int) float64 { return 0 }), 1000, 0, 10)
	if math.Abs(fit.Rate-990) > 0.1 || fit.SD < 0.01 {
		t.Errorf("%+v", fit)
	}
}

// Compares a computed stall with one that is simulated request by request.
func TestWaitsOfAStall(t *testing.T) {
	const rate, seconds, began, stall = 1000, 20, 8.0, 2.0
	arrivals := schedule(rate*seconds, rate, func(i int) float64 {
		at := float64(i) / rate
		return max(0, began+stall-at) * inside(at, began, stall)
	})
	answers := make([]int64, len(arrivals))
	for i, at := range arrivals {
		answers[i] = at + 1e6
	}
	waits := Waits(arrivals, answers, rate)
	for share, want := range map[float64]float64{0.5: 0.001, 0.99: 1.801, 0.999: 1.981, 1: 2.001} {
		if got := Percentile(waits, share); math.Abs(got-want) > 0.0015 {
			t.Errorf("p%v: %v, want %v", share*100, got, want)
		}
		if got := Stalled(share, seconds, stall); math.Abs(got-(want-0.001)) > 1e-9 {
			t.Errorf("p%v by arithmetic: %v, want %v", share*100, got, want-0.001)
		}
	}
}

func inside(at, began, stall float64) float64 {
	if at < began || at > began+stall {
		return 0
	}
	return 1
}
