package judge

import "plan/runner/journal"

// Unexplained reports whether the main process got SIGKILL from an unknown sender:
// nobody requested it from the engine, no witness saw the kernel do it, and the
// kernel killed nothing on the whole host for memory meanwhile.
func (o Observation) Unexplained() bool {
	r := o.Replicas[o.Decisive()]
	if !r.killed() || r.State.Killed || r.outOfMemory() || len(o.Host) < 2 {
		return false
	}
	// The host's counter of kills is known not to have changed until the replica's end.
	first, last := o.Host[0], o.Host[len(o.Host)-1]
	return first.OOMKills != nil && last.OOMKills != nil && *first.OOMKills == *last.OOMKills && last.At.After(r.State.Finished)
}

// DependsOnLimit returns the verdict of a trial that was killed twice at its limit
// by an unknown sender, once the next higher limit has passed.
func DependsOnLimit(t journal.Trial) Verdict {
	why := t.Why + ", twice at this limit and not at the next higher one"
	return Verdict{Verdict: journal.Failed, Reason: journal.Killed, Why: why, Failures: []string{why}}
}
