package runner

import (
	"fmt"
	"strings"
	"time"

	"plan/engine"
	"plan/internal/exchange"
	"plan/internal/units"
	"plan/plans"
	"plan/runner/journal"
)

// loadFaults lists every bound that the load broke.
func loadFaults(s seen) []fault {
	broken := errorFaults(s)
	for _, o := range s.threshold {
		if text := broke(o, s.load.Judged); text != "" {
			broken = append(broken, fault{reasonOf(o.Metric), text, doubtful(o, s.load)})
		}
	}
	return broken
}

type fault struct {
	reason, text string
	doubtful     bool // a limit of the generator may have made it
}

// doubtful says whether a bound may have been broken by the generator alone:
// fewer arrivals bring fewer answers, and what it was late by is a part of the
// latencies that it measured.
func doubtful(o plans.Objective, r *engine.Result) bool {
	if o.Metric == "throughput" {
		return limitsOn(r, engine.LimitRate) != ""
	}
	value, late := percentile(o.Metric, r.Judged.Latency), lateness(o.Metric, r.Lateness)
	return limitsOn(r, engine.LimitLateness) != "" && value != nil && late != nil && *value-*late <= o.Limit
}

// lateness is what may be in a percentile of latencies: a higher percentile of
// its own, above which at most half as many requests are, as late starts and
// slow answers need not be the same requests.
func lateness(metric string, p engine.Percentiles) *float64 {
	return map[string]*float64{"p50": p.P90, "p90": p.P95, "p95": p.P99, "p99": p.P999, "p999": p.Max, "max": p.Max}[metric]
}

// errorFaults judges answers that are not OK: by share where a threshold
// bounds the share, else by count. No answer at all never passes.
func errorFaults(s seen) []fault {
	ok, failed := counted(s)
	limit, bounded := errorLimit(s.threshold)
	switch rate := errorRate(s.load.Judged); {
	case s.load.Total.OK > 0 && unjudged(s):
		return []fault{{reason: journal.Errors, text: "no request was answered in the part of the load that is judged"}}
	case ok == 0:
		return []fault{{reason: journal.Errors, text: "no request was answered" + worst(s.load)}}
	case !bounded && failed > 0:
		return []fault{{reason: journal.Errors, text: fmt.Sprintf("%d of %d requests failed%s", failed, ok+failed, worst(s.load))}}
	case bounded && rate > limit:
		return []fault{{reason: journal.Errors, text: fmt.Sprintf("error rate %s over %s%s", percent(rate), percent(limit), worst(s.load))}}
	}
	return nil
}

// counted are the answers that count: those that are judged where there is a
// threshold, else all but those that users begin with.
func counted(s seen) (ok, failed int64) {
	if len(s.threshold) > 0 {
		return s.load.Judged.OK, s.load.Judged.Failed
	}
	ok, failed = s.load.Total.OK, s.load.Total.Failed
	for _, c := range s.load.ByRequest {
		if c.OnStart {
			ok, failed = ok-c.OK, failed-c.Failed
		}
	}
	return ok, failed
}

func errorLimit(threshold []plans.Objective) (float64, bool) {
	for _, o := range threshold {
		if o.Metric == "error_rate" {
			return o.Limit, true
		}
	}
	return 0, false
}

// errorRate is the share of the judged requests that failed, time-outs
// included. One that had no answer at the end has not failed yet.
func errorRate(j engine.Judged) float64 {
	if j.OK+j.Failed == 0 {
		return 0
	}
	return float64(j.Failed) / float64(j.OK+j.Failed)
}

// worst names the most frequent class of error.
func worst(r *engine.Result) string {
	var class exchange.Class
	for c, n := range r.Total.Errors {
		if n > r.Total.Errors[class] || (n == r.Total.Errors[class] && c < class) {
			class = c
		}
	}
	if class == exchange.OK {
		return ""
	}
	text := fmt.Sprintf(", %d × %s", r.Total.Errors[class], strings.ReplaceAll(string(class), "_", " "))
	if example := r.Examples[class]; example != "" {
		text += " (" + example + ")"
	}
	return text
}

func reasonOf(metric string) string {
	if metric == "throughput" {
		return journal.Throughput
	}
	return journal.Latency
}

// broke says how a measured value broke its bound, "" if it did not.
func broke(o plans.Objective, j engine.Judged) string {
	switch o.Metric {
	case "error_rate": // judged with the other errors
		return ""
	case "throughput":
		if j.OKRate < o.Limit {
			return fmt.Sprintf("throughput %.1f/s under %.1f/s", j.OKRate, o.Limit)
		}
		return ""
	}
	value := percentile(o.Metric, j.Latency)
	if value == nil {
		return o.Metric + " unknown: no request was answered"
	}
	if *value > o.Limit {
		return fmt.Sprintf("%s %s over %s", o.Metric, duration(*value), duration(o.Limit))
	}
	return ""
}

func percentile(metric string, p engine.Percentiles) *float64 {
	return map[string]*float64{"p50": p.P50, "p90": p.P90, "p95": p.P95, "p99": p.P99, "p999": p.P999, "max": p.Max}[metric]
}

func duration(seconds float64) string {
	return units.Duration(time.Duration(seconds * float64(time.Second)))
}

func percent(share float64) string { return fmt.Sprintf("%.3g %%", share*100) }
