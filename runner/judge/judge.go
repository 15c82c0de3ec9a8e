// Package judge decides the verdict of a trial: pure functions from an Observation
// to a Verdict.
package judge

import (
	"fmt"
	"slices"
	"strings"

	"plan/internal/exchange"
	"plan/internal/units"
	"plan/runner/journal"
)

// Verdict is that of one trial.
type Verdict struct {
	Verdict     journal.Verdict
	Reason      journal.Reason // "" of a trial that passed
	Why         string         // one line for people
	Failures    []string       // every violation, for people
	Notes       []string       // of a trial that passed all the same, for people
	CPUShortage bool           // a shortage of CPU may be its cause
}

// Because returns the verdict of a reason.
func Because(reason journal.Reason, why string) Verdict {
	v := Verdict{Verdict: reason.Explain().Verdict, Reason: reason, Why: why, CPUShortage: reason.Explain().CPUShortage}
	if v.Verdict == journal.Failed {
		v.Failures = []string{why}
	}
	return v
}

// Verdict returns that of a trial which the stop ended.
func (s Stop) Verdict() Verdict { return Because(s.Reason, s.Why) }

// Judge returns the verdict of a trial. It checks in this order: a stop from
// outside, interference, out of memory, the end of the process, readiness, the
// first responses, the load, the assertions. A failure that a shortage of CPU can
// cause is inconclusive where others caused one.
func Judge(o Observation, c Criteria) Verdict {
	if o.Stop != (Stop{}) {
		return o.Stop.Verdict()
	}
	if what := interference(o); what != "" {
		return Because(journal.Interfered, what)
	}
	index := o.Decisive()
	replica := o.Replicas[index]
	// The request before the load that failed; -1 where none did.
	first := slices.IndexFunc(o.First, func(o exchange.Outcome) bool { return o.Class != exchange.OK })
	var v Verdict
	switch {
	case replica.displaced():
		v = Because(journal.Evicted, replica.State.Displaced)
	case replica.outOfMemory():
		v = outOfMemory(replica, o.Phase)
	case replica.killed() && o.Unexplained():
		v = Because(journal.Killed, "got SIGKILL"+journal.ExitText(replica.State)+" from an unknown sender")
	case replica.killed():
		v = Because(journal.Killed, "killed from outside, not by the kernel for memory"+journal.ExitText(replica.State))
	case replica.ended():
		v = Because(journal.Exit, "ended by itself "+phaseText(o.Phase)+journal.ExitText(replica.State))
	case o.NotReady != "":
		v = Because(journal.NotReady, fmt.Sprintf("not ready within %s: %s", units.Duration(c.Within), o.NotReady))
	case o.LostShare != "":
		return Because(journal.Generator, o.LostShare)
	case first < 0:
		return o.unlessDisturbed(judgeLoad(o, c), c)
	case o.First[first].Class == exchange.Socket:
		v = Because(journal.Generator, "the driver could not open a socket: "+o.First[first].Detail)
	default:
		outcome := o.First[first]
		v = Because(journal.Errors, fmt.Sprintf("the first %q failed: %s", o.Requests[first].Name, outcomeText(outcome)))
		v.CPUShortage = timedOut(outcome.Class)
	}
	if len(o.Replicas) > 1 { // the decisive replica alone decided
		who := replicaText(index + 1)
		v.Why = who + v.Why
		for i := range v.Failures {
			v.Failures[i] = who + v.Failures[i]
		}
	}
	return o.unlessDisturbed(v, c)
}

func replicaText(replica int) string { return fmt.Sprintf("replica %d: ", replica) }

func outOfMemory(r Replica, phase journal.Phase) Verdict {
	switch {
	case !r.ended():
		return Because(journal.OOMWorker,
			"out of memory "+phaseText(phase)+": a process was killed, and the container kept running")
	case phase == journal.PhaseStart:
		return Because(journal.OOMStart, "out of memory "+phaseText(phase)+journal.ExitText(r.State))
	}
	return Because(journal.OOMLoad, "out of memory "+phaseText(phase)+journal.ExitText(r.State))
}

func phaseText(phase journal.Phase) string {
	return map[journal.Phase]string{
		journal.PhaseStart: "at start",
		journal.PhaseFirst: "on the first request",
		journal.PhaseLoad:  "under load",
		journal.PhaseHold:  "after the load",
		journal.PhaseEnd:   "at the end",
	}[phase]
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

// CannotStart returns the exit code of a command that the image does not have or
// that is not executable (126, 127, as shells exit); 0 after any other end. That
// is an error of the plan or the image, not a verdict.
func CannotStart(o Observation) int {
	state := o.Replicas[o.Decisive()].State
	if o.Stop != (Stop{}) || o.Phase != journal.PhaseStart || state.ExitCode == nil || len(state.Witnesses) > 0 {
		return 0
	}
	switch code := *state.ExitCode; code {
	case 126, 127:
		return code
	}
	return 0
}
