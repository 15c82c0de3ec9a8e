package lang

import (
	"fmt"
	"slices"

	"plan/internal/metrics"
	"plan/plans"
)

// checkSamples warns of a percentile that the load of a stage, or of the first
// step of a ramp, cannot have the samples for.
func (e *evaluator) checkSamples(n, load *node, s plans.Stage) {
	threshold := n.first("threshold")
	if threshold == nil || s.Load.Runtime == 0 || s.Load.Driver != nil {
		return
	}
	l := sized(s, load)
	if len(s.Users) > 0 {
		l.Users = slices.Min(s.Users)
	}
	most := l.MostRequests()
	for _, m := range metrics.Percentiles() {
		if attr := threshold.attrs[m.Name]; attr != nil && most < float64(m.Samples()) {
			d := e.warning("P0430", threshold.place(m.Name), fmt.Sprintf("%s needs %d answers, and this load brings at most %.0f: it may fail, and cannot pass", m.Label(), m.Samples(), most),
				"write a longer runtime, more users, a shorter think_time or a lower percentile")
			if load.attrs["runtime"] != nil {
				e.related(d, load.place("runtime"), "lasts this long")
			}
			return
		}
	}
}
