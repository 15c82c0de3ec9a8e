package engine

import "plan/internal/metrics"

// Percentiles of a latency, in seconds; nil without values. Each is a row of
// package metrics.
type Percentiles struct {
	P50  *float64 `json:"p50"`
	P90  *float64 `json:"p90"`
	P95  *float64 `json:"p95"`
	P99  *float64 `json:"p99"`
	P999 *float64 `json:"p999"`
	Max  *float64 `json:"max"`
}

// field returns the address of the field of a percentile.
func (p *Percentiles) field(m metrics.Metric) **float64 {
	switch m.Name {
	case "p50":
		return &p.P50
	case "p90":
		return &p.P90
	case "p95":
		return &p.P95
	case "p99":
		return &p.P99
	case "p999":
		return &p.P999
	case "max":
		return &p.Max
	}
	panic("engine: the method field of Percentiles has no case for " + m.Name)
}

// PercentilesOf fills every percentile from read, which returns nil if it has
// no value.
func PercentilesOf(read func(metrics.Metric) *float64) Percentiles {
	var p Percentiles
	for _, m := range metrics.Percentiles() {
		*p.field(m) = read(m)
	}
	return p
}

// Value returns a percentile in seconds; nil without values.
func (p Percentiles) Value(m metrics.Metric) *float64 { return *p.field(m) }

// atLeast returns the greater value of each pair.
func (p Percentiles) atLeast(q Percentiles) Percentiles {
	return PercentilesOf(func(m metrics.Metric) *float64 {
		a, b := p.Value(m), q.Value(m)
		if a == nil || b != nil && *b > *a {
			return b
		}
		return a
	})
}

// Judged holds the figures of the judged window, which thresholds apply to.
type Judged struct {
	From     float64     `json:"from"` // start, in seconds after the first user
	Seconds  float64     `json:"seconds"`
	Requests int64       `json:"requests"`
	OK       int64       `json:"ok"`
	Failed   int64       `json:"failed"`
	OKRate   float64     `json:"ok_rate"` // OK responses per second
	Latency  Percentiles `json:"latency"`
	// LatencyAll includes failed requests, timeouts included. It is nil in
	// results of versions that did not record it.
	LatencyAll Percentiles `json:"latency_all,omitzero"`
}

// Value returns a metric that a threshold can bound, in the metric's unit; nil
// if it was not measured. It panics for other metrics.
func (j Judged) Value(m metrics.Metric) *float64 {
	switch {
	case m.Quantile > 0:
		return j.Latency.Value(m)
	case m.Name == "error_rate" && j.OK+j.Failed == 0:
		return new(0.0)
	case m.Name == "error_rate": // of those that ended, timeouts included: a request in flight has not failed
		return new(float64(j.Failed) / float64(j.OK+j.Failed))
	case m.Name == "throughput":
		return &j.OKRate
	}
	panic("engine: a load has no judged value of " + m.Name)
}
