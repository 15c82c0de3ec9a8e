package judge

import (
	"fmt"
	"slices"

	"plan/engine"
	"plan/internal/metrics"
	"plan/internal/units"
	"plan/plans"
)

// Window returns which threshold some seconds of a load broke, for people; "" where
// none. It is a guess: a percentile is the mean of those of the seconds, weighted by their
// OK responses. A few slow seconds among fast ones broke it too, where they alone had too many
// slow responses. Thresholds of single requests are left out.
func Window(seconds []engine.Window, threshold []plans.Objective) string {
	figures := Figures(seconds)
	waiting := 0
	for _, w := range seconds {
		if w.Waiting != nil {
			waiting = *w.Waiting
		}
	}
	if figures.OK+figures.Failed == 0 {
		if n := len(seconds); n > 0 && 2*waiting >= seconds[n-1].Users && seconds[n-1].Users > 0 {
			return "no request got a response"
		}
		return "" // its users think
	}
	whole := slices.DeleteFunc(slices.Clone(threshold), func(o plans.Objective) bool { return o.Request != "" })
	bounded := slices.ContainsFunc(threshold, func(o plans.Objective) bool { return o.Metric == ErrorRate })
	if figures.Failed > 0 && !bounded {
		return "requests failed"
	}
	for _, o := range whole {
		if text := violationText(o, figures); text != "" {
			return text
		}
		m, share := metrics.Named(o.Metric), float64(slower(seconds, o.Limit))/float64(figures.OK)
		if figures.OK >= m.Samples() && share > 1-m.Quantile { // no share is over 1, that of what is no percentile
			return fmt.Sprintf("%s over %s: at least %s of the responses took longer", m.Name, metricText(m, o.Limit),
				units.Percent(share))
		}
	}
	return ""
}

// Figures returns the figures of some seconds of a load.
func Figures(seconds []engine.Window) engine.Judged {
	j := engine.Judged{Seconds: float64(len(seconds))}
	for _, w := range seconds {
		j.OK, j.Failed, j.Requests = j.OK+w.OK, j.Failed+w.Failed, j.Requests+w.Requests
	}
	if j.Seconds > 0 {
		j.OKRate = float64(j.OK) / j.Seconds
	}
	j.Latency = engine.PercentilesOf(func(m metrics.Metric) *float64 {
		sum, n := 0.0, 0.0
		for _, w := range seconds {
			if v := w.Latency.Value(m); v != nil {
				sum, n = sum+*v*float64(w.OK), n+float64(w.OK)
			}
		}
		if n == 0 {
			return nil
		}
		return new(sum / n)
	})
	return j
}
