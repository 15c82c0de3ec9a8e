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

// violation is a bound that did not hold.
type violation struct {
	reason      journal.Reason
	text        string
	doubtful    bool // a limit of the generator may have made it
	cpuShortage bool // a lack of CPU may have made it, also where its reason does not say so
}

// judgeLoad holds the load against the thresholds, and the whole trial against
// its assertions.
func judgeLoad(o Observation, c Criteria) Verdict {
	why := "starts"
	var broken []violation
	if o.Load != nil {
		if why := unusableReason(o.Load, c); why != "" {
			return Because(journal.Generator, why)
		}
		why = requestsText(o.Load.Total)
		broken = slices.Concat(hungViolation(o.Load), thrashViolation(o), silentAfterLoad(o), thresholdViolations(o.Load, c))
		if g, grows := o.growth(c); grows && g.leak(c.Horizon, o.judgedFor()) {
			broken = append(broken, violation{reason: journal.Leak, text: g.text()})
		} else if grows && g.Left <= c.Horizon {
			why += "; " + g.text()
		}
	}
	for _, a := range c.Asserts {
		broken = append(broken, violation{reason: journal.Assert, text: fmt.Sprintf("assert %q: %s", a.Name, a.Message)})
	}
	if why := generatorReason(o.Load, broken); why != "" {
		v := Because(journal.Generator, why)
		v.CPUShortage = true // others may have made the limit of the generator
		return v
	}
	if len(broken) == 0 {
		if v, lacks := tooFewSamples(o.Load, c); lacks {
			return v
		}
		return passedBecause(why)
	}
	v := Because(broken[0].reason, broken[0].text)
	v.Failures = nil
	v.CPUShortage = !slices.ContainsFunc(broken, func(f violation) bool { return !f.cpuShortage && !f.reason.Explain().CPUShortage })
	for _, b := range broken {
		v.Failures = append(v.Failures, b.text)
	}
	return v
}

// tooFewSamples looks for the percentile whose bound held, but which so few
// answers cannot tell.
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
	return Because(journal.Samples, fmt.Sprintf("%s cannot be told from %d answers: it needs %d", name, have, needed)), true
}

// Neediest returns the metric of a threshold, and the request that it bounds,
// that lacks the greatest share of the samples that it needs; a zero one, which
// needs none, where none is lacking.
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

// unusableReason is why nothing that the load showed is worth looking at: a generator
// without CPU or sockets, or one that had to stop too early.
func unusableReason(r *engine.Result, c Criteria) string {
	if r.Ended != "" && unjudged(r, c) {
		return "the load ended before anything of it could be judged: " + r.Ended
	}
	return limitsOn(r, engine.LimitCPU, engine.LimitSockets)
}

// generatorReason is why a verdict of these faults would not be one on the service: the
// load was less than intended, or each fault may be the generator's own.
func generatorReason(r *engine.Result, broken []violation) string {
	switch {
	case r == nil || slices.ContainsFunc(broken, func(f violation) bool { return !f.doubtful }):
		return ""
	case len(broken) == 0: // that it was late itself has made no answer faster
		return limitsOn(r, engine.LimitRate)
	}
	return limitsOn(r, engine.LimitRate, engine.LimitLateness)
}

// limitsOn are the limits of some kinds in words, "" where there are none.
func limitsOn(r *engine.Result, kinds ...engine.LimitKind) string {
	var texts []string
	for _, l := range r.Invalid {
		if slices.Contains(kinds, l.Kind) {
			texts = append(texts, l.Text)
		}
	}
	return strings.Join(texts, "; ")
}

// unjudged reports whether nothing can be held against the thresholds.
func unjudged(r *engine.Result, c Criteria) bool {
	return len(c.Threshold) > 0 && r.Judged.OK+r.Judged.Failed == 0
}

// hungViolation is a service that stopped answering before its requests had time to
// fail.
func hungViolation(r *engine.Result) []violation {
	if !r.Hung {
		return nil
	}
	text := "stopped answering"
	if n := r.Total.InFlight; n != nil {
		text += fmt.Sprintf(": %d of %d requests waited when the load ended", *n, r.Total.Requests)
	}
	if longest := r.Judged.Latency.Max; longest != nil {
		text += ", the longest for " + units.Duration(units.Seconds(*longest))
	}
	return []violation{{reason: journal.Hung, text: text, doubtful: limitsOn(r, engine.LimitLateness) != "" && waitedByLateness(r)}}
}

// silentAfterLoad is the first of what was asked after the load that got no answer.
func silentAfterLoad(o Observation) []violation {
	for i, answers := range o.Answers {
		at := Unanswered(answers)
		if at < 0 {
			continue
		}
		text := fmt.Sprintf("stopped answering: after the load %q failed: %s", o.Again[i][at].Name, outcomeText(answers[at]))
		if len(o.Replicas) > 1 {
			text = replicaText(i+1) + text
		}
		return []violation{{reason: journal.Hung, text: text}}
	}
	return nil
}

// Unanswered returns the index of the first outcome that is no answer for want
// of one; -1 where all are answers, of whatever status, or not known.
func Unanswered(outcomes []exchange.Outcome) int {
	return slices.IndexFunc(outcomes, func(o exchange.Outcome) bool {
		return o.Status == 0 && o.Class != exchange.Socket && o.Class != exchange.Aborted
	})
}

// waitedByLateness reports whether the longest wait, less what the generator was
// late by, is no longer than a service may take that has not hung.
func waitedByLateness(r *engine.Result) bool {
	wait, late, answer := r.Judged.Latency.Max, r.Lateness.Max, r.Total.LatencyOK.Max
	return wait == nil || late == nil || answer == nil || *wait-*late <= engine.HungAfter**answer
}

func requestsText(total engine.Counts) string {
	text := fmt.Sprintf("%d of %d requests answered", total.OK, total.OK+total.Failed)
	if total.Dropped != nil && *total.Dropped > 0 {
		text += fmt.Sprintf(", %d arrivals dropped", *total.Dropped)
	}
	return text
}
