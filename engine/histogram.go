package engine

import (
	"errors"
	"math/bits"
	"time"

	"github.com/HdrHistogram/hdrhistogram-go"

	"plan/internal/metrics"
)

// histogram counts durations from 1 µs to 10 min with three significant
// figures; longer ones count as 10 min. It allocates its counts at the first
// value. Merging costs time in proportion to the range of its values.
//
// The counts have the layout of HdrHistogram (hdrhistogram.org): 2048 slots of
// 1 µs, then 1024 slots for each doubling.
type histogram struct {
	counts      []int64
	total       int64
	first, last int // range of slots with values
}

const (
	maxDuration        = 10 * time.Minute
	significantFigures = 3
	halfBits           = 10 // 1024 slots per doubling
	halfSlots          = 1 << halfBits
	lastExact          = 2*halfSlots - 1 // highest value with a slot of its own
	slotCount          = (20 + 1) * halfSlots
)

// slotOf returns the slot of a value in microseconds.
func slotOf(value int64) int {
	doublings := bits.Len64(uint64(value|lastExact)) - halfBits - 1
	return doublings<<halfBits + int(value>>doublings)
}

// slotMax returns the highest value of a slot, in microseconds.
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

// reset removes all values and keeps the memory.
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

// percentile returns the value at a percentile (0 to 100) in seconds, with
// HdrHistogram's rank rule.
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

// encode returns the histogram as base64 text. It returns "" for an empty
// histogram and if encoding fails; the percentiles are reported in any case.
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

// mergeText merges a histogram that was encoded.
func (h *histogram) mergeText(text string) error {
	if text == "" {
		return nil
	}
	from, err := hdrhistogram.Decode([]byte(text))
	if err != nil {
		return err
	}
	counts := from.Export().Counts
	if from.SignificantFigures() != significantFigures || len(counts) != slotCount {
		return errors.New("the histogram has another range or resolution")
	}
	for slot, n := range counts {
		if n > 0 {
			h.add(slot, n)
		}
	}
	return nil
}
