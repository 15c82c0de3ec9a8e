package judge

import (
	"math"

	"plan/engine"
	"plan/internal/metrics"
	"plan/plans"
)

// spareRequests is how many times as many requests as expected a load may have: pauses
// are drawn.
const spareRequests = 1.1

// Lost returns the objectives that a load can no longer keep. Seconds are those of the
// load so far. An upper bound of a percentile q is lost once more than 1 - q of the most
// requests that the load is expected to have were slower; that of the error rate once
// more than its share of them failed (docs/decisions/0029-lost-loads.md). None is where the
// number of requests has no bound: in the closed model without a think time. A bound of
// the throughput, and bounds of single requests, are left out.
func Lost(seconds []engine.Window, l engine.Load, threshold []plans.Objective) []plans.Objective {
	own, early := judgedSeconds(seconds, l)
	most := spareRequests * l.MostRequests() // where it is infinite, nothing is more
	if len(l.OnStart) > 0 {                  // which are in the figures of the seconds, and are not judged
		return nil
	}
	var lost []plans.Objective
	for _, o := range threshold {
		if o.Request != "" {
			continue
		}
		m := metrics.Named(o.Metric)
		switch {
		case m.Quantile > 0 && float64(slower(own, o.Limit)-early) > (1-m.Quantile)*most:
			lost = append(lost, o)
		case m.Name == ErrorRate && float64(Figures(own).Failed-early) > o.Limit*most:
			lost = append(lost, o)
		}
	}
	return lost
}

// judgedSeconds returns the seconds of the judged window, and at most how many of the
// requests that end in them began before it.
func judgedSeconds(seconds []engine.Window, l engine.Load) (own []engine.Window, early int64) {
	early = int64(l.NeededUsers())
	for i := int(math.Ceil(l.JudgedFrom().Seconds())); i < len(seconds); i++ {
		if i > 0 {
			before := seconds[i-1]
			if l.Spawns() && before.Users < l.Users { // some start late
				continue
			}
			if before.Waiting != nil {
				early = int64(*before.Waiting)
			}
		}
		return seconds[i:], early
	}
	return nil, early
}

// slower returns a number of OK responses that at least were slower than a limit, in
// seconds, as the percentiles of each second show it.
func slower(seconds []engine.Window, limit float64) int64 {
	var sum int64
	for _, w := range seconds {
		var most int64
		for _, m := range metrics.Bounded() {
			if m.Quantile == 0 {
				continue
			}
			if v := w.Latency.Value(m); v != nil && *v > limit {
				most = max(most, 1, int64((1-m.Quantile)*float64(w.OK)))
			}
		}
		sum += most
	}
	return sum
}
