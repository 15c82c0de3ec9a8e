package judge

import (
	"fmt"
	"slices"
	"strings"

	"plan/engine"
	"plan/internal/exchange"
	"plan/internal/metrics"
	"plan/internal/units"
	"plan/plans"
	"plan/runner/journal"
)

// violation is a bound that was broken.
type violation struct {
	reason      journal.Reason
	text        string
	doubtful    bool // a limit of the driver may be its cause
	cpuShortage bool // a shortage of CPU may be its cause, also where its reason has no such cause
}

// judgeLoad checks the load against the thresholds, and the trial against its
// assertions.
func judgeLoad(o Observation, c Criteria) Verdict {
	why, heap, notes := "starts", "", []string(nil)
	var broken []violation
	if o.Load != nil {
		// A driver without CPU or sockets, or one that ended before its judged window,
		// shows nothing.
		if o.Load.Ended != "" && unjudged(o.Load, c) {
			return Because(journal.Generator, "the load ended before its judged window: "+o.Load.Ended)
		}
		if why := limitsOn(o.Load, engine.SaturationCPU, engine.SaturationSockets); why != "" {
			return Because(journal.Generator, why)
		}
		total := o.Load.Total
		why = fmt.Sprintf("%d of %d requests OK", total.OK, total.OK+total.Failed)
		if total.Dropped != nil && *total.Dropped > 0 {
			why += fmt.Sprintf(", %d arrivals dropped", *total.Dropped)
		}
		broken = slices.Concat(hungViolation(o.Load), thrashViolation(o), silentAfterLoad(o), thresholdViolations(o.Load, c))
		from, to := o.steady()
		steady := to.Sub(from)
		g, grows := o.growth(c)
		switch leaks := grows && g.leak(c.Horizon, steady); {
		case leaks && steady >= plans.LeakWindow:
			broken = append(broken, violation{reason: journal.Leak, text: g.text()})
		case leaks:
			heap = g.text() + journal.UnlessHeap + ": a longer load shows it"
		case grows && g.noted(c.Horizon):
			notes = append(notes, g.text())
		}
	}
	for _, a := range c.Asserts {
		broken = append(broken, violation{reason: journal.Assert, text: fmt.Sprintf("assert %q: %s", a.Name, a.Message)})
	}
	// The violations say nothing about the service where the load was less than
	// intended, or the driver may be the cause of each.
	if o.Load != nil && !slices.ContainsFunc(broken, func(f violation) bool { return !f.doubtful }) {
		kinds := []engine.SaturationKind{engine.SaturationRate}
		if len(broken) > 0 { // its lateness has made no response faster
			kinds = append(kinds, engine.SaturationLateness)
		}
		if why := limitsOn(o.Load, kinds...); why != "" {
			v := Because(journal.Generator, why)
			v.CPUShortage = true // others may have caused the limit of the driver
			return v
		}
	}
	if len(broken) == 0 {
		if v, lacks := tooFewSamples(o.Load, c); lacks {
			return v
		}
		if heap != "" {
			return Verdict{Verdict: journal.Inconclusive, Reason: journal.Leak, Why: heap}
		}
		return Verdict{Verdict: journal.Passed, Why: why, Notes: notes}
	}
	v := Because(broken[0].reason, broken[0].text)
	v.Failures = nil
	v.CPUShortage = !slices.ContainsFunc(broken, func(f violation) bool { return !f.cpuShortage && !f.reason.Explain().CPUShortage })
	for _, b := range broken {
		v.Failures = append(v.Failures, b.text)
	}
	return v
}

// tooFewSamples returns a verdict where a percentile cannot be determined from so
// few responses.
func tooFewSamples(r *engine.Result, c Criteria) (Verdict, bool) {
	if r == nil || c.FirstLook {
		return Verdict{}, false
	}
	m, request := Neediest(c.Threshold, r.JudgedOf)
	needed, have := m.Samples(), r.JudgedOf(request).OK
	if have >= needed {
		return Verdict{}, false
	}
	name := objectiveName(plans.Objective{Request: request}, m.Label())
	return Because(journal.Samples, fmt.Sprintf("%s cannot be determined from %d responses: it needs %d", name, have, needed)), true
}

// Neediest returns the metric of a threshold that lacks the greatest share of the
// samples that it needs, and the request that it bounds; the zero metric, which
// needs none, where none lacks samples.
func Neediest(threshold []plans.Objective, judged func(request string) engine.Judged) (neediest metrics.Metric, request string) {
	most := 1.0
	for _, o := range threshold {
		m := metrics.Named(o.Metric)
		if lacking := float64(m.Samples()) / float64(judged(o.Request).OK); lacking > most {
			neediest, request, most = m, o.Request, lacking
		}
	}
	return neediest, request
}

// limitsOn returns the limits of some kinds, for people; "" where there are none.
func limitsOn(r *engine.Result, kinds ...engine.SaturationKind) string {
	var texts []string
	for _, l := range r.Saturated {
		if slices.Contains(kinds, l.Kind) {
			texts = append(texts, l.Text)
		}
	}
	return strings.Join(texts, "; ")
}

// unjudged reports whether the thresholds have nothing to be checked against.
func unjudged(r *engine.Result, c Criteria) bool {
	return len(c.Threshold) > 0 && r.Judged.OK+r.Judged.Failed == 0
}

// hungViolation returns the violation of a service that stopped responding before its
// requests had time to fail.
func hungViolation(r *engine.Result) []violation {
	if !r.Hung {
		return nil
	}
	text := "stopped responding"
	if n := r.Total.InFlight; n != nil {
		text += fmt.Sprintf(": %d of %d requests waited when the load ended", *n, r.Total.Requests)
	}
	if longest := r.Judged.Latency.Max; longest != nil {
		text += ", the longest for " + units.Duration(units.Seconds(*longest))
	}
	// The driver alone may be the cause where the longest wait, without its lateness,
	// is no longer than that of a service that has not hung.
	wait, late, answer := r.Judged.Latency.Max, r.Lateness.Max, r.Total.LatencyOK.Max
	doubtful := limitsOn(r, engine.SaturationLateness) != "" &&
		(wait == nil || late == nil || answer == nil || *wait-*late <= engine.HungAfter**answer)
	return []violation{{reason: journal.Hung, text: text, doubtful: doubtful}}
}

// silentAfterLoad returns the violation of the first request after the load that got
// no response.
func silentAfterLoad(o Observation) []violation {
	for i, answers := range o.Answers {
		at := Unanswered(answers)
		if at < 0 {
			continue
		}
		text := fmt.Sprintf("stopped responding: after the load %q failed: %s", o.Again[i][at].Name, outcomeText(answers[at]))
		if len(o.Replicas) > 1 {
			text = replicaText(i+1) + text
		}
		return []violation{{reason: journal.Hung, text: text}}
	}
	return nil
}

// Unanswered returns the index of the first outcome without a response; -1 where
// all have one, of whatever status, or it is not known.
func Unanswered(outcomes []exchange.Outcome) int {
	return slices.IndexFunc(outcomes, func(o exchange.Outcome) bool {
		return o.Status == 0 && o.Class != exchange.Socket && o.Class != exchange.Aborted
	})
}
