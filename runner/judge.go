package runner

import (
	"fmt"
	"strings"
	"time"

	"plan/containers"
	"plan/engine"
	"plan/internal/exchange"
	"plan/internal/units"
	"plan/plans"
	"plan/runner/journal"
)

// Phases of a trial, in order.
const (
	phaseStart = "start"
	phaseFirst = "first_request"
	phaseLoad  = "load"
	phaseHold  = "hold"
	phaseEnd   = "end"
)

// seen is all that a trial showed. Of several replicas state and restarted are
// those of the one that decides.
type seen struct {
	phase     string
	stop      stop // what ended it early, if anything
	replica   int  // from 1; 0 when there is only one
	state     containers.State
	restarted bool
	ready     plans.Ready
	notReady  string // the last answer, when it was never ready in time
	requests  []exchange.Request
	first     []exchange.Outcome // one of each request, up to the first that failed
	load      *engine.Result
	full      string // why the load generator was the limit, if it was
	threshold []plans.Objective
	asserts   []plans.Failure
}

// verdict is what a trial says about the service.
type verdict struct {
	verdict, reason, why string
	failures             []string // everything that did not hold
}

func passed(why string) verdict { return verdict{verdict: journal.Passed, why: why} }
func failed(reason, why string) verdict {
	return verdict{verdict: journal.Failed, reason: reason, why: why, failures: []string{why}}
}
func aborted(s stop) verdict { return verdict{verdict: journal.Aborted, reason: s.reason, why: s.why} }

// judge says what a trial showed. The order of the questions is the order of
// reasons: what stopped it from outside, out of memory, end, readiness, answers.
func judge(s seen) verdict {
	if s.stop.reason != "" {
		return aborted(s.stop)
	}
	if v, decided := judgeReplica(s); decided {
		return v.of(s.replica)
	}
	return judgeFaults(s)
}

// judgeReplica looks at what one replica alone can decide.
func judgeReplica(s seen) (verdict, bool) {
	switch {
	case len(s.state.Witnesses) > 0:
		return outOfMemory(s), true
	case s.state.Killed, unexplainedKill(s.state):
		return verdict{verdict: journal.Inconclusive, reason: journal.Killed, why: "killed from outside, not by the kernel for memory" + exitText(s.state)}, true
	case ended(s.state, s.restarted):
		return failed(journal.Exit, "ended by itself "+phaseText(s.phase)+exitText(s.state)), true
	case s.notReady != "":
		return failed(journal.NotReady, fmt.Sprintf("not ready within %s: %s", units.Duration(s.ready.Within), s.notReady)), true
	}
	return firstAnswers(s)
}

// of names the replica that a verdict is about, where there are several.
func (v verdict) of(replica int) verdict {
	if replica == 0 {
		return v
	}
	who := fmt.Sprintf("replica %d: ", replica)
	v.why = who + v.why
	for i := range v.failures {
		v.failures[i] = who + v.failures[i]
	}
	return v
}

// decisive is the replica whose state says most: out of memory, killed, ended;
// otherwise the one that was asked last.
func decisive(states []containers.State, restarted []bool, asked int) int {
	for _, says := range []func(int) bool{
		func(i int) bool { return len(states[i].Witnesses) > 0 },
		func(i int) bool { return states[i].Killed || unexplainedKill(states[i]) },
		func(i int) bool { return ended(states[i], restarted[i]) },
	} {
		for i := range states {
			if says(i) {
				return i
			}
		}
	}
	return asked
}

func ended(s containers.State, restarted bool) bool {
	return !s.Running || restarted || s.Restarts > 0
}

// unexplainedKill is a SIGKILL of the main process that nobody confesses to.
func unexplainedKill(s containers.State) bool {
	return s.ExitCode != nil && *s.ExitCode == 137
}

func outOfMemory(s seen) verdict {
	reason, where := journal.OOMLoad, phaseText(s.phase)
	switch {
	case s.state.Running && !s.restarted && s.state.Restarts == 0:
		reason = journal.OOMWorker
		return failed(reason, "a process in it was killed, out of memory "+where+", while the container lived on")
	case s.phase == phaseStart:
		reason = journal.OOMStart
	}
	return failed(reason, "out of memory "+where+exitText(s.state))
}

func phaseText(phase string) string {
	return map[string]string{
		phaseStart: "at start",
		phaseFirst: "on the first request",
		phaseLoad:  "under load",
		phaseHold:  "after the load",
		phaseEnd:   "at the end",
	}[phase]
}

func exitText(s containers.State) string {
	if s.ExitCode == nil {
		return ""
	}
	return fmt.Sprintf(" (exit %d)", *s.ExitCode)
}

// firstAnswers looks at the one request of each kind that came before the load.
func firstAnswers(s seen) (verdict, bool) {
	for i, o := range s.first {
		switch o.Class {
		case exchange.OK:
		case exchange.Socket:
			return noSockets(1, o.Detail), true
		default:
			return failed(journal.Errors, fmt.Sprintf("the first %q failed: %s", s.requests[i].Name, outcomeText(o))), true
		}
	}
	return verdict{}, false
}

// noSockets is a limit of the generator, which is never the service's fault.
func noSockets(n int64, example string) verdict {
	return verdict{verdict: journal.Invalid, reason: journal.Generator, why: fmt.Sprintf("the load generator could not open sockets, %d times: %s", n, example)}
}

func outcomeText(o exchange.Outcome) string {
	text := strings.ReplaceAll(string(o.Class), "_", " ")
	if o.Status != 0 {
		text = fmt.Sprintf("HTTP %d", o.Status)
	}
	if o.Detail != "" {
		text += ": " + o.Detail
	}
	return text
}

// judgeFaults holds the load against its thresholds, and the whole trial
// against its assertions.
func judgeFaults(s seen) verdict {
	why := "starts"
	var broken []fault
	if s.load != nil {
		if n := s.load.Total.Errors[exchange.Socket]; n > 0 {
			return noSockets(n, s.load.Examples[exchange.Socket])
		}
		if s.full != "" {
			return verdict{verdict: journal.Invalid, reason: journal.Generator, why: s.full}
		}
		why = fmt.Sprintf("%d of %d requests answered", s.load.Total.OK, s.load.Total.OK+s.load.Total.Failed)
		broken = loadFaults(s)
	}
	for _, a := range s.asserts {
		broken = append(broken, fault{journal.Assert, fmt.Sprintf("assert %q: %s", a.Name, a.Message)})
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
	case len(s.threshold) > 0 && s.load.Judged.OK+s.load.Judged.Failed == 0:
		return []fault{{journal.Errors, "no request was answered once all users were active"}}
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
