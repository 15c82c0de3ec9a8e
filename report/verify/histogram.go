package verify

import (
	"fmt"
	"math"

	"github.com/HdrHistogram/hdrhistogram-go"

	"plan/internal/metrics"
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

// maximum is the quantile of the maximum.
const maximum = 1

// quantiles has the quantile of each percentile, by its name.
var quantiles = func() map[string]float64 {
	all := map[string]float64{}
	for _, m := range metrics.Percentiles() {
		all[m.Name] = m.Quantile
	}
	return all
}()

// halfAbove returns the lowest quantile of a percentile above which there are at most
// half as many values as above q.
func halfAbove(q float64) float64 {
	const rounding = 1e-9
	least := float64(maximum)
	for _, other := range quantiles {
		if 2*(1-other) <= 1-q+rounding {
			least = min(least, other)
		}
	}
	return least
}

// seconds returns a quantile in seconds; nil of an empty histogram.
func (h histogram) seconds(quantile float64) *float64 {
	if h.TotalCount() == 0 {
		return nil
	}
	return new(float64(h.ValueAtPercentile(100*quantile)) / 1e6)
}

// withWaits returns the percentiles of a judged window: those of the responses, or
// of responses and waits together where these are higher; none if all requests that
// ended have failed.
func withWaits(took, waits histogram, failed int64) percentiles {
	all := percentiles{}
	if took.TotalCount() == 0 && failed > 0 {
		return all
	}
	both := histogram{hdrhistogram.Import(took.Export())}
	both.Merge(waits.Histogram)
	for name, q := range quantiles {
		all[name] = both.seconds(q)
		if alone := took.seconds(q); alone != nil && *alone > *all[name] {
			all[name] = alone
		}
	}
	return all
}

func (h histogram) all() percentiles {
	all := percentiles{}
	for name, q := range quantiles {
		all[name] = h.seconds(q)
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
