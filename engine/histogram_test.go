package engine

import (
	"math/rand/v2"
	"testing"
	"time"

	"github.com/HdrHistogram/hdrhistogram-go"
)

// TestHistogramIsHdrHistograms compares every figure with the library's, and
// reads the encoding back.
func TestHistogramIsHdrHistograms(t *testing.T) {
	for seed := range uint64(40) {
		random := rand.New(rand.NewPCG(seed, 5))
		var parts [3]histogram
		want := hdrhistogram.New(1, maxDuration.Microseconds(), significantFigures)
		for range 1 + random.IntN(3000) {
			d := time.Duration(random.Int64N(1 << (1 + random.IntN(39))))
			parts[random.IntN(len(parts))].record(d)
			if err := want.RecordValue(min(d, maxDuration).Microseconds()); err != nil {
				t.Fatal(err)
			}
		}
		var h histogram
		for i := range parts {
			h.merge(parts[i])
		}
		same(t, &h, want)
		if back, err := hdrhistogram.Decode([]byte(h.encode())); err != nil || !back.Equals(want) {
			t.Fatalf("seed %d: written and read it is another histogram (%v)", seed, err)
		}
		if h.reset(); h.percentiles() != (Percentiles{}) || h.counts[slotOf(want.Max())] != 0 {
			t.Fatalf("seed %d: something is left after a reset", seed)
		}
	}
}

func same(t *testing.T, h *histogram, want *hdrhistogram.Histogram) {
	t.Helper()
	p := h.percentiles()
	for _, c := range []struct {
		at  float64
		got *float64
	}{{50, p.P50}, {90, p.P90}, {95, p.P95}, {99, p.P99}, {99.9, p.P999}, {100, p.Max}} {
		if wanted := want.ValueAtPercentile(c.at); *c.got != float64(wanted)/1e6 {
			t.Fatalf("of %d values the percentile %v is %v s, want %d µs", h.count(), c.at, *c.got, wanted)
		}
	}
	if h.count() != want.TotalCount() {
		t.Fatalf("%d values, want %d", h.count(), want.TotalCount())
	}
}

func BenchmarkHistogram(b *testing.B) {
	var h histogram
	b.ReportAllocs()
	for i := 0; b.Loop(); i++ {
		h.record(time.Duration(i&1023) * time.Millisecond)
	}
}
