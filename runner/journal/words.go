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
	Evicted    Reason = "evicted"
	Suspended  Reason = "suspended"
	Away       Reason = "away"
	GuardStop  Reason = "guard"
	BudgetUsed Reason = "budget"
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
	Example     string  // what a trial says, for docs/report.md
}

// Grows begins the note of a trial whose memory grew, and the text of a leak. After a short load UnlessHeap follows.
const (
	Grows      = "anonymous memory grows"
	UnlessHeap = ", unless a heap is filled for the first time"
)

// Explanations has a row for each reason.
var Explanations = []Explanation{
	{Reason: OOMStart, Verdict: Failed, OOM: true, Doc: "The kernel killed the service for memory before it was ready.",
		Example: "out of memory at start (exit 137)"},
	{Reason: OOMLoad, Verdict: Failed, OOM: true, Doc: "The kernel killed the service for memory on its first requests, under load, or while it was watched after it: a tenth of the load's runtime, 2 s to 5 s.",
		Example: "out of memory under load (exit 137)"},
	{Reason: OOMWorker, Verdict: Failed, OOM: true, Doc: "The kernel killed a process in the container for memory, and the container went on.",
		Example: "out of memory under load: a process was killed, and the container kept running"},
	{Reason: Exit, Verdict: Failed, Doc: "The main process of the service exited, or was restarted.",
		Example: "ended by itself at start (exit 1)"},
	{Reason: NotReady, Verdict: Failed, CPUShortage: true,
		Doc:     "The service was not ready within the time of its `ready` block.",
		Example: "not ready within 1m: HTTP 503"},
	{Reason: Errors, Verdict: Failed, Doc: "More requests failed than the threshold allows; without an `error_rate`, any request.",
		Example: "error rate 10 % over 5 %"},
	{Reason: Latency, Verdict: Failed, CPUShortage: true, Doc: "A latency was above its threshold.",
		Example: "p95 100ms over 90ms"},
	{Reason: Throughput, Verdict: Failed, CPUShortage: true, Doc: "The rate of OK responses was below its threshold.",
		Example: "throughput 90.0/s under 90.1/s"},
	{Reason: Hung, Verdict: Failed, CPUShortage: true,
		Doc:     "The service stopped responding. At the end of the load, half of the requests in flight had waited for more than twice the longest latency of an OK response (of any response or timeout, if OK responses arrived until the end). Or after the load a request got no response that had got one before.",
		Example: "stopped responding: 50 of 150 requests waited when the load ended, the longest for 7.6s"},
	{Reason: Thrash, Verdict: Failed, Doc: "Under load the service read files that it maps, such as its own code, from disk again and again, because its memory was too small for them.",
		Example: "reads its own files again and again: 191 major faults and 63126 refaults per OK response, over 50"},
	{Reason: Leak, Verdict: Failed, Doc: "The anonymous memory of the service grew under load, at a rate that reaches the limit within `leak_horizon`.",
		Example: "anonymous memory grows by at least 60M a minute: the limit is reached in 5m"},
	{Reason: Leak, Verdict: Inconclusive,
		Doc: "Memory grew as in a leak, but the load was shorter than 5 min after its last rise: " +
			"the heap of a JVM that is filled for the first time grows in the same way.",
		Example: "anonymous memory grows by at least 60M a minute: the limit is reached in 5m, " +
			"unless a heap is filled for the first time: a longer load shows it"},
	{Reason: Assert, Verdict: Failed, Doc: "An `assert` of the stage was false.",
		Example: `assert "small": too large`},
	{Reason: Disproved, Verdict: Failed, Doc: "A later trial was killed for memory at each answer of a search, up to its highest value. That trial had no load yet, or one no heavier than that of the search.",
		Example: "No answer up to 4G holds."},
	{Reason: Samples, Verdict: Inconclusive,
		Doc:     "Every threshold held, but there were too few responses for one of the percentiles.",
		Example: "p99 cannot be determined from 458 responses: it needs 459"},
	{Reason: Killed, Verdict: Inconclusive,
		Doc:     "A program outside the run killed the service, or its main process got SIGKILL from an unknown sender.",
		Example: "killed from outside, not by the kernel for memory (exit 137)"},
	{Reason: Killed, Verdict: Failed, Doc: "The main process got SIGKILL from an unknown sender in two trials at this limit, and the next higher limit passed.",
		Example: "got SIGKILL (exit 137) from an unknown sender, twice at this limit and not at the next higher one"},
	{Reason: Dependency, Verdict: Inconclusive,
		Doc:     "The trial failed while a dependency of the service did not respond.",
		Example: "service.database ended: exit code 1; the failure does not count: p95 780ms over 500ms"},
	{Reason: Disturbed, Verdict: Inconclusive,
		Doc: "The trial failed in a way that a lack of CPU can cause, while other programs used CPUs of the host that the service could have used.",
		Example: "no CPU of the host was idle for 20s of 20s: other programs used 1.6 of 2 CPUs; " +
			"the failure does not count: p95 2.4s over 500ms"},
	{Reason: Generator, Verdict: Invalid,
		Doc: "The driver was at a limit of its own that may have caused the result, " +
			"or one of the agents that the load is divided over was lost.",
		Example: "the driver could not open a socket: too many open files"},
	{Reason: Interfered, Verdict: Invalid, Doc: "During the trial, someone paused the service, disconnected it from a network, changed its limits or ran a command in its container.",
		Example: "it was paused"},
	{Reason: Evicted, Verdict: Inconclusive, Doc: "The cluster ended a pod of the service: it was evicted or preempted, or its node was lost.",
		Example: "evicted from node1"},
	{Reason: Suspended, Verdict: Invalid, Doc: "The command or its machine stood still for more than 2 s during the " +
		"trial, as after SIGSTOP or a suspend.",
		Example: "plan stood still for 12s"},
	{Reason: Away, Verdict: Invalid, Doc: "The engine could not be reached for a while during the trial, and came back.",
		Example: "the engine was away"},
	{Reason: GuardStop, Verdict: Aborted, Doc: "The guard stopped the trial or prevented its start, to keep the machine alive; or a cluster refused pods with its limits.",
		Example: "stopped by the guard: the host has 1900M of memory left, less than 2G"},
	{Reason: BudgetUsed, Verdict: Aborted, Doc: "The budget of a search was used up before its answer was proven.",
		Example: "the budget of 5 trials is used up"},
	{Reason: EngineLost, Verdict: Aborted, Doc: "The engine no longer responded, or could not run what the plan requires.",
		Example: "the engine no longer answers: connection refused"},
	{Reason: User, Verdict: Aborted, Doc: "The run was interrupted.",
		Example: "interrupted"},
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

// LevelName is what a service does at a level of a search.
type LevelName string

// The levels, in order. What a search demands itself is its answer, and no level.
const (
	Starts   LevelName = "starts"   // it is ready
	Responds LevelName = "responds" // to the first requests
)

// LevelNames lists the levels in order.
var LevelNames = []LevelName{Starts, Responds}

// LineType is what a line of the journal file records.
type LineType string

// The types of lines.
const (
	RunLine    LineType = "run"
	ImageLine  LineType = "image"
	StageLine  LineType = "stage"
	TrialLine  LineType = "trial"
	AnswerLine LineType = "answer"
	InputsLine LineType = "inputs"
	ResumeLine LineType = "resume"
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
		return ": SIGBUS, often because /dev/shm is full: it has 64M unless shm_size sets more"
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
