package engine

import (
	"math"
	"math/rand/v2"
	"testing"
	"time"

	"plan/internal/exchange"
)

func TestThinkTimes(t *testing.T) {
	for _, c := range []struct {
		think           ThinkTime
		min, mean, most time.Duration
	}{
		{ThinkTime{}, 0, 0, 0},
		{ThinkTime{Kind: "fixed", Min: time.Second}, time.Second, time.Second, time.Second},
		{ThinkTime{Kind: "between", Min: time.Second, Max: 3 * time.Second}, time.Second, 2 * time.Second, 3 * time.Second},
		{ThinkTime{Kind: "exponential", Min: 2 * time.Second}, 0, 2 * time.Second, time.Hour},
	} {
		random := rand.New(rand.NewPCG(1, 2))
		var sum time.Duration
		const n = 20000
		for range n {
			d := c.think.next(random)
			if d < c.min || d > c.most {
				t.Fatalf("%+v gave %v", c.think, d)
			}
			sum += d
		}
		if mean := sum / n; math.Abs(float64(mean-c.mean)) > 0.03*float64(c.mean) {
			t.Errorf("%+v has a mean of %v, want %v", c.think, mean, c.mean)
		}
	}
}

func TestChoiceGoesByWeight(t *testing.T) {
	c, err := newChoice([]exchange.Request{{Weight: 0}, {Weight: 9}, {Weight: 0}, {Weight: 1}, {Weight: 0}})
	if err != nil {
		t.Fatal(err)
	}
	random, picked := rand.New(rand.NewPCG(3, 4)), make([]int, 5)
	for range 10000 {
		picked[c.pick(random)]++
	}
	if picked[0]+picked[2]+picked[4] != 0 || math.Abs(float64(picked[3])-1000) > 120 {
		t.Errorf("picked %v", picked)
	}
}

func TestHistogramTakesAnything(t *testing.T) {
	var h histogram
	if h.percentiles() != (Percentiles{}) {
		t.Error("percentiles of nothing")
	}
	for _, d := range []time.Duration{-time.Second, 0, time.Hour} {
		h.record(d)
	}
	if p := h.percentiles(); h.count() != 3 || *p.P50 != 0 || !near(p.Max, maxDuration) {
		t.Errorf("%d values, p50 %v, max %v", h.count(), *p.P50, *p.Max)
	}
}
