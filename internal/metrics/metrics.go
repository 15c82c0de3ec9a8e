// Package metrics is the table of what a trial measures: the name, unit and
// direction of each metric, and its meaning in one line.
//
// Thresholds, trial.* in conditions, the manual, Locust's columns, tables and
// CSV come from it. It holds no values: engine.Judged has the metrics of a
// load, journal.Trial those of a trial.
package metrics

import (
	"math"
	"slices"
	"strconv"
)

// Unit is the unit of a metric's values.
type Unit string

// Values of Unit.
const (
	Seconds   Unit = "seconds"
	Bytes     Unit = "bytes"
	Share     Unit = "share" // 0 to 1
	PerSecond Unit = "per second"
	Count     Unit = "count"
)

// Direction defines which values of a metric are better.
type Direction int

// Values of Direction. A threshold on a Lower metric is an upper bound, on a
// Higher metric a lower bound.
const (
	Neither Direction = iota
	Lower
	Higher
)

// Metric is one row of the table.
type Metric struct {
	Name   string // in thresholds, trial.NAME, reports and CSV
	Unit   Unit
	Better Direction
	Doc    string // one line
	// Quantile of a latency, above 0 and up to 1 (the maximum); 0 for other
	// metrics.
	Quantile float64
	Bounded  bool // a threshold may bound it
	Load     bool // only trials with a load have it
	// Locust is the column of Locust's statistics that the metric is read or
	// computed from; "" if Locust does not measure it. The built-in driver
	// measures all metrics.
	Locust string
	Column bool // tables of ramps and checks have a column for it
}

var table = []Metric{
	{Name: "users", Unit: Count, Load: true, Doc: "Virtual users of the load, the most at the same time."},
	{Name: "ready_seconds", Unit: Seconds, Better: Lower, Doc: "Time from the start of the containers until every replica was ready."},
	{Name: "memory_peak", Unit: Bytes, Better: Lower, Doc: "Highest memory usage, page cache included."},
	{Name: "memory_rest", Unit: Bytes, Better: Lower, Doc: "Working set when the service was ready, before the load."},
	{Name: "memory_anonymous", Unit: Bytes, Better: Lower, Doc: "Highest anonymous memory."},
	{Name: "cpu_share", Unit: Share, Better: Lower, Doc: "CPU time as a share of the limit, from ready to the end."},
	{Name: "throttled_share", Unit: Share, Better: Lower, Doc: "Share of the CPU quota's periods in which the service was throttled."},
	{Name: "exit_code", Unit: Count, Doc: "Exit code of the main process, if it ended."},
	{Name: "oom_kills", Unit: Count, Better: Lower, Doc: "Processes that the kernel killed for memory."},

	{Name: "requests", Unit: Count, Load: true, Locust: "Request Count", Doc: "Requests of the whole load."},
	{Name: "ok", Unit: Count, Better: Higher, Load: true, Locust: "Request Count", Doc: "OK responses of the whole load."},
	{Name: "failed", Unit: Count, Better: Lower, Load: true, Locust: "Failure Count", Doc: "Failed requests of the whole load."},
	{Name: "p50", Quantile: 0.5, Unit: Seconds, Better: Lower, Bounded: true, Load: true, Locust: "50%", Column: true,
		Doc: "Median latency of OK responses."},
	{Name: "p90", Quantile: 0.9, Unit: Seconds, Better: Lower, Bounded: true, Load: true, Locust: "90%",
		Doc: "90th percentile of the latency of OK responses."},
	{Name: "p95", Quantile: 0.95, Unit: Seconds, Better: Lower, Bounded: true, Load: true, Locust: "95%", Column: true,
		Doc: "95th percentile of the latency of OK responses."},
	{Name: "p99", Quantile: 0.99, Unit: Seconds, Better: Lower, Bounded: true, Load: true, Locust: "99%", Column: true,
		Doc: "99th percentile of the latency of OK responses."},
	{Name: "p999", Quantile: 0.999, Unit: Seconds, Better: Lower, Bounded: true, Load: true, Locust: "99.9%",
		Doc: "99.9th percentile of the latency of OK responses."},
	{Name: "max", Quantile: 1, Unit: Seconds, Better: Lower, Bounded: true, Load: true, Locust: "Max Response Time",
		Column: true, Doc: "Longest latency of an OK response."},
	{Name: "error_rate", Unit: Share, Better: Lower, Bounded: true, Load: true, Locust: "Failure Count",
		Doc: "Share of the judged requests that failed, timeouts included."},
	{Name: "throughput", Unit: PerSecond, Better: Higher, Bounded: true, Load: true, Locust: "Request Count",
		Doc: "OK responses per second."},
}

// All returns every metric, in the order of tables and CSV.
func All() []Metric { return slices.Clone(table) }

// Percentiles returns the metrics that are quantiles of a latency, in ascending
// order.
func Percentiles() []Metric { return where(func(m Metric) bool { return m.Quantile > 0 }) }

// Bounded returns the metrics that a threshold may bound.
func Bounded() []Metric { return where(func(m Metric) bool { return m.Bounded }) }

func where(is func(Metric) bool) []Metric {
	return slices.DeleteFunc(All(), func(m Metric) bool { return !is(m) })
}

// Named returns the metric with this name. It panics without one, because plans
// are checked before they run.
func Named(name string) Metric {
	i := slices.IndexFunc(table, func(m Metric) bool { return m.Name == name })
	if i < 0 {
		panic("internal/metrics: no metric is called " + strconv.Quote(name))
	}
	return table[i]
}

// Label returns the name for people: "p99.9" for p999.
func (m Metric) Label() string {
	if m.Quantile == 0 || m.Quantile == 1 {
		return m.Name
	}
	return "p" + strconv.FormatFloat(100*m.Quantile, 'g', 6, 64)
}

// Samples returns how many values a percentile needs: with ln 0.01 / ln q
// values, at least one of them is above the quantile q with 99 % confidence. It
// is 0 for the maximum and for metrics that are not percentiles.
func (m Metric) Samples() int64 {
	if m.Quantile == 0 || m.Quantile == 1 {
		return 0
	}
	return int64(math.Ceil(math.Log(0.01) / math.Log(m.Quantile)))
}

// HalfAbove returns the lowest percentile above which there are at most half as
// many values as above m: p95 for p90, p99 for p95. For the maximum it returns
// the maximum.
func (m Metric) HalfAbove() Metric {
	const rounding = 1e-9
	all := Percentiles()
	i := slices.IndexFunc(all, func(p Metric) bool { return 1-p.Quantile <= (1-m.Quantile)/2+rounding })
	return all[i]
}
