package runner

import (
	"fmt"
	"slices"
	"strings"

	"plan/engine"
	"plan/runner/journal"
)

// judgeFaults holds the load against its thresholds, and the whole trial
// against its assertions.
func judgeFaults(s seen) verdict {
	why := "starts"
	var broken []fault
	if s.load != nil {
		if why := unusable(s); why != "" {
			return invalid(why)
		}
		why, broken = answersText(s.load.Total), loadFaults(s)
	}
	for _, a := range s.asserts {
		broken = append(broken, fault{reason: journal.Assert, text: fmt.Sprintf("assert %q: %s", a.Name, a.Message)})
	}
	if why := doubts(s.load, broken); why != "" {
		return invalid(why)
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

// unusable is why nothing that the load showed is worth looking at: a generator
// without CPU or sockets, or one that had to stop too early.
func unusable(s seen) string {
	if s.load.Ended != "" && unjudged(s) {
		return "the load ended before anything of it could be judged: " + s.load.Ended
	}
	return limitsOn(s.load, engine.LimitCPU, engine.LimitSockets)
}

// doubts is why a verdict of these faults would not be one on the service: the
// load was less than intended, or each fault may be the generator's own.
func doubts(r *engine.Result, broken []fault) string {
	switch {
	case r == nil || slices.ContainsFunc(broken, func(f fault) bool { return !f.doubtful }):
		return ""
	case len(broken) == 0: // that it was late itself has made no answer faster
		return limitsOn(r, engine.LimitRate)
	}
	return limitsOn(r, engine.LimitRate, engine.LimitLateness)
}

// limitsOn are the limits of some kinds in words, "" where there are none.
func limitsOn(r *engine.Result, kinds ...string) string {
	var texts []string
	for _, l := range r.Invalid {
		if slices.Contains(kinds, l.Kind) {
			texts = append(texts, l.Text)
		}
	}
	return strings.Join(texts, "; ")
}

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
