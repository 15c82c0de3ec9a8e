package guard

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"plan/containers"
	"plan/internal/host"
	"plan/internal/units"
	"plan/plans"
	"plan/runner/answer"
	"plan/runner/journal"
)

// onHost is the guard of a machine with that much memory left, of which it keeps
// a gigabyte.
func onHost(free units.Bytes, err error) *Guard {
	return &Guard{Floor: units.GiB, Figures: func() (host.Figures, bool) { return host.Figures{MemoryAvailable: int64(free)}, err == nil }}
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
		agents          int // 0: one
	}{
		"just enough":               {one, 0, 0, false, 0},
		"a byte less":               {one - 1, 0, 0, true, 0},
		"one replica by name":       {one, 0, 1, false, 0},
		"with users":                {one + 10_000*userMemory, 10_000, 0, false, 0},
		"with users, a byte less":   {one + 10_000*userMemory - 1, 10_000, 0, true, 0},
		"replicas":                  {three, 0, 3, false, 0},
		"replicas, a byte less":     {three - 1, 0, 3, true, 0},
		"replicas and users":        {three + 500*userMemory, 500, 3, false, 0},
		"replicas and more of them": {three + 500*userMemory - 1, 500, 3, true, 0},
		"agents":                    {one + 3*agentMemory, 0, 0, false, 4},
		"agents, a byte less":       {one + 3*agentMemory - 1, 0, 0, true, 4},
	} {
		got := onHost(c.free, nil).Admit(c.users, max(1, c.agents), plans.Settings{Limits: plans.Limits{Memory: limit}, Replicas: c.replicas})
		if stops := got.Reason != ""; stops != c.stops || stops && got.Reason != journal.GuardStop {
			t.Errorf("%s: %q, %q", name, got.Reason, got.Why)
		}
	}
}

func TestTheGuardReportsWhatDoesNotFit(t *testing.T) {
	for replicas, want := range map[int]string{
		0: "not started by the guard, which keeps 1G free: the limit of 2G exceeds the 1G available",
		1: "not started by the guard, which keeps 1G free: the limit of 2G exceeds the 1G available",
		2: "not started by the guard, which keeps 1G free: the limit of 2G for each of 2 replicas exceeds the 1G available",
	} {
		got := onHost(2*units.GiB+agentMemory, nil).Admit(0, 1, plans.Settings{Limits: plans.Limits{Memory: 2 * units.GiB}, Replicas: replicas})
		if got.Why != want {
			t.Errorf("%d replicas:\n got %s\nwant %s", replicas, got.Why, want)
		}
	}
}

func TestWithoutFiguresOfTheHostTheGuardAdmitsAll(t *testing.T) {
	if got := onHost(0, errors.New("no such file")).Admit(0, 1, plans.Settings{Limits: plans.Limits{Memory: units.GiB}}); got.Reason != "" {
		t.Errorf("%q", got.Why)
	}
}

func TestTheGuardStopsUnderItsFloor(t *testing.T) {
	for free, want := range map[units.Bytes]journal.Reason{
		units.GiB + 1: "", units.GiB: "", units.GiB - 1: journal.GuardStop, 0: journal.GuardStop,
	} {
		got := onHost(0, nil).BelowFloor(host.Figures{MemoryAvailable: int64(free)})
		if got.Reason != want {
			t.Errorf("%s left: %q, %q", free, got.Reason, got.Why)
		}
		if want != "" && !strings.Contains(got.Why, "of memory left, less than 1G") {
			t.Error(got.Why)
		}
	}
}

func TestAHostBelowTheFloorHasNothingToSpare(t *testing.T) {
	g := &Guard{Floor: 2 * units.GiB, Figures: func() (host.Figures, bool) { return host.Figures{MemoryAvailable: 1 << 30}, true }}
	if free, known := g.spare(100, 1); free != 0 || !known {
		t.Errorf("%s, %v", free, known)
	}
}

