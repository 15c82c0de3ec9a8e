package judge

import (
	"fmt"

	"plan/engine"
	"plan/internal/metrics"
	"plan/internal/units"
	"plan/plans"
	"plan/runner/journal"
)

// thresholdViolations returns every bound that the load broke.
func thresholdViolations(r *engine.Result, c Criteria) []violation {
	broken := errorViolations(r, c)
	for _, o := range c.Threshold {
		if o.Metric == ErrorRate && o.Request == "" { // judged with the other errors
			continue
		}
		if text := violationText(o, r.JudgedOf(o.Request)); text != "" {
			broken = append(broken, violation{reason: reasonOf(metrics.Named(o.Metric)), text: text, doubtful: Doubtful(o, r),
				cpuShortage: onlyTimedOut(r)})
		}
	}
	return broken
}

// The metrics that are not percentiles of the latency.
const (
	ErrorRate  = "error_rate"
	throughput = "throughput"
)

// reasonOf returns the reason of a trial whose metric broke its bound.
func reasonOf(m metrics.Metric) journal.Reason {
	switch {
	case m.Quantile > 0:
		return journal.Latency
	case m.Name == throughput:
		return journal.Throughput
	case m.Name == ErrorRate:
		return journal.Errors
	}
	panic("runner/judge: no reason is known for a broken bound of " + m.Name)
}

// violationText says how a measured value broke its bound; "" where it did not.
func violationText(o plans.Objective, j engine.Judged) string {
	m := metrics.Named(o.Metric)
	value, name := j.Value(m), objectiveName(o, m.Name)
	switch {
	case value == nil && j.OK == 0, o.Request != "" && j.OK+j.Failed == 0:
		return name + " unknown: no request got an OK response"
	case value == nil:
		return name + " unknown: the driver does not measure it"
	case m.Better == metrics.Higher && *value < o.Limit:
		return fmt.Sprintf("%s %s under %s", name, metricText(m, *value), metricText(m, o.Limit))
	case m.Better == metrics.Lower && *value > o.Limit:
		return fmt.Sprintf("%s %s over %s", name, metricText(m, *value), metricText(m, o.Limit))
	}
	return ""
}

// objectiveName returns the name of a metric, with that of its request: "predict:
// p95".
func objectiveName(o plans.Objective, metric string) string {
	if o.Request == "" {
		return metric
	}
	return o.Request + ": " + metric
}

func metricText(m metrics.Metric, value float64) string {
	switch m.Unit {
	case metrics.Seconds:
		return units.Duration(units.Seconds(value))
	case metrics.Share:
		return units.Percent(value)
	case metrics.PerSecond:
		return fmt.Sprintf("%.1f/s", value)
	}
	panic("runner/judge: a bound of " + m.Name + " cannot be written")
}

// Doubtful reports whether the driver alone may have broken a bound: fewer arrivals
// bring fewer responses, and its lateness is part of the latencies that it
// measured. Late and slow requests need not be the same: the percentile of the
// lateness is the one above which at most half as many requests are.
func Doubtful(o plans.Objective, r *engine.Result) bool {
	m := metrics.Named(o.Metric)
	if m.Quantile == 0 {
		return limitsOn(r, engine.SaturationRate) != ""
	}
	value, late := r.JudgedOf(o.Request).Latency.Value(m), r.Lateness.Value(m.HalfAbove())
	return limitsOn(r, engine.SaturationLateness) != "" && value != nil && late != nil && *value-*late <= o.Limit
}

// errorViolations checks failed requests: by share where a threshold bounds the
// share, else by count. A load without any response never passes.
func errorViolations(r *engine.Result, c Criteria) []violation {
	ok, failed := r.Judged.OK, r.Judged.Failed
	if len(c.Threshold) == 0 { // all requests count, except on_start
		ok, failed = r.Total.OK, r.Total.Failed
		for _, n := range r.ByRequest {
			if n.OnStart {
				ok, failed = ok-n.OK, failed-n.Failed
			}
		}
	}
	var limit float64 // of the error rate of all requests
	var bounded bool
	var ownBound int64 // failed requests that have a bound of their own
	for _, o := range c.Threshold {
		switch {
		case o.Metric != ErrorRate:
		case o.Request != "":
			ownBound += r.JudgedOf(o.Request).Failed
		case !bounded:
			limit, bounded = o.Limit, true
		}
	}
	rate := *r.Judged.Value(metrics.Named(ErrorRate))
	var text string
	switch {
	case r.Total.OK > 0 && unjudged(r, c):
		text = "no request got an OK response in the judged window"
	case ok == 0:
		text = "no request got an OK response" + r.MostFrequentError()
	case !bounded && failed > ownBound:
		text = fmt.Sprintf("%d of %d requests failed%s", failed, ok+failed, r.MostFrequentError())
	case bounded && rate > limit:
		text = fmt.Sprintf("error rate %s over %s%s", units.Percent(rate), units.Percent(limit), r.MostFrequentError())
	default:
		return nil
	}
	return []violation{{reason: journal.Errors, text: text, cpuShortage: onlyTimedOut(r)}}
}
