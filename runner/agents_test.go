package runner

import (
	"context"
	"io"
	"slices"
	"strings"
	"testing"
	"testing/synctest"

	"plan/internal/units"
	"plan/runner/journal"
	"plan/runner/lasting"
)

// dividedPlan has one load for two agents, and one for three.
var dividedPlan = func() string {
	first := strings.Replace(slowPlan, "users    = 10", "users    = 10\n    agents   = 2", 1)
	first = strings.Replace(first, "  threshold {\n    p95 = \"500ms\"\n  }\n", "", 1)
	_, check, _ := strings.Cut(first, `check "users"`)
	return first + "check \"more\"" + strings.Replace(check, "agents   = 2", "agents   = 3", 1)
}()

// runDivided runs the plan with an agent for each call of Dial, and returns how many were started.
func runDivided(t *testing.T, change func(*bench)) (b *bench, r journal.Run, agents []*fakeAgent) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		b = newBench(t, dividedPlan, fakeService{start: 100 * units.MiB})
		b.runner.Dial = func(context.Context, io.ReadWriteCloser) (lasting.Client, error) {
			agents = append(agents, &fakeAgent{runtime: b.runtime})
			return agents[len(agents)-1], nil
		}
		change(b)
		r = b.runner.Run(t.Context())
	})
	return b, r, agents
}

// TestALoadIsDividedOverItsAgents: each stage has its number of agents, which are started once and closed with the run.
func TestALoadIsDividedOverItsAgents(t *testing.T) {
	b, r, agents := runDivided(t, func(*bench) {})
	for _, stage := range r.Stages {
		if stage.Verdict != journal.Passed {
			t.Fatalf("%s: %s, %s", stage.Address, stage.Verdict, stage.Reason)
		}
	}
	var shares []int // 10 * of how many, and which
	for _, l := range b.runtime.shares {
		shares = append(shares, 10*l.Agents+l.Agent)
		if l.Users != 10 {
			t.Errorf("a share of %d users", l.Users)
		}
	}
	if slices.Sort(shares); !slices.Equal(shares, []int{20, 21, 30, 31, 32}) {
		t.Errorf("shares %v", shares)
	}
	if len(agents) != 3 {
		t.Errorf("%d agents were started", len(agents))
	}
	for i, a := range agents {
		if a.closed == 0 {
			t.Errorf("agent %d was not closed", i+1)
		}
	}
	for _, stage := range r.Stages { // 20 s of 10 users, whoever sends them
		if n := stage.Trials[0].Load.Requests; n != 200 {
			t.Errorf("%d requests", n)
		}
	}
}

// TestALostAgentMakesTheTrialInvalid: the trial names it, and the next one has an agent again.
func TestALostAgentMakesTheTrialInvalid(t *testing.T) {
	said := &notes{}
	_, r, agents := runDivided(t, func(b *bench) { b.runtime.loses, b.runner.Observer = 2, said })
	if len(r.Stages) != 2 {
		t.Fatalf("%d stages", len(r.Stages))
	}
	for i, want := range []string{"agent 2 of 2: the agent has ended", "agent 2 of 3: the agent has ended"} {
		trial := r.Stages[i].Trials[0]
		if trial.Verdict != journal.Invalid || *trial.Reason != journal.Generator || !strings.HasPrefix(trial.Why, want) {
			t.Errorf("%s: %s", trial.Verdict, trial.Why)
		}
	}
	if len(agents) != 4 || !slices.Contains(said.texts, "agent 2 had ended, and was started again") {
		t.Errorf("%d agents were started; notes %q", len(agents), said.texts)
	}
}

// TestTheGuardCountsEachAgent: memory that two agents fit into is too little for three.
func TestTheGuardCountsEachAgent(t *testing.T) {
	const each = 32 * units.MiB
	_, r, agents := runDivided(t, func(b *bench) {
		floor := units.Bytes(b.runner.Header.Host.Memory / 10)
		b.free.Store(int64(floor + units.GiB + 10*40*units.KiB + 2*each))
	})
	if first := r.Stages[0]; first.Verdict != journal.Passed {
		t.Errorf("two agents: %s, %s", first.Verdict, first.Reason)
	}
	if last := r.Stages[1]; last.Verdict != journal.Aborted || last.AbortedBy != journal.GuardStop || len(agents) != 2 {
		t.Errorf("three agents: %s, %s; %d were started", last.Verdict, last.Reason, len(agents))
	}
}
