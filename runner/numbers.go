package runner

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
	if value == nil {
		return 0
	}
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

// configured is what a stage may set of its service besides limits.
func configured(s plans.Service) any { return []any{s.Command, s.Variables()} }

// asked is what a stage asks of its service, however many ask it; nil where that is
// nothing.
func asked(stage plans.Stage) any {
	of := func(s plans.Scenario) any { return []any{s.ThinkTime, s.Requests, s.OnStart, s.Feeds} }
	switch {
	case stage.Load != nil && stage.Load.Driver != nil:
		return stage.Load.Driver
	case stage.Load != nil:
		return of(stage.Load.Scenario)
	case stage.Asks != nil:
		return of(*stage.Asks)
	}
	return nil
}
