package plans

import (
	"slices"
	"time"
)

// repeat is what it takes to run a trial once more that says nothing of the service.
type repeat struct {
	reason string        // why it says nothing, in the word of a journal
	wait   time.Duration // for the host or the engine, at most
	quiet  bool          // the wait is one runtime of the load longer
	// longer is by how much the load of a stage becomes longer for it, at most; 0: the reason does not occur there.
	longer func(Stage) time.Duration
}

// repeats has a row for each reason. A trial is repeated once for each; the longest time
// of a plan has all of them.
var repeats = []repeat{
	{reason: "killed"},
	{reason: "interfered"},
	{reason: "suspended"},
	{reason: "evicted"}, // on a cluster
	{reason: "away", wait: AwayWait},
	{reason: "disturbed", wait: QuietWait, quiet: true},
	{reason: "samples", longer: Stage.longerForSamples},
	{reason: "leak", longer: Stage.longerForLeak},
}

// Repeated reports whether a trial that ended for a reason is repeated.
func Repeated(reason string) bool {
	return slices.ContainsFunc(repeats, func(r repeat) bool { return r.reason == reason })
}
