package engine

import "plan/internal/metrics"

// Percentiles of a latency, in seconds; all nil where nothing was measured.
// Each is a row of package metrics.
type Percentiles struct {
	P50  *float64 `json:"p50"`
	P90  *float64 `json:"p90"`
	P95  *float64 `json:"p95"`
	P99  *float64 `json:"p99"`
	P999 *float64 `json:"p999"`
	Max  *float64 `json:"max"`
}

// field is where the value of a percentile is kept.
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
	panic("engine: Percentiles has no field for " + m.Name)
}

// PercentilesOf fills every percentile from read, which returns nil where it
// has no value.
func PercentilesOf(read func(metrics.Metric) *float64) Percentiles {
	var p Percentiles
	for _, m := range metrics.Percentiles() {
		*p.field(m) = read(m)
	}
	return p
}

// Value of a percentile, in seconds; nil where nothing was measured.
func (p Percentiles) Value(m metrics.Metric) *float64 { return *p.field(m) }

// atLeast takes the greater of each two.
func (p Percentiles) atLeast(q Percentiles) Percentiles {
	return PercentilesOf(func(m metrics.Metric) *float64 { return greater(p.Value(m), q.Value(m)) })
}

func greater(a, b *float64) *float64 {
	if a == nil || b != nil && *b > *a {
		return b
	}
	return a
}

// Judged is the part of a load that thresholds are held against.
type Judged struct {
	From     float64     `json:"from"` // seconds after the first user
	Seconds  float64     `json:"seconds"`
	Requests int64       `json:"requests"`
	OK       int64       `json:"ok"`
	Failed   int64       `json:"failed"`
	OKRate   float64     `json:"ok_rate"` // OK answers per second
	Latency  Percentiles `json:"latency"`
	// LatencyAll has failed requests in it, time-outs included; all nil in what
	// was written before there was one.
	LatencyAll Percentiles `json:"latency_all,omitzero"`
}

// Value of a metric that a threshold may bound, in the metric's unit; nil where
// it was not measured. It panics at a metric of another kind.
func (j Judged) Value(m metrics.Metric) *float64 {
	switch {
	case m.Quantile > 0:
		return j.Latency.Value(m)
	case m.Name == "error_rate":
		return new(j.errorRate())
	case m.Name == "throughput":
		return &j.OKRate
	}
	panic("engine: a load has no judged value of " + m.Name)
}

// errorRate is the share of the requests that failed, time-outs included. One
// that had no answer at the end has not failed yet.
func (j Judged) errorRate() float64 {
	if j.OK+j.Failed == 0 {
		return 0
	}
	return float64(j.Failed) / float64(j.OK+j.Failed)
}
