// Package metrics is the table of what a trial measures: the name, unit and
// direction of each figure, and what it means in one line.
//
// Thresholds, trial.* in conditions, the manual, Locust's columns, tables and
// CSV are made from it. It holds no values: package engine reads the metrics of
// a load (engine.Judged), package journal those of a trial (journal.Trial).
package metrics

import (
	"slices"
	"strconv"
)

// Unit of a metric's values.
type Unit string

// The units.
const (
	Seconds   Unit = "seconds"
	Bytes     Unit = "bytes"
	Share     Unit = "share" // 0 to 1
	PerSecond Unit = "per second"
	Count     Unit = "count"
)

// Direction says which values of a metric are better.
type Direction int

// The directions. A threshold bounds what is Lower from above, and what is
// Higher from below.
const (
	Neither Direction = iota
	Lower
	Higher
)

// Metric is one row of the table.
type Metric struct {
	Name   string // in thresholds, as trial.NAME, in reports and CSV
	Unit   Unit
	Better Direction
	Doc    string // one line
	// Quantile of a latency, above 0 and up to 1, which is the longest; 0 of
	// every other metric.
	Quantile float64
	Bounded  bool // a threshold may bound it
	Load     bool // only a trial with a load has it
	// Locust is the column of Locust's statistics that it is read or computed
	// from; "" of a metric of a load that Locust does not measure. plan's own
	// load engine measures all.
	Locust string
	Column bool // the tables of ramps and checks have a column for it
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
	{Name: "ok", Unit: Count, Better: Higher, Load: true, Locust: "Request Count", Doc: "OK answers of the whole load."},
	{Name: "failed", Unit: Count, Better: Lower, Load: true, Locust: "Failure Count", Doc: "Failed requests of the whole load."},
	{Name: "p50", Quantile: 0.5, Unit: Seconds, Better: Lower, Bounded: true, Load: true, Locust: "50%", Column: true, Doc: "Median latency of OK answers."},
	{Name: "p90", Quantile: 0.9, Unit: Seconds, Better: Lower, Bounded: true, Load: true, Locust: "90%", Doc: "90th percentile of the latency of OK answers."},
	{Name: "p95", Quantile: 0.95, Unit: Seconds, Better: Lower, Bounded: true, Load: true, Locust: "95%", Column: true, Doc: "95th percentile of the latency of OK answers."},
	{Name: "p99", Quantile: 0.99, Unit: Seconds, Better: Lower, Bounded: true, Load: true, Locust: "99%", Column: true, Doc: "99th percentile of the latency of OK answers."},
	{Name: "p999", Quantile: 0.999, Unit: Seconds, Better: Lower, Bounded: true, Load: true, Locust: "99.9%", Doc: "99.9th percentile of the latency of OK answers."},
	{Name: "max", Quantile: 1, Unit: Seconds, Better: Lower, Bounded: true, Load: true, Locust: "Max Response Time", Column: true, Doc: "Longest latency of an OK answer."},
	{Name: "error_rate", Unit: Share, Better: Lower, Bounded: true, Load: true, Locust: "Failure Count", Doc: "Share of the judged requests that failed, time-outs included."},
	{Name: "throughput", Unit: PerSecond, Better: Higher, Bounded: true, Load: true, Locust: "Request Count", Doc: "OK answers per second."},
}

// All returns every metric, in the order of tables and CSV.
func All() []Metric { return slices.Clone(table) }

// Percentiles returns the metrics that are quantiles of a latency, rising.
func Percentiles() []Metric { return where(func(m Metric) bool { return m.Quantile > 0 }) }

// Bounded returns the metrics that a threshold may bound.
func Bounded() []Metric { return where(func(m Metric) bool { return m.Bounded }) }

func where(is func(Metric) bool) []Metric {
	return slices.DeleteFunc(All(), func(m Metric) bool { return !is(m) })
}

// Named returns the metric of a name. It panics where there is none: plans are
// checked before they run.
func Named(name string) Metric {
	i := slices.IndexFunc(table, func(m Metric) bool { return m.Name == name })
	if i < 0 {
		panic("internal/metrics: no metric is called " + strconv.Quote(name))
	}
	return table[i]
}

// Label is the name for people: "p99.9" for p999.
func (m Metric) Label() string {
	if m.Quantile == 0 || m.Quantile == 1 {
		return m.Name
	}
	return "p" + strconv.FormatFloat(100*m.Quantile, 'g', 6, 64)
}

// HalfAbove returns the lowest percentile above which at most half as many
// values are as above m: p95 for p90, p99 for p95. Of the longest it is the
// longest.
func (m Metric) HalfAbove() Metric {
	const rounding = 1e-9
	all := Percentiles()
	i := slices.IndexFunc(all, func(p Metric) bool { return 1-p.Quantile <= (1-m.Quantile)/2+rounding })
	return all[i]
}
