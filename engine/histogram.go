package engine

import (
	"time"

	"github.com/HdrHistogram/hdrhistogram-go"
)

// histogram of durations, 1 µs to 10 min with three figures. What is longer
// counts as 10 min. It takes no memory before its first value.
type histogram struct{ h *hdrhistogram.Histogram }

const longest = 10 * time.Minute

func (h *histogram) make() {
	if h.h == nil {
		h.h = hdrhistogram.New(1, longest.Microseconds(), 3)
	}
}

func (h *histogram) record(d time.Duration) {
	h.make()
	// Values in range cannot fail.
	_ = h.h.RecordValue(min(max(0, d), longest).Microseconds())
}

func (h *histogram) count() int64 {
	if h.h == nil {
		return 0
	}
	return h.h.TotalCount()
}

func (h *histogram) merge(from histogram) {
	if from.count() > 0 {
		h.make()
		h.h.Merge(from.h)
	}
}

func (h *histogram) reset() {
	if h.h != nil {
		h.h.Reset()
	}
}

func (h *histogram) percentiles() Percentiles {
	if h.count() == 0 {
		return Percentiles{}
	}
	at := h.h.ValueAtPercentiles([]float64{50, 90, 95, 99, 99.9})
	return Percentiles{
		P50: seconds(at[50]), P90: seconds(at[90]), P95: seconds(at[95]),
		P99: seconds(at[99]), P999: seconds(at[99.9]), Max: seconds(h.h.Max()),
	}
}

func seconds(microseconds int64) *float64 {
	s := float64(microseconds) / 1e6
	return &s
}

// encode gives base64 text, "" where nothing was measured.
func (h *histogram) encode() (string, error) {
	if h.count() == 0 {
		return "", nil
	}
	text, err := h.h.Encode(hdrhistogram.V2CompressedEncodingCookieBase)
	return string(text), err
}