// searched is a stage that searches four values of a dimension, of memory 1G to 4G,
// with replicas.
func searched(dimension plans.Dimension, replicas int) plans.Stage {
	return plans.Stage{Kind: plans.Search, Set: plans.Settings{Replicas: replicas}, Vary: []plans.Vary{
		{Dimension: dimension, From: int64(units.GiB), To: int64(4 * units.GiB), Step: int64(units.GiB)},
	}}
}

func TestASearchTriesWhatTheGuardWouldAdmit(t *testing.T) {
	const kept = units.GiB + agentMemory // the floor, and the agent
	for name, c := range map[string]struct {
		stage plans.Stage
		users int
		free  units.Bytes
		want  int
		cut   bool
	}{
		"all":                      {searched(plans.Memory, 0), 0, kept + 4*units.GiB, 4, false},
		"a byte less than all":     {searched(plans.Memory, 0), 0, kept + 4*units.GiB - 1, 3, true},
		"more than all":            {searched(plans.Memory, 0), 0, kept + 9*units.GiB, 4, false},
		"none":                     {searched(plans.Memory, 0), 0, kept, 0, true},
		"replicas":                 {searched(plans.Memory, 2), 0, kept + 4*units.GiB, 2, true},
		"replicas, a byte less":    {searched(plans.Memory, 2), 0, kept + 4*units.GiB - 1, 1, true},
		"replicas, all":            {searched(plans.Memory, 2), 0, kept + 8*units.GiB, 4, false},
		"users":                    {searched(plans.Memory, 0), 1000, kept + 4*units.GiB + 1000*userMemory, 4, false},
		"users, a byte less":       {searched(plans.Memory, 0), 1000, kept + 4*units.GiB + 1000*userMemory - 1, 3, true},
		"CPUs are not the guard's": {searched(plans.CPUs, 0), 0, 0, 4, false},
	} {
		g := onHost(c.free, nil)
		fits, cut := g.Affordable(c.stage, g.Admits(c.users, 1))
		h := answer.New(c.stage, &journal.Stage{})
		if cut != "" {
			h.Bound(fits, cut)
		}
		if n := h.Grid.Sizes[c.stage.Only().Axis()]; n != c.want || (cut != "") != c.cut {
			t.Errorf("%s: %d values, %q", name, n, cut)
		}
	}
	unknown, stage := onHost(0, errors.New("no such file")), searched(plans.Memory, 0)
	if _, cut := unknown.Affordable(stage, unknown.Admits(0, 1)); cut != "" {
		t.Errorf("without figures of the host: %q", cut)
	}
}

// TestWhatThePlatformRefuses is a stop by the guard, which names the limits. Other faults are none.
func TestWhatThePlatformRefuses(t *testing.T) {
	const summary = "the quota of the namespace sizing does not allow it"
	for _, c := range []struct {
		limits plans.Settings
		err    error
		want   string
	}{
		{plans.Settings{Limits: plans.Limits{Memory: units.GiB}}, &containers.Error{Kind: containers.TooLarge, Summary: summary}, "not started with 1G: " + summary},
		{plans.Settings{Limits: plans.Limits{Memory: units.GiB, CPUs: 500}, Replicas: 1},
			errors.Join(&containers.Error{Kind: containers.TooLarge, Summary: summary}, nil), "not started with 1G and 0.5 CPU: " + summary},
		{plans.Settings{Limits: plans.Limits{CPUs: 2000}, Replicas: 3},
			fmt.Errorf("of a replica: %w", &containers.Error{Kind: containers.TooLarge, Summary: summary}), "not started with 2 CPU for each of 3 replicas: " + summary},
		{plans.Settings{}, &containers.Error{Kind: containers.TooLarge, Summary: summary}, "not started with no limit: " + summary},
		{plans.Settings{}, &containers.Error{Kind: containers.NoImage, Summary: summary}, ""},
		{plans.Settings{}, &containers.Error{Kind: containers.CannotStart, Summary: summary}, ""},
		{plans.Settings{}, errors.New(summary), ""},
		{plans.Settings{}, nil, ""},
	} {
		got := (&Guard{}).Refused(c.limits, c.err)
		if got.Why != c.want || (got.Reason == journal.GuardStop) != (c.want != "") {
			t.Errorf("%v: %q, want %q", c.err, got.Why, c.want)
		}
	}
}

