package runner

import (
	"time"

	"plan/containers"
	"plan/engine"
	"plan/internal/exchange"
	"plan/plans"
	"plan/runner/journal"
)

// Observer shows people how a run proceeds. The journal has all of it too. What is recorded
// was done before the run was resumed, and is taken from its journal.
type Observer interface {
	Begin(journal.Run)
	Status(Status)
	Window(engine.Window)
	Sample(Sample)
	Trial(t journal.Trial, recorded bool)
	Stage(s journal.Stage, recorded bool)
	Note(string)
}

// Status is what is happening now.
type Status struct {
	Stage  string        // address; "" before the first stage
	Trial  string        // id; "" between trials
	Limits string        // "1300M, 0.5 CPU"
	Users  int           // 0 without a load
	Doing  string        // "starting", "waiting for /health", "load 30s", ...
	Passes bool          // progress of one step: for a line that is overwritten, not one that stays
	Left   time.Duration // the longest that the run can still take; 0 when not known
	Likely time.Duration // what it is expected to take; 0 when not known
	Trials int           // that it is expected to make
}

// Sample is what the containers of a trial and the machine use at one moment; several
// come each second.
type Sample struct {
	Replicas []containers.Usage   // of the service; the newest of each that has one
	Limits   plans.Limits         // of each replica
	Others   []containers.Reading // of the driver, helpers and neighbours
	Host     journal.HostSample   // zero where it is not known
}

// ExchangeRecorder receives the requests of loads, one call for each second of a load.
type ExchangeRecorder interface {
	RecordExchanges(load ExchangeLoad, ended []engine.Exchange)
}

// ExchangeLoad is the load that exchanges belong to.
type ExchangeLoad struct {
	Trial     string             // id
	Requests  []exchange.Request // by the index of an exchange
	Addresses []string           // by the index of an exchange
}
