package record

import (
	"crypto/sha256"
	"encoding/json"

	"plan/plans"
)

// numbers are those of the values that trials of a run were run with, in the order in
// which they first were: equal values have the same number, the first ones 1. A resumed
// run gives its trials the same numbers, since it repeats them in their order. Values may
// be secret: the journal has no hash of command and environment, and of loads only hashes
// with secrets masked.
type numbers map[[sha256.Size]byte]int

func (n numbers) of(value any) int {
	text, err := json.Marshal(value)
	if err != nil {
		panic(err) // impossible: loads are sent as JSON, and the rest is texts
	}
	sum := sha256.Sum256(text)
	if n[sum] == 0 {
		n[sum] = len(n) + 1
	}
	return n[sum]
}

// Configuration returns the number of what a stage may set of its service besides limits.
func (r *Record) Configuration(s plans.Service) int {
	return r.configurations.of([]any{s.Command, s.Variables()})
}

// Scenario returns the number of what a stage asks of its service, however many ask it;
// 0 where that is nothing.
func (r *Record) Scenario(stage plans.Stage) int {
	of := func(s plans.Scenario) any { return []any{s.ThinkTime, s.Requests, s.OnStart, s.Feeds} }
	switch {
	case stage.Load != nil && stage.Load.Driver != nil:
		return r.scenarios.of(stage.Load.Driver)
	case stage.Load != nil:
		return r.scenarios.of(of(stage.Load.Scenario))
	case stage.Asks != nil:
		return r.scenarios.of(of(*stage.Asks))
	}
	return 0
}
