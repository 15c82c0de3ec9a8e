package journal

import (
	"math"
	"testing"
	"time"

	"plan/containers"
)

func TestACounterThatFellWasCountedAgain(t *testing.T) {
	from := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	again := []containers.Usage{
		{At: from, CPUSeconds: new(90.0)}, {At: from.Add(5 * time.Second), CPUSeconds: new(91.0)},
		{At: from.Add(15 * time.Second), CPUSeconds: new(1.0)}, {At: from.Add(20 * time.Second), CPUSeconds: new(2.0)},
	}
	if got := (Watched{Usage: again}).MeanCPUs(from, from.Add(20*time.Second)); math.Abs(got-3.0/20) > 1e-9 {
		t.Errorf("a neighbour that was started again used %v CPUs", got)
	}
}
