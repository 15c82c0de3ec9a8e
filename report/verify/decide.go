package verify

import (
	"fmt"
	"slices"
)

// decision is a verdict with its reason, as the evidence of a trial gives it.
type decision struct {
	verdict, reason string
	// shortage is true where a lack of CPU may be the cause: others who took it make
	// the trial inconclusive.
	shortage bool
}

func (d decision) String() string {
	if d.reason == "" {
		return d.verdict
	}
	return d.verdict + " (" + d.reason + ")"
}

// The verdicts and the reasons that are decided here.
const (
	passed, failed, inconclusive, invalid, aborted = "passed", "failed", "inconclusive", "invalid", "aborted"

	oomStart, oomLoad, oomWorker = "oom_start", "oom_load", "oom_worker"
	killed, exited, notReady     = "killed", "exit", "not_ready"
	errorsReason, latency        = "errors", "latency"
	throughput, hung, thrash     = "throughput", "hung", "thrash"
	leak, assert, samples        = "leak", "assert", "samples"
	generator, interfered        = "generator", "interfered"
	dependency, disturbed        = "dependency", "disturbed"
	suspended, away, evicted     = "suspended", "away", "evicted"
)

// sigKilled is the exit code of a process that got SIGKILL.
const sigKilled = 137

// written returns what the journal says of a trial.
func (t *trial) written() decision {
	d := decision{verdict: t.Verdict}
	if t.Reason != nil {
		d.reason = *t.Reason
	}
	return d
}

// counts reports whether a trial answers a question.
func (t *trial) counts() bool { return t.Verdict == passed || t.Verdict == failed }

// decide returns the verdict of a trial that ended by itself, by its evidence: how
// its containers ended, whether they became ready, the first responses, the load.
func (t *trial) decide(s *stage) decision {
	if t.interference() {
		return decision{invalid, interfered, false}
	}
	if d, ended := t.end(); ended {
		return d
	}
	if t.Seconds.Ready == nil && t.Phase == "start" {
		return decision{failed, notReady, true}
	}
	// An agent that sent no result leaves no load; journals of earlier versions do not name it.
	if t.Evidence.LostShare != "" || t.Phase == "load" && t.Load == nil {
		return decision{invalid, generator, false}
	}
	for _, o := range t.Evidence.First {
		switch {
		case o.Class == "":
		case o.Class == "socket":
			return decision{invalid, generator, false}
		default:
			return decision{failed, errorsReason, timedOut(o.Class)}
		}
	}
	return t.decideLoad(s)
}

// interference reports whether someone did something to a container of the trial, or
// its limits are not those that were set. Until the service is ready a CPU limit may be
// higher, as the plan says.
func (t *trial) interference() bool {
	for _, in := range t.Instances {
		starts := t.Phase == "start" && in.Limits.CPUs != nil && t.Set.CPUs != nil && *in.Limits.CPUs > *t.Set.CPUs
		if !same(in.Limits.Memory, t.Set.Memory) || !starts && !same(in.Limits.CPUs, t.Set.CPUs) {
			return true
		}
		kinds := map[string]bool{} // of its events
		for _, e := range t.Evidence.Events {
			if e.Container == in.Name {
				kinds[e.Kind] = true
			}
		}
		ended := in.ended() || kinds["die"] // also after its state was read; a container that ends leaves its network
		if kinds["pause"] || kinds["update"] || kinds["exec"] || kinds["disconnect"] && kinds["start"] && !ended {
			return true
		}
	}
	return false
}

func same[T int64 | float64](a, b *T) bool { return (a == nil) == (b == nil) && (a == nil || *a == *b) }

func (in instance) ended() bool { return in.ExitCode != nil || in.Restarts > 0 }

// end returns the verdict of a trial that a container ended: a displacement decides
// before out of memory, that before a kill, and that before an exit.
func (t *trial) end() (d decision, ended bool) {
	if slices.ContainsFunc(t.Instances, func(in instance) bool { return in.Displaced != "" }) {
		return decision{inconclusive, evicted, false}, true
	}
	outOfMemory := func(in instance) bool { return in.OOMKills != nil && *in.OOMKills > 0 }
	if i := slices.IndexFunc(t.Instances, outOfMemory); i >= 0 && len(t.Evidence.Witnesses) > 0 {
		switch {
		case !t.Instances[i].ended():
			return decision{failed, oomWorker, false}, true
		case t.Phase == "start":
			return decision{failed, oomStart, false}, true
		}
		return decision{failed, oomLoad, false}, true
	}
	for _, in := range t.Instances {
		if in.Killed || in.ExitCode != nil && *in.ExitCode == sigKilled {
			return decision{inconclusive, killed, false}, true
		}
	}
	if slices.ContainsFunc(t.Instances, instance.ended) {
		return decision{failed, exited, false}, true
	}
	return decision{}, false
}

