package journal

import (
	"fmt"

	"plan/containers"
)

// Verdict of a trial or a stage.
type Verdict string

// The verdicts.
const (
	Passed       Verdict = "passed"
	Failed       Verdict = "failed"
	Inconclusive Verdict = "inconclusive"
	Invalid      Verdict = "invalid"
	Aborted      Verdict = "aborted"
	Skipped      Verdict = "skipped" // stages only: an input has no value
)

// Verdicts lists every verdict.
var Verdicts = []Verdict{Passed, Failed, Inconclusive, Invalid, Aborted, Skipped}

// Counts reports whether the verdict is one on the service.
func (v Verdict) Counts() bool { return v == Passed || v == Failed }

// Reason is why a trial did not pass, or a stage has no answer. Each reason has
// one verdict, but Killed, which has two: Explain.
type Reason string

// The reasons.
const (
	OOMStart   Reason = "oom_start"
	OOMLoad    Reason = "oom_load"
	OOMWorker  Reason = "oom_worker"
	Exit       Reason = "exit"
	NotReady   Reason = "not_ready"
	Errors     Reason = "errors"
	Latency    Reason = "latency"
	Throughput Reason = "throughput"
	Hung       Reason = "hung"
	Thrash     Reason = "thrash"
	Leak       Reason = "leak"
	Assert     Reason = "assert"
	Disproved  Reason = "disproved"
	Samples    Reason = "samples"
	Killed     Reason = "killed"
	Dependency Reason = "dependency"
	Disturbed  Reason = "disturbed"
	Generator  Reason = "generator"
	Interfered Reason = "interfered"
	GuardStop  Reason = "guard"
	EngineLost Reason = "engine"
	User       Reason = "user"
)

// Explanation is what a reason means.
type Explanation struct {
	Reason      Reason
	Verdict     Verdict // of whatever has the reason
	OOM         bool    // the kernel killed for memory
	CPUShortage bool    // a shortage of CPU may be the cause
	Doc         string  // one sentence, for docs/report.md
}

// Explanations has a row for each reason.
var Explanations = []Explanation{
	{Reason: OOMStart, Verdict: Failed, OOM: true, Doc: "The kernel killed the service for memory before it was ready."},
	{Reason: OOMLoad, Verdict: Failed, OOM: true, Doc: "The kernel killed the service for memory on its first requests, under load, or in the 5 s after it."},
	{Reason: OOMWorker, Verdict: Failed, OOM: true, Doc: "The kernel killed a process in the container for memory, and the container went on."},
	{Reason: Exit, Verdict: Failed, Doc: "The main process of the service ended by itself, or was restarted."},
	{Reason: NotReady, Verdict: Failed, CPUShortage: true, Doc: "The service was not ready within the time that its `ready` block gives it."},
	{Reason: Errors, Verdict: Failed, Doc: "More requests failed than the threshold allows; without an `error_rate`, any request."},
	{Reason: Latency, Verdict: Failed, CPUShortage: true, Doc: "A latency was above its threshold."},
	{Reason: Throughput, Verdict: Failed, CPUShortage: true, Doc: "The rate of OK answers was below its threshold."},
	{Reason: Hung, Verdict: Failed, CPUShortage: true, Doc: "The service stopped answering: at the end of the load half of the requests in flight had waited for more than twice as long as any answer took, or, where answers came until the end, as any request that failed; or after it what had been answered before got no answer in time."},
	{Reason: Thrash, Verdict: Failed, Doc: "Under load the service read files that it maps, such as its own code, from disk again and again: the memory had no room for them."},
	{Reason: Leak, Verdict: Failed, Doc: "The anonymous memory of the service grew under load, at a rate that reaches the limit within `leak_horizon`."},
	{Reason: Assert, Verdict: Failed, Doc: "An `assert` of the stage was false."},
	{Reason: Disproved, Verdict: Failed, Doc: "Of a search: at each answer up to its highest value a trial was killed for memory, before its load began or under one that asks for no more than the search's own."},
	{Reason: Samples, Verdict: Inconclusive, Doc: "Every threshold held, but too few requests were answered to tell one of the percentiles."},
	{Reason: Killed, Verdict: Inconclusive, Doc: "Something outside the run killed the service, or its main process got SIGKILL and no witness says from where."},
	{Reason: Killed, Verdict: Failed, Doc: "Twice at this limit the main process got SIGKILL from an unknown sender, while the next higher limit passed: it depends on the limit; the sender is not known."},
	{Reason: Dependency, Verdict: Inconclusive, Doc: "The trial failed while something that the service needs did not answer."},
	{Reason: Disturbed, Verdict: Inconclusive, Doc: "The trial failed in a way that a lack of CPU can make, while others used the host's CPUs and left it less than it could have used."},
	{Reason: Generator, Verdict: Invalid, Doc: "The load generator was at its own limit in a way that may have made the result."},
	{Reason: Interfered, Verdict: Invalid, Doc: "Somebody paused the service, disconnected it from a network, changed its limits or ran a command in its container meanwhile."},
	{Reason: GuardStop, Verdict: Aborted, Doc: "The guard stopped the trial, or did not let it start, to keep the machine alive."},
	{Reason: EngineLost, Verdict: Aborted, Doc: "The engine no longer answered, or could not run what the plan asks for."},
	{Reason: User, Verdict: Aborted, Doc: "The run was interrupted."},
}

// Explain returns what a reason means; for Killed, what it means while no higher
// limit has passed. It panics at a reason that has no row.
func (r Reason) Explain() Explanation {
	for _, e := range Explanations {
		if e.Reason == r {
			return e
		}
	}
	panic("runner/journal: the reason " + string(r) + " has no row in Explanations")
}

// Phase of a trial.
type Phase string

// The phases, in order.
const (
	PhaseStart Phase = "start"
	PhaseFirst Phase = "first_request"
	PhaseLoad  Phase = "load"
	PhaseHold  Phase = "hold"
	PhaseEnd   Phase = "end"
)

// Phases lists the phases in order.
var Phases = []Phase{PhaseStart, PhaseFirst, PhaseLoad, PhaseHold, PhaseEnd}

// LineType is what a line of the journal file records.
type LineType string

// The types of lines.
const (
	RunLine    LineType = "run"
	ImageLine  LineType = "image"
	StageLine  LineType = "stage"
	TrialLine  LineType = "trial"
	AnswerLine LineType = "answer"
	EndLine    LineType = "end"
)

// Way is the network path of a load to the service.
type Way string

// The ways.
const (
	Network  Way = "network" // from a container on the service's network
	FromHost Way = "host"    // from the machine that the command runs on
)

// Driver is what made a load.
type Driver string

// The drivers.
const (
	OwnEngine Driver = "plan" // the load engine of this command
	Locust    Driver = "locust"
)

// sigBus is the exit code of a process that was killed by SIGBUS.
const sigBus = 135

// ExitMeaning returns what an exit code means, after a colon, where few people know
// it; "" for any other.
func ExitMeaning(code int) string {
	if code == sigBus {
		return ": SIGBUS, often since /dev/shm is full, which has 64M unless shm_size gives it more"
	}
	return ""
}

// ExitText returns " (exit N)", with what N means where few know it; "" while
// the container runs.
func ExitText(s containers.State) string {
	if s.ExitCode == nil {
		return ""
	}
	return fmt.Sprintf(" (exit %d%s)", *s.ExitCode, ExitMeaning(*s.ExitCode))
}
