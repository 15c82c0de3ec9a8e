package judge

import (
	"errors"
	"fmt"
	"testing"

	"plan/runner/journal"
)

func TestStopsByTheGuard(t *testing.T) {
	for _, c := range []struct {
		name string
		err  error
		want bool
	}{
		{"the guard", Stop{Reason: journal.GuardStop}, true},
		{"the guard, within another error", fmt.Errorf("a helper: %w", Stop{Reason: journal.GuardStop}), true},
		{"the budget", Stop{Reason: journal.BudgetUsed}, false},
		{"the engine", Stop{Reason: journal.EngineLost}, false},
		{"another error", errors.New("no such file"), false},
		{"no error", nil, false},
	} {
		if got := IsGuardStop(c.err); got != c.want {
			t.Errorf("%s: %v", c.name, got)
		}
	}
}
