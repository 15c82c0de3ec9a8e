package runner

import (
	"fmt"
	"strings"

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
	notReady  string             // the last answer, when it was never ready in time
	requests  []exchange.Request // one of each, before the load
	first     []exchange.Outcome // of them, up to the first that failed
	load      *engine.Result
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
			return invalid("the load generator could not open a socket: " + o.Detail), true
		default:
			return failed(journal.Errors, fmt.Sprintf("the first %q failed: %s", s.requests[i].Name, outcomeText(o))), true
		}
	}
	return verdict{}, false
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