// TestASearchTriesWhatAClusterGivesAPod: on a cluster replicas run on several nodes, so each counts alone.
func TestASearchTriesWhatAClusterGivesAPod(t *testing.T) {
	const gib = units.GiB
	cpus := plans.Stage{Kind: plans.Search, Vary: []plans.Vary{{Dimension: plans.CPUs, From: 1000, To: 4000, Step: 1000}}}
	fixed := cpus
	fixed.Set.Memory = 4 * gib
	for name, c := range map[string]struct {
		stage plans.Stage
		each  plans.Limits
		want  int
		cut   bool
	}{
		"no bounds":                      {searched(plans.Memory, 0), plans.Limits{}, 4, false},
		"just enough":                    {searched(plans.Memory, 0), plans.Limits{Memory: 4 * gib, CPUs: 1}, 4, false},
		"a byte less":                    {searched(plans.Memory, 0), plans.Limits{Memory: 4*gib - 1}, 3, true},
		"replicas":                       {searched(plans.Memory, 3), plans.Limits{Memory: 2 * gib}, 2, true},
		"none":                           {searched(plans.Memory, 0), plans.Limits{Memory: gib - 1}, 0, true},
		"CPUs":                           {cpus, plans.Limits{Memory: 1, CPUs: 4000}, 4, false},
		"CPUs, a thousandth less":        {cpus, plans.Limits{CPUs: 3999}, 3, true},
		"CPUs, and memory that is fixed": {fixed, plans.Limits{Memory: 4 * gib, CPUs: 2000}, 2, true},
	} {
		g := Guard{Each: c.each}
		fits, cut := g.Affordable(c.stage, nil)
		h := answer.New(c.stage, &journal.Stage{})
		if cut != "" {
			h.Bound(fits, cut)
		}
		if n := h.Grid.Sizes[c.stage.Only().Axis()]; n != c.want || (cut != "") != c.cut {
			t.Errorf("%s: %d values, %q", name, n, cut)
		}
	}
	_, cut := (&Guard{Each: plans.Limits{Memory: 2 * gib, CPUs: 3500}}).Affordable(searched(plans.Memory, 0), nil)
	if want := "the cluster gives one pod at most 2G and 3.5 CPUs: no higher value was tried"; cut != want {
		t.Errorf("%q", cut)
	}
}

// TestUsersThatTheHostHolds: as many as fit in what the floor, the agents and the containers leave.
func TestUsersThatTheHostHolds(t *testing.T) {
	limits := plans.Settings{Limits: plans.Limits{Memory: units.GiB}, Replicas: 2}
	const kept = units.GiB + 2*units.GiB + 3*agentMemory
	for free, want := range map[units.Bytes]int{
		kept - 9*userMemory: 0, kept: 0, kept + userMemory - 1: 0, kept + userMemory: 1, kept + 70*userMemory - 1: 69, kept + 70*userMemory: 70,
	} {
		if n, known := onHost(free, nil).Users(3, limits); n != want || !known {
			t.Errorf("%s free: %d users, %v", free, n, known)
		}
	}
}

// TestWhatTheHostMustHold: memory for each replica, and none where there is no
// limit.
func TestWhatTheHostMustHold(t *testing.T) {
	for _, c := range []struct {
		limits plans.Settings
		want   units.Bytes
	}{
		{plans.Settings{}, 0},
		{plans.Settings{Limits: plans.Limits{CPUs: 4000, PIDs: 9}, Replicas: 3}, 0},
		{plans.Settings{Limits: plans.Limits{Memory: 100}}, 100},
		{plans.Settings{Limits: plans.Limits{Memory: 100}, Replicas: 3}, 300},
	} {
		if got := reserved(c.limits); got != c.want {
			t.Errorf("%+v: %d", c.limits, got)
		}
	}
}
