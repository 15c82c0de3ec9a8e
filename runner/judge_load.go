package runner

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"plan/engine"
	"plan/internal/exchange"
	"plan/internal/units"
	"plan/plans"
	"plan/runner/journal"
)

// judgeFaults holds the load against its thresholds, and the whole trial
// against its assertions.
func judgeFaults(s seen) verdict {
	why := "starts"
	var broken []fault
	if s.load != nil {
		if limits := limitsOn(s.load, distorting); limits != "" {
			return invalid(limits)
		}
		if s.load.Ended != "" && unjudged(s) {
			return invalid("the load ended before anything of it could be judged: " + s.load.Ended)
		}
		why, broken = answersText(s.load.Total), loadFaults(s)
	}
	for _, a := range s.asserts {
		broken = append(broken, fault{journal.Assert, fmt.Sprintf("assert %q: %s", a.Name, a.Message)})
	}
	if s.load != nil && !slices.ContainsFunc(broken, fault.evenOfLess) {
		if limits := limitsOn(s.load, lessening); limits != "" {
			return invalid(limits)
		}
	}
	if len(broken) == 0 {
		return passed(why)
	}
	v := failed(broken[0].reason, broken[0].text)
	v.failures = nil
	for _, b := range broken {
		v.failures = append(v.failures, b.text)
	}
	return v
}

// invalid is a limit of the generator, which is never the service's fault.
func invalid(why string) verdict {
	return verdict{verdict: journal.Invalid, reason: journal.Generator, why: why}
}

// A limit of the generator distorts all that was measured, or it made the load
// less than it was to be: then what failed even so has failed.
func distorting(kind string) bool { return !lessening(kind) }
func lessening(kind string) bool  { return kind == engine.LimitRate }

// limitsOn are the limits of those kinds in words, "" where there are none.
func limitsOn(r *engine.Result, of func(kind string) bool) string {
	var texts []string
	for _, l := range r.Invalid {
		if of(l.Kind) {
			texts = append(texts, l.Text)
		}
	}
	return strings.Join(texts, "; ")
}

// evenOfLess says whether more load would not have mended the fault.
func (f fault) evenOfLess() bool { return f.reason != journal.Throughput }

// unjudged says that nothing came that could be held against the thresholds.
func unjudged(s seen) bool {
	return len(s.threshold) > 0 && s.load.Judged.OK+s.load.Judged.Failed == 0
}

func answersText(total engine.Counts) string {
	text := fmt.Sprintf("%d of %d requests answered", total.OK, total.OK+total.Failed)
	if total.Dropped != nil && *total.Dropped > 0 {
		text += fmt.Sprintf(", %d arrivals dropped", *total.Dropped)
	}
	return text
}

// loadFaults lists every bound that the load broke.
func loadFaults(s seen) []fault {
	broken := errorFaults(s)
	for _, o := range s.threshold {
		if text := broke(o, s.load.Judged); text != "" {
			broken = append(broken, fault{reasonOf(o.Metric), text})
		}
	}
	return broken
}

type fault struct{ reason, text string }

// errorFaults judges answers that are not OK: by share where a threshold
// bounds the share, else by count. No answer at all never passes.
func errorFaults(s seen) []fault {
	total := s.load.Total
	limit, bounded := errorLimit(s.threshold)
	switch rate := errorRate(s.load.Judged); {
	case total.OK == 0:
		return []fault{{journal.Errors, "no request was answered" + worst(s.load)}}
	case unjudged(s):
		return []fault{{journal.Errors, "no request was answered in the part of the load that is judged"}}
	case !bounded && total.Failed > 0:
		return []fault{{journal.Errors, fmt.Sprintf("%d of %d requests failed%s", total.Failed, total.OK+total.Failed, worst(s.load))}}
	case bounded && rate > limit:
		return []fault{{journal.Errors, fmt.Sprintf("error rate %s over %s%s", percent(rate), percent(limit), worst(s.load))}}
	}
	return nil
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
