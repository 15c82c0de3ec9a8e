package judge

import (
	"errors"
	"time"

	"plan/containers"
	"plan/engine"
	"plan/internal/exchange"
	"plan/internal/units"
	"plan/plans"
	"plan/runner/journal"
)

// Observation is everything that was observed in one trial.
type Observation struct {
	Phase    journal.Phase // the last one that the trial reached
	Stop     Stop          // why it ended early, where the service is not the reason
	Replicas []Replica     // of the service, at least one
	Asked    int           // index of the replica that NotReady and the last of First are of

	ReadyAfter time.Duration // from the start of the containers until every replica was ready; 0 if one never was
	ReadyAt    time.Time
	NotReady   string // the last answer of a replica that was not ready in time

	Requests  []exchange.Request   // one of each kind, before the load
	First     []exchange.Outcome   // of Requests, up to the first that failed
	Again     [][]exchange.Request // by replica: the requests after the load, of the user that sent the first ones
	Answers   [][]exchange.Outcome // of Again, each up to the first without a response
	Load      *engine.Result       // nil where no load was run
	Source    journal.Source       // of Load
	LostShare string               // the agent of a divided load that sent no result, and why; "" where all did
	// LoadStarted is when the driver was started; zero without a load.
	LoadStarted time.Time

	Notes   []string // for people
	Log     []string // the last lines of the decisive replica
	Others  []journal.Watched
	Host    []journal.HostSample
	Samples Samples
	Events  []journal.Event
}

// Samples are several a second, to show what lasts less than one. Usage of the
// replicas, Others and Host have one of them a second.
type Samples struct {
	Own    [][]containers.Usage // by replica
	Others []journal.Watched
	Host   []journal.HostSample
}

// Replica is one container of the service.
type Replica struct {
	Name, ID, Address string
	Limits            containers.Limits // that it was given, the last ones
	State             containers.State
	Starts            int                // start events; more than one is a restart
	Rest              containers.Usage   // when every replica was ready; zero if one never was
	Loaded            containers.Usage   // before the load; zero if none was run
	End               containers.Usage   // the newest sample
	Resident          *units.Bytes       // of files that its processes map at the end; nil where that is not known
	Processes         *journal.Processes // that were asked before the load; nil where that is not known, or only one answers
	Usage             []containers.Usage // one sample a second
}

// Criteria are what a trial is judged by, besides the ends of its containers.
type Criteria struct {
	Within    time.Duration // for readiness
	CPUs      float64       // of the host
	Others    float64       // share of CPUs that others may use before a failure counts as caused by a shortage
	FirstLook bool          // a shortened load: its pass proves nothing, so it needs no samples
	Horizon   time.Duration // within which growing memory must not reach the limit
	Threshold []plans.Objective
	Asserts   []plans.AssertFailure // the assertions that were false
}

// Stop is why a trial ended early, where the service is not the reason. It is the
// cause of a cancelled context. The zero value is no stop.
type Stop struct {
	Reason journal.Reason
	Why    string
}

func (s Stop) Error() string { return s.Why }

// IsGuardStop reports whether an error is a stop by the guard.
func IsGuardStop(err error) bool {
	s, is := errors.AsType[Stop](err)
	return is && s.Reason == journal.GuardStop
}

// Restarted reports whether the engine started the container again.
func (r Replica) Restarted() bool { return r.Starts > 1 || r.State.Restarts > 0 }

// ended reports whether the main process ended, also where it runs again.
func (r Replica) ended() bool { return !r.State.Running || r.Restarted() }

// outOfMemory reports whether a witness saw the kernel kill for memory.
func (r Replica) outOfMemory() bool { return len(r.State.Witnesses) > 0 }

// killed reports whether the main process was killed from outside, or got a
// SIGKILL that no witness explains.
func (r Replica) killed() bool {
	return r.State.Killed || r.State.ExitCode != nil && *r.State.ExitCode == sigKilled
}

// sigKilled is the exit code of a process that was killed by SIGKILL.
const sigKilled = 128 + 9

// displaced reports whether the cluster ended it.
func (r Replica) displaced() bool { return r.State.Displaced != "" }

// Decisive returns the index of the replica whose end decides: displaced, then out of
// memory, then killed, then ended; otherwise of the one that got the last request.
func (o Observation) Decisive() int {
	for _, says := range []func(Replica) bool{Replica.displaced, Replica.outOfMemory, Replica.killed, Replica.ended} {
		for i, r := range o.Replicas {
			if says(r) {
				return i
			}
		}
	}
	return o.Asked
}