// breach is a bound that a trial broke.
type breach struct {
	reason string
	// doubtful is true where the load driver may be the cause.
	doubtful bool
	shortage bool
}

// decideLoad returns the verdict of a load and of the assertions.
func (t *trial) decideLoad(s *stage) decision {
	l := t.Load
	var broken []breach
	grows := false
	if l != nil {
		unjudged := len(s.Thresholds) > 0 && l.Judged.OK+l.Judged.Failed == 0
		if l.Ended != "" && unjudged || l.saturated("cpu", "sockets") {
			return decision{invalid, generator, false}
		}
		if l.Hung {
			wait, late, answer := l.Judged.Latency["max"], l.Lateness.Max, l.LatencyOK["max"]
			known := wait != nil && late != nil && answer != nil
			broken = append(broken, breach{hung, l.saturated("lateness") && (!known || *wait-*late <= 2**answer), true})
		}
		if t.thrashes() {
			broken = append(broken, breach{thrash, false, false})
		}
		for _, a := range t.Evidence.After {
			if a.Outcome.Status == 0 && a.Outcome.Class != "socket" && a.Outcome.Class != "aborted" {
				broken = append(broken, breach{hung, false, true})
			}
		}
		broken = append(broken, l.thresholds(s, t.Evidence.Histograms)...)
		if grows = t.leaks(s.LeakHorizon); grows && t.steady() >= leastLeakTime {
			broken = append(broken, breach{leak, false, false})
		}
	}
	if len(t.Evidence.Asserts) > 0 {
		broken = append(broken, breach{assert, false, false})
	}
	if certain := slices.ContainsFunc(broken, func(b breach) bool { return !b.doubtful }); l != nil && !certain {
		if l.saturated("rate") || len(broken) > 0 && l.saturated("lateness") {
			return decision{invalid, generator, true}
		}
	}
	switch {
	case len(broken) > 0:
		shortage := !slices.ContainsFunc(broken, func(b breach) bool { return !b.shortage })
		return decision{failed, broken[0].reason, shortage}
	case l != nil && !t.FirstLook && l.tooFew(s):
		return decision{inconclusive, samples, false}
	case grows: // for too short a time
		return decision{inconclusive, leak, false}
	}
	return decision{verdict: passed}
}

// saturated reports whether the driver was at a limit of one of some kinds.
func (l *load) saturated(kinds ...string) bool {
	for _, i := range l.Invalid {
		if slices.Contains(kinds, i.Kind) {
			return true
		}
	}
	return false
}

// mostRereads is how many of its own pages a service may read again for each answer.
const mostRereads = 50

func (p pageFaults) known() bool { return p.MajorFaults != nil && p.Refaults != nil }

// thrashes reports whether under load the service read the files that it maps again
// and again.
func (t *trial) thrashes() bool {
	var major, refaults int64
	for _, in := range t.Instances {
		before, after := in.BeforeLoad, in.Files
		if before == nil || after == nil || !before.known() || !after.known() {
			return false
		}
		major += *after.MajorFaults - *before.MajorFaults
		refaults += *after.Refaults - *before.Refaults
	}
	return t.Load.OK > 0 && min(major, refaults) > mostRereads*t.Load.OK
}

func timedOut(class string) bool { return class == "timeout" || class == "connect_timeout" }

// onlyTimedOut reports whether timeouts are the only errors of a load.
func (l *load) onlyTimedOut() bool {
	for class, n := range l.Errors {
		if n > 0 && !timedOut(class) {
			return false
		}
	}
	return true
}

// contradiction returns how the verdict of a trial differs from its evidence; "" where
// it does not. A trial that did not end by itself has no other evidence than that.
func (t *trial) contradiction(s *stage) string {
	is := t.written()
	switch {
	case is.verdict == aborted:
		if !slices.Contains([]string{"guard", "engine", "user"}, is.reason) {
			return "it is aborted, but not by the guard, the engine or the user"
		}
		return ""
	case is.verdict == invalid && (is.reason == suspended || is.reason == away): // the journal has no clock beside its own
		return ""
	case t.Evidence == nil || len(t.Instances) == 0:
		return "it is " + is.String() + " without evidence"
	}
	d := t.decide(s)
	switch {
	case is.verdict == d.verdict && is.reason == d.reason:
		return ""
	case is.reason == disturbed && is.verdict == inconclusive && d.shortage:
		return ""
	case is.reason == dependency && is.verdict == inconclusive && d.verdict == failed:
		return ""
	case is.reason == killed && is.verdict == failed && d.reason == killed && t.Unexplained:
		return "" // it counts where its pair and the pass above are found: certificate.go
	}
	return fmt.Sprintf("it is %s, but by its evidence it is %s", is, d)
}
