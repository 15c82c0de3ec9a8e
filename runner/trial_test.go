package runner

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"plan/containers"
	"plan/internal/units"
	"plan/plans"
	"plan/runner/journal"
	"plan/runner/judge"
)

// endsWith is a service whose main process ended in a phase; -1: it runs.
func endsWith(phase journal.Phase, code int, witnesses ...containers.Witness) judge.Observation {
	state := containers.State{Running: code < 0, Witnesses: witnesses}
	if code >= 0 {
		state.ExitCode = &code
	}
	return judge.Observation{Phase: phase, Replicas: []judge.Replica{{State: state}}}
}

func TestACommandThatCannotStart(t *testing.T) {
	killed := containers.Witness{Source: "event"}
	for name, c := range map[string]struct {
		observed judge.Observation
		want     bool
	}{
		"not there":                      {endsWith(journal.PhaseStart, 127), true},
		"may not be run":                 {endsWith(journal.PhaseStart, 126), true},
		"the code before":                {endsWith(journal.PhaseStart, 125), false},
		"the code after":                 {endsWith(journal.PhaseStart, 128), false},
		"killed":                         {endsWith(journal.PhaseStart, 137), false},
		"its own fault":                  {endsWith(journal.PhaseStart, 1), false},
		"by its own will":                {endsWith(journal.PhaseStart, 0), false},
		"runs":                           {endsWith(journal.PhaseStart, -1), false},
		"out of memory in a shell":       {endsWith(journal.PhaseStart, 127, killed), false},
		"out of memory in another shell": {endsWith(journal.PhaseStart, 126, killed), false},
		"on the first request":           {endsWith(journal.PhaseFirst, 127), false},
		"under load":                     {endsWith(journal.PhaseLoad, 127), false},
		"after the load":                 {endsWith(journal.PhaseHold, 126), false},
	} {
		err := cannotStartError(plans.Service{Address: "service.api"}, c.observed)
		if (err != nil) != c.want {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if fault, is := errors.AsType[*containers.Error](err); c.want && (!is || fault.Kind != containers.CannotStart || fault.Help == "" ||
			!strings.HasPrefix(fault.Summary, "the command of service.api ended with 12")) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestACommandThatCannotStartEndsTheRun(t *testing.T) {
	for code, want := range map[int]int{127: ExitEnvironment, 126: ExitEnvironment, 125: ExitNotMet} {
		in(t, searchPlan("ladder"), fakeService{exits: code}, nil, func(t *testing.T, _ *bench, r journal.Run) {
			if r.Run.ExitCode != want {
				t.Errorf("%d: exit %d: %s", code, r.Run.ExitCode, r.Run.Problem)
			}
		})
	}
}

// A trial without a load takes the two seconds until the fake service is ready,
// and the time for which it has to live on.
func TestAServiceLivesOnForFiveSecondsBeforeItPasses(t *testing.T) {
	plan := head + "check \"starts\" {\n  service = service.api\n  set {\n    memory = \"1G\"\n  }\n}\n"
	in(t, plan, fakeService{}, nil, func(t *testing.T, _ *bench, r journal.Run) {
		if trial := r.Stages[0].Trials[0]; trial.Verdict != journal.Passed || trial.Seconds.Total != 7 || trial.Phase != journal.PhaseEnd {
			t.Errorf("%s in phase %s after %v s", trial.Verdict, trial.Phase, trial.Seconds.Total)
		}
	})
}

// A worker is killed after one second, and the container lives on.
func TestTheEngineHasAMomentToReportAnEndAfterAKill(t *testing.T) {
	in(t, searchPlan("ladder"), fakeService{start: 600 * units.MiB, worker: true}, nil, func(t *testing.T, _ *bench, r journal.Run) {
		if trial := r.Stages[0].Trials[0]; trial.Seconds.Total != 1.7 {
			t.Errorf("%s after %v s", trial.Why, trial.Seconds.Total)
		}
	})
}

func TestWhyAContextEnded(t *testing.T) {
	own := judge.Stop{Reason: journal.EngineLost, Why: "gone"}
	for name, c := range map[string]struct {
		cause error
		want  judge.Stop
	}{
		"it did not":           {nil, judge.Stop{}},
		"a reason of its own":  {own, own},
		"the service ended":    {judge.Stop{}, judge.Stop{}},
		"an interruption":      {context.Canceled, judge.Stop{Reason: journal.User, Why: "interrupted"}},
		"any other such error": {errors.New("so"), judge.Stop{Reason: journal.User, Why: "interrupted"}},
	} {
		if got := stopOf(endedBy(c.cause)); got != c.want {
			t.Errorf("%s: %+v", name, got)
		}
	}
}

func TestAFinishedTrialHasAReasonUnlessItPassed(t *testing.T) {
	if got := conclude(journal.Trial{}, judge.Verdict{Verdict: journal.Passed, Why: "starts"}); got.Verdict != journal.Passed || got.Reason != nil || got.Why != "starts" {
		t.Errorf("%s, %v: %q", got.Verdict, got.Reason, got.Why)
	}
	got := conclude(journal.Trial{}, judge.Because(journal.Exit, "ended"))
	if got.Verdict != journal.Failed || got.Reason == nil || *got.Reason != journal.Exit || len(got.Failures) != 1 {
		t.Errorf("%s, %v: %q", got.Verdict, got.Reason, got.Failures)
	}
}

// A log that was cut is said of each container, and not of one that was not.
func TestALogThatWasCutIsSaid(t *testing.T) {
	for cut, want := range map[bool][]string{
		true: {"replica 1: its log became longer than 64M: older lines are lost", "replica 2: its log became longer than 64M: older lines are lost"}, false: nil,
	} {
		b := newBench(t, stack, fakeService{})
		b.runtime.logCut = cut
		var run journal.Run
		synctest.Test(t, func(t *testing.T) { run = b.runner.Run(t.Context()) })
		if got := run.Stages[0].Trials[0].Notes; !slices.Equal(got, want) {
			t.Errorf("%q, want %q", got, want)
		}
	}
}

// TestCountersThatAreLateEndNoRun: State waits for them for as long as a platform may, and the container is removed after it.
func TestCountersThatAreLateEndNoRun(t *testing.T) {
	setup := func(b *bench) { b.runtime.late = 45 * time.Second }
	in(t, searchPlan("ladder"), fakeService{start: 100 * units.MiB}, setup, func(t *testing.T, _ *bench, r journal.Run) {
		trial := r.Stages[0].Trials[0]
		if r.Run.ExitCode != ExitMet || trial.Verdict != journal.Passed || !slices.Equal(trial.Notes, []string{"the counters are late"}) {
			t.Errorf("exit %d: %s, %s, notes %q", r.Run.ExitCode, trial.Verdict, trial.Why, trial.Notes)
		}
	})
}

// TestATrialThatWasStoppedAwaitsNoCounters: an interrupt is answered at once.
func TestATrialThatWasStoppedAwaitsNoCounters(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBench(t, searchPlan("ladder"), fakeService{start: 100 * units.MiB})
		b.runtime.late = 45 * time.Second
		ctx, cancel := context.WithTimeout(t.Context(), 5*time.Second)
		defer cancel()
		begun := time.Now()
		if r := b.runner.Run(ctx); r.Run.ExitCode != ExitInterrupted || time.Since(begun) > 6*time.Second {
			t.Errorf("exit %d after %s", r.Run.ExitCode, time.Since(begun))
		}
	})
}

// TestATrialThatLostItsAgentAwaitsNoCounters: it is aborted, whatever they show.
func TestATrialThatLostItsAgentAwaitsNoCounters(t *testing.T) {
	setup := func(b *bench) { b.runtime.late, b.runtime.loses = 45*time.Second, 1 }
	in(t, loadedCheck(""), fakeService{}, setup, func(t *testing.T, _ *bench, r journal.Run) {
		trial := r.Stages[0].Trials[0]
		if r.Run.ExitCode != ExitEnvironment || trial.Verdict != journal.Aborted || *trial.Reason != journal.EngineLost || trial.Seconds.Total > 10 {
			t.Errorf("exit %d: %s, %s after %v s", r.Run.ExitCode, trial.Verdict, trial.Why, trial.Seconds.Total)
		}
	})
}

// A feed that is used up at a later replica than the first is an error of the plan.
func TestAFeedThatTheFirstRequestsOfReplicasUseUp(t *testing.T) {
	for rows, summary := range map[int]string{1: "it has 1 rows, and sends each once", 2: "it has 2 rows, and sends each once", 3: ""} {
		file := filepath.Join(t.TempDir(), "items.csv")
		if err := os.WriteFile(file, []byte("id\n"+strings.Repeat("7\n", rows)), 0o644); err != nil {
			t.Fatal(err)
		}
		plan := fmt.Sprintf(`
service "api" {
  image  = "api"
  expose = ["8000"]
  limits {
    memory = "1G"
  }
}
scenario "s" {
  feed "items" {
    file  = %q
    order = "once"
  }
  request "item" { path = "/items/${feed.items.id}" }
}
check "x" {
  service = service.api
  set { replicas = 2 }
  load {
    scenario = scenario.s
    users    = 1
    runtime  = "20s"
  }
}
`, file)
		in(t, plan, fakeService{}, nil, func(t *testing.T, _ *bench, r journal.Run) {
			if r.Run.ExitCode == ExitEnvironment != (summary != "") || !strings.Contains(r.Run.Problem, summary) {
				t.Errorf("%d rows: exit %d: %s", rows, r.Run.ExitCode, r.Run.Problem)
			}
		})
	}
}
