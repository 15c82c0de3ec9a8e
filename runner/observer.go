package runner

import (
	"time"

	"plan/engine"
	"plan/runner/journal"
)

// Observer shows people how a run proceeds. The journal has all of it too.
type Observer interface {
	Begin(journal.Run)
	Status(Status)
	Window(engine.Window)
	Trial(journal.Trial)
	Stage(journal.Stage)
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
}
