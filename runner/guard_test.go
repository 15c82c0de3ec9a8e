package runner

import (
	"errors"
	"strings"
	"testing"

	"plan/internal/host"
	"plan/internal/units"
	"plan/plans"
	"plan/runner/journal"
)

// onHost is the guard of a machine with that much memory left, of which it keeps
// a gigabyte.
func onHost(free units.Bytes, err error) *guard {
	return &guard{floor: units.GiB, figures: func() (host.Figures, bool) { return host.Figures{MemoryAvailable: int64(free)}, err == nil }}
}

// noFigures is the guard of a machine that nothing is known of.
func noFigures() *guard {
	return &guard{figures: func() (host.Figures, bool) { return host.Figures{}, false }}
}

// What the guard keeps for the load generator is a promise in figures.
func TestWhatTheGuardKeepsForTheGenerator(t *testing.T) {
	if agentMemory != 32*units.MiB || userMemory != 40*units.KiB {
		t.Errorf("%s for the agent, %s for a user", agentMemory, userMemory)
	}
}

func TestTheGuardAdmitsWhatFits(t *testing.T) {
	const limit = 2 * units.GiB
	const one, three = units.GiB + agentMemory + limit, units.GiB + agentMemory + 3*limit
	for name, c := range map[string]struct {
		free            units.Bytes
		users, replicas int
		stops           bool
	}{
		"just enough":               {one, 0, 0, false},
		"a byte less":               {one - 1, 0, 0, true},
		"one replica by name":       {one, 0, 1, false},
		"with users":                {one + 10_000*userMemory, 10_000, 0, false},
		"with users, a byte less":   {one + 10_000*userMemory - 1, 10_000, 0, true},
		"replicas":                  {three, 0, 3, false},
		"replicas, a byte less":     {three - 1, 0, 3, true},
		"replicas and users":        {three + 500*userMemory, 500, 3, false},
		"replicas and more of them": {three + 500*userMemory - 1, 500, 3, true},
	} {
		got := onHost(c.free, nil).admit(trialSpec{users: c.users, limits: plans.Settings{Limits: plans.Limits{Memory: limit}, Replicas: c.replicas}})
		if stops := got.Reason != ""; stops != c.stops || stops && got.Reason != journal.GuardStop {
			t.Errorf("%s: %q, %q", name, got.Reason, got.Why)
		}
	}
}

func TestTheGuardSaysWhatDoesNotFit(t *testing.T) {
	for replicas, want := range map[int]string{
		0: "not started by the guard: a limit of 2G exceeds the 1G available (it keeps 1G free)",
		1: "not started by the guard: a limit of 2G exceeds the 1G available (it keeps 1G free)",
		2: "not started by the guard: a limit of 2G for each of 2 replicas exceeds the 1G available (it keeps 1G free)",
	} {
		got := onHost(2*units.GiB+agentMemory, nil).admit(trialSpec{limits: plans.Settings{Limits: plans.Limits{Memory: 2 * units.GiB}, Replicas: replicas}})
		if got.Why != want {
			t.Errorf("%d replicas:\n got %s\nwant %s", replicas, got.Why, want)
		}
	}
}

func TestWithoutFiguresOfTheHostTheGuardAdmitsAll(t *testing.T) {
	if got := onHost(0, errors.New("no such file")).admit(trialSpec{limits: plans.Settings{Limits: plans.Limits{Memory: units.GiB}}}); got.Reason != "" {
		t.Errorf("%q", got.Why)
	}
}

func TestTheGuardStopsUnderItsFloor(t *testing.T) {
	for free, want := range map[units.Bytes]journal.Reason{
		units.GiB + 1: "", units.GiB: "", units.GiB - 1: journal.GuardStop, 0: journal.GuardStop,
	} {
		got := onHost(0, nil).belowFloor(host.Figures{MemoryAvailable: int64(free)})
		if got.Reason != want {
			t.Errorf("%s left: %q, %q", free, got.Reason, got.Why)
		}
		if want != "" && !strings.Contains(got.Why, "of memory left, less than 1G") {
			t.Error(got.Why)
		}
	}
}
