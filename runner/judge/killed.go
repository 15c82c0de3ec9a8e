package judge

import "plan/runner/journal"

// Unexplained says whether the main process got SIGKILL and nothing tells from
// where: nobody asked the engine for it, no witness saw the kernel do it, and the
// kernel killed nothing on the whole host for memory meanwhile.
func (o Observation) Unexplained() bool {
	r := o.Replicas[o.Decisive()]
	return r.killed() && !r.State.Killed && !r.outOfMemory() && o.nothingKilled(r)
}

// nothingKilled says whether the host's counter of kills for memory is known to
// have stood still until the replica's end.
func (o Observation) nothingKilled(r Replica) bool {
	if len(o.Host) < 2 {
		return false
	}
	first, last := o.Host[0], o.Host[len(o.Host)-1]
	return first.OOMKills != nil && last.OOMKills != nil && *first.OOMKills == *last.OOMKills && last.At.After(r.State.Finished)
}

// DependsOnLimit is the verdict of a trial that was killed twice at its limit,
// and nothing tells by whom, once the next higher limit has passed.
func DependsOnLimit(t journal.Trial) Verdict {
	why := t.Why + ": it depends on the limit; the sender is not known"
	return Verdict{Verdict: journal.Failed, Reason: journal.Killed, Why: why, Failures: []string{why}}
}
