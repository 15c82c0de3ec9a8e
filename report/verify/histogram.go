package verify

import (
	"fmt"
	"math"

	"github.com/HdrHistogram/hdrhistogram-go"
)

// histogram is a histogram of the journal: durations in microseconds.
type histogram struct{ *hdrhistogram.Histogram }

// decode reads a histogram; an empty one for "".
func decode(text string) (histogram, error) {
	if text == "" {
		return histogram{hdrhistogram.New(1, 600_000_000, 3)}, nil
	}
	h, err := hdrhistogram.Decode([]byte(text))
	return histogram{h}, err
}

// quantiles of the percentiles, in the order of percentiles.list.
var quantiles = []struct {
	name string
	at   float64 // 100 is the maximum
}{{"p50", 50}, {"p90", 90}, {"p95", 95}, {"p99", 99}, {"p999", 99.9}, {"max", 100}}

func (p percentiles) list() []*float64 { return []*float64{p.P50, p.P90, p.P95, p.P99, p.P999, p.Max} }

// seconds returns a percentile in seconds; nil of an empty histogram.
func (h histogram) seconds(at float64) *float64 {
	if h.TotalCount() == 0 {
		return nil
	}
	return new(float64(h.ValueAtPercentile(at)) / 1e6)
}

// withWaits returns the percentiles of a judged window: those of the responses, or
// of responses and waits together where these are higher; none if all requests that
// ended have failed.
func withWaits(took, waits histogram, failed int64) []*float64 {
	all := make([]*float64, len(quantiles))
	if took.TotalCount() == 0 && failed > 0 {
		return all
	}
	both := histogram{hdrhistogram.Import(took.Export())}
	both.Merge(waits.Histogram)
	for i, q := range quantiles {
		all[i] = both.seconds(q.at)
		if alone := took.seconds(q.at); alone != nil && *alone > *all[i] {
			all[i] = alone
		}
	}
	return all
}

func (h histogram) all() []*float64 {
	var all []*float64
	for _, q := range quantiles {
		all = append(all, h.seconds(q.at))
	}
	return all
}

// equal reports whether two figures are equal but for rounding.
func equal(a, b float64) bool { return math.Abs(a-b) <= 1e-9*max(math.Abs(a), math.Abs(b)) }

func secondsText(s *float64) string {
	if s == nil {
		return "none"
	}
	return fmt.Sprintf("%g s", *s)
}
