package engine

import (
	"math/bits"
	"time"

	"github.com/HdrHistogram/hdrhistogram-go"

	"plan/internal/metrics"
)

// histogram of durations, 1 µs to 10 min with three figures. What is longer
// counts as 10 min. It takes no memory before its first value, and merging
// costs as much as the range of its values is wide.
//
// Its counts are laid out as HdrHistogram's: 2048 values to the microsecond,
// then 1024 for each doubling.
type histogram struct {
	counts      []int64
	total       int64
	first, last int // slots that hold all values
}

const (
	maxDuration        = 10 * time.Minute
	significantFigures = 3
	halfBits           = 10 // 1024 slots for each doubling
	halfSlots          = 1 << halfBits
	lastExact          = 2*halfSlots - 1 // values up to it have slots of their own
	slotCount          = (20 + 1) * halfSlots
)

// slotOf is the slot of a value in microseconds.
func slotOf(value int64) int {
	doublings := bits.Len64(uint64(value|lastExact)) - halfBits - 1
	return doublings<<halfBits + int(value>>doublings)
}

// slotMax is the highest value of a slot, in microseconds.
func slotMax(slot int) int64 {
	doublings := max(0, slot>>halfBits-1)
	return int64(slot-doublings<<halfBits+1)<<doublings - 1
}

func (h *histogram) record(d time.Duration) {
	h.add(slotOf(min(max(0, d), maxDuration).Microseconds()), 1)
}

func (h *histogram) add(slot int, n int64) {
	if h.counts == nil {
		h.counts = make([]int64, slotCount)
	}
	if h.total == 0 {
		h.first, h.last = slot, slot
	}
	h.first, h.last = min(h.first, slot), max(h.last, slot)
	h.counts[slot] += n
	h.total += n
}

func (h *histogram) count() int64 { return h.total }

func (h *histogram) merge(from histogram) {
	if from.total == 0 {
		return
	}
	for slot, n := range from.counts[from.first : from.last+1] {
		if n > 0 {
			h.add(from.first+slot, n)
		}
	}
}

// reset empties the histogram and keeps its memory.
func (h *histogram) reset() {
	if h.total > 0 {
		clear(h.counts[h.first : h.last+1])
	}
	*h = histogram{counts: h.counts}
}

func (h *histogram) percentiles() Percentiles {
	if h.total == 0 {
		return Percentiles{}
	}
	return PercentilesOf(func(m metrics.Metric) *float64 {
		if m.Quantile == 1 {
			return seconds(slotMax(h.last))
		}
		return h.percentile(100 * m.Quantile)
	})
}

// percentile is the value of a percentile in seconds, ranked as HdrHistogram does.
func (h *histogram) percentile(percentile float64) *float64 {
	rank := max(1, int64(percentile/100*float64(h.total)+0.5))
	slot := h.first
	for sum := h.counts[slot]; sum < rank; sum += h.counts[slot] {
		slot++
	}
	return seconds(slotMax(slot))
}

func seconds(microseconds int64) *float64 {
	s := float64(microseconds) / 1e6
	return &s
}

// encode is the histogram in base64; "" where nothing was measured, or where it
// cannot be encoded: the percentiles tell the same.
func (h *histogram) encode() string {
	if h.total == 0 {
		return ""
	}
	text, err := hdrhistogram.Import(&hdrhistogram.Snapshot{
		LowestTrackableValue: 1, HighestTrackableValue: maxDuration.Microseconds(),
		SignificantFigures: significantFigures, Counts: h.counts,
	}).Encode(hdrhistogram.V2CompressedEncodingCookieBase)
	if err != nil {
		return ""
	}
	return string(text)
}
