package runner

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"plan/containers"
	"plan/internal/units"
	"plan/runner/journal"
	"plan/runner/search"
)

const head = `
service "api" {
  image  = "api:latest"
  expose = ["8000"]
  ready {
    path   = "/health"
    within = "60s"
  }
}

scenario "predict" {
  think_time = "1s"
  request "predict" {
    method = "POST"
    path   = "/predict"
    json   = { inputs = [1] }
  }
}
`

func searchPlan(strategy string) string {
	return head + fmt.Sprintf(`
search "memory" {
  service  = service.api
  strategy = %q
  vary "memory" {
    from = "500M"
    to   = "4G"
    step = "100M"
  }
  load {
    scenario = scenario.predict
    users    = 1
    runtime  = "30s"
  }
}
`, strategy)
}

const rampPlan = `
ramp "users" {
  service = service.api
  set {
    memory = search.memory.found.memory
  }
  users = [10, 100, 1000]
  load {
    scenario   = scenario.predict
    spawn_rate = "1000/s"
    runtime    = "20s"
  }
  threshold {
    p95 = "500ms"
  }
}

output "memory" {
  value = search.memory.found.memory
}
`

// in runs a plan in a bubble of its own time.
func in(t *testing.T, plan string, service fakeService, change func(*bench), check func(*testing.T, *bench, journal.Run)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		b := newBench(t, plan, service)
		if change != nil {
			change(b)
		}
		record := b.runner.Run(context.Background())
		if b.runtime.started != b.runtime.removed {
			t.Errorf("%d containers started, %d removed", b.runtime.started, b.runtime.removed)
		}
		if b.runtime.cleaned != 1 {
			t.Errorf("cleaned %d times", b.runtime.cleaned)
		}
		var text bytes.Buffer
		for _, line := range b.journal.lines {
			if err := json.NewEncoder(&text).Encode(line); err != nil {
				t.Fatal(err)
			}
		}
		answersHold(t, text.Bytes())
		check(t, b, record)
	})
}

func TestEveryStrategyFindsTheLeast(t *testing.T) {
	services := map[string]fakeService{
		"at start":      {start: 1243 * units.MiB},
		"first request": {start: 300 * units.MiB, first: 1243 * units.MiB},
		"under load":    {start: 300 * units.MiB, load: 1243 * units.MiB},
		"worker":        {start: 1243 * units.MiB, worker: true},
	}
	for name, service := range services {
		for _, strategy := range search.Strategies() {
			t.Run(name+"/"+strategy.Name, func(t *testing.T) {
				in(t, searchPlan(strategy.Name), service, nil, func(t *testing.T, _ *bench, r journal.Run) {
					s := r.Stages[0]
					if r.Run.ExitCode != ExitMet || s.Found == nil || *s.Found.Memory != int64(1300*units.MiB) {
						t.Fatalf("exit %d, verdict %s (%s), found %v", r.Run.ExitCode, s.Verdict, s.Reason, s.Found)
					}
					if *s.Recommended.Memory != int64(1500*units.MiB) {
						t.Errorf("recommended %d", *s.Recommended.Memory)
					}
					certified(t, s, 1300*units.MiB, 1200*units.MiB)
				})
			})
		}
	}
}

// certified checks that an answer's proof are the trials that it should be.
func certified(t *testing.T, s journal.Stage, passed, failed units.Bytes) {
	t.Helper()
	for _, trial := range s.Trials {
		memory := units.Bytes(*trial.Set.Memory)
		if trial.ID == s.Certificate.Passed && (memory != passed || trial.Verdict != journal.Passed || trial.FirstLook) {
			t.Errorf("passed by %s: %s at %s", trial.ID, trial.Verdict, memory)
		}
		if slices.Contains(s.Certificate.Failed, trial.ID) && (memory != failed || trial.Verdict != journal.Failed) {
			t.Errorf("failed by %s: %s at %s", trial.ID, trial.Verdict, memory)
		}
	}
	if len(s.Certificate.Failed) != 1 {
		t.Errorf("certificate: %+v", s.Certificate)
	}
}

// Three trials make a pair; one below it fails at start, and a look at what is
// recommended passes.
func TestTheTrialsOfAnAnchoredSearch(t *testing.T) {
	in(t, searchPlan("anchored"), fakeService{start: 1243 * units.MiB}, nil, func(t *testing.T, _ *bench, r journal.Run) {
		s := r.Stages[0]
		if got, want := way(s), "4G? 1300M+ 1200M- 900M-? 1500M?"; got != want {
			t.Errorf("%s, want %s", got, want)
		}
		if s.Certificate.Recommended != "search.memory/5" || s.NotTried != "" || s.Reason != "" {
			t.Errorf("certificate %+v, not tried %q, reason %q", s.Certificate, s.NotTried, s.Reason)
		}
	})
}

// way writes the trials of a search as "4G?" (passed a first look), "1300M+" and
// "1200M-", "800M-?" of a first look; "!" is a trial that tells nothing.
func way(s journal.Stage) string {
	var texts []string
	for _, t := range s.Trials {
		texts = append(texts, units.Bytes(*t.Set.Memory).String()+signs(t))
	}
	return strings.Join(texts, " ")
}

// signs show how a trial ended: - failed, + passed, ! neither, ? in a first look.
func signs(t journal.Trial) string {
	text := ""
	switch {
	case !t.Verdict.Counts():
		text = "!"
	case t.Verdict == journal.Failed:
		text = "-"
	case !t.FirstLook:
		text = "+"
	}
	if t.FirstLook {
		text += "?"
	}
	return text
}

func TestReasons(t *testing.T) {
	for _, c := range []struct {
		service fakeService
		reason  journal.Reason
		why     string
	}{
		{fakeService{start: 600 * units.MiB}, journal.OOMStart, "out of memory at start (exit 137)"},
		{fakeService{first: 600 * units.MiB}, journal.OOMLoad, "out of memory on the first request (exit 137)"},
		{fakeService{load: 600 * units.MiB}, journal.OOMLoad, "out of memory under load (exit 137)"},
		{fakeService{start: 600 * units.MiB, worker: true}, journal.OOMWorker, "out of memory at start: a process was killed, and the container kept running"},
		{fakeService{never: true}, journal.NotReady, "not ready within 1m: connection refused"},
		{fakeService{status: 500}, journal.Errors, `the first "predict" failed: HTTP 500`},
	} {
		in(t, searchPlan("ladder"), c.service, nil, func(t *testing.T, _ *bench, r journal.Run) {
			got := r.Stages[0].Trials[0]
			if got.Verdict != journal.Failed || *got.Reason != c.reason || got.Why != c.why {
				t.Errorf("%s, %s: %q; want %s: %q", got.Verdict, *got.Reason, got.Why, c.reason, c.why)
			}
		})
	}
}

func TestAServiceThatEndsByItselfIsNotAboutMemory(t *testing.T) {
	for _, strategy := range search.Strategies() {
		in(t, searchPlan(strategy.Name)+rampPlan, fakeService{exits: 1}, nil, func(t *testing.T, _ *bench, r journal.Run) {
			s := r.Stages[0]
			if len(s.Trials) != 2 || !s.LimitIndependent || s.Verdict != journal.Failed || !strings.HasPrefix(s.Reason, "not memory") {
				t.Errorf("%s: %d trials, %s: %s", strategy.Name, len(s.Trials), s.Verdict, s.Reason)
			}
			if r.Stages[1].Verdict != journal.Skipped || r.Run.ExitCode != ExitNotMet || r.Outputs["memory"] != nil {
				t.Errorf("ramp %s, exit %d, outputs %v", r.Stages[1].Verdict, r.Run.ExitCode, r.Outputs)
			}
		})
	}
}

func TestAKillFromOutsideIsRepeatedOnce(t *testing.T) {
	once := fakeService{killed: 1}
	in(t, searchPlan("ladder"), once, nil, func(t *testing.T, _ *bench, r journal.Run) {
		trials := r.Stages[0].Trials
		if trials[0].Verdict != journal.Inconclusive || trials[1].Verdict != journal.Passed || trials[1].Repeats != trials[0].ID {
			t.Errorf("%s, then %s repeating %q", trials[0].Verdict, trials[1].Verdict, trials[1].Repeats)
		}
		if r.Stages[0].Certificate.Passed != trials[1].ID {
			t.Errorf("certificate %+v", r.Stages[0].Certificate)
		}
	})
	in(t, searchPlan("ladder"), fakeService{killed: 2}, nil, func(t *testing.T, _ *bench, r journal.Run) {
		if s := r.Stages[0]; s.Verdict != journal.Inconclusive || r.Run.ExitCode != ExitInconclusive || len(s.Trials) != 2 {
			t.Errorf("%s after %d trials, exit %d", s.Verdict, len(s.Trials), r.Run.ExitCode)
		}
	})
}

func TestRampStopsAtTheFirstStepThatFails(t *testing.T) {
	service := fakeService{start: 1243 * units.MiB, p95: func(users int) float64 { return float64(users) / 150 }}
	in(t, searchPlan("anchored")+rampPlan, service, nil, func(t *testing.T, _ *bench, r journal.Run) {
		s := r.Stages[1]
		if s.Held == nil || *s.Held != 10 || len(s.Trials) != 2 || s.Verdict != journal.Passed {
			t.Fatalf("held %v after %d trials: %s", s.Held, len(s.Trials), s.Verdict)
		}
		if got := s.Trials[1]; *got.Reason != journal.Latency || got.Why != "p95 667ms over 500ms" {
			t.Errorf("%s: %s", *got.Reason, got.Why)
		}
		if *s.Trials[0].Set.Memory != int64(1300*units.MiB) {
			t.Errorf("ramp ran at %d bytes", *s.Trials[0].Set.Memory)
		}
		if want := (&journal.Certificate{Passed: "ramp.users/1", Failed: []string{"ramp.users/2"}}); !cmp.Equal(s.Certificate, want) {
			t.Error(cmp.Diff(want, s.Certificate))
		}
		if r.Outputs["memory"] != "1300M" {
			t.Errorf("outputs %v", r.Outputs)
		}
	})
}

func TestInterruptedTrialIsStoppedAndTheRestReported(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBench(t, searchPlan("anchored"), fakeService{start: 1243 * units.MiB})
		ctx, cancel := context.WithTimeout(context.Background(), 40*time.Second)
		defer cancel()
		r := b.runner.Run(ctx)
		trials := r.Stages[0].Trials
		last := trials[len(trials)-1]
		if r.Run.ExitCode != ExitInterrupted || last.Verdict != journal.Aborted || *last.Reason != journal.User || len(trials) != 2 {
			t.Errorf("exit %d, last of %d: %s", r.Run.ExitCode, len(trials), last.Verdict)
		}
		if b.runtime.removed != 2 || b.runtime.cleaned != 1 || b.agent.closed != 1 || r.Run.Problem != "" {
			t.Errorf("removed %d, cleaned %d, agent closed %d, problem %q", b.runtime.removed, b.runtime.cleaned, b.agent.closed, r.Run.Problem)
		}
	})
}

func TestLostEngineAbortsTheTrial(t *testing.T) {
	gone := func(b *bench) {
		go func() {
			time.Sleep(10 * time.Second)
			b.runtime.noState.Store(&containers.Error{Kind: containers.EngineGone, Summary: "the engine is gone"})
			b.runtime.instances("")[0].events <- containers.Event{Kind: containers.Lost, Detail: "connection refused"}
		}()
	}
	in(t, searchPlan("anchored"), fakeService{}, gone, func(t *testing.T, b *bench, r journal.Run) {
		last := r.Stages[0].Trials[0]
		if r.Run.ExitCode != ExitEnvironment || last.Verdict != journal.Aborted || *last.Reason != journal.EngineLost {
			t.Errorf("exit %d, %s: %v", r.Run.ExitCode, last.Verdict, *last.Reason)
		}
		if r.Run.Problem != "the engine is gone" {
			t.Errorf("problem %q", r.Run.Problem)
		}
	})
}

func TestGuardStopsATrialAndARun(t *testing.T) {
	drained := func(b *bench) {
		go func() {
			time.Sleep(10 * time.Second)
			b.free.Store(int64(units.GiB))
		}()
	}
	in(t, searchPlan("anchored"), fakeService{}, drained, func(t *testing.T, _ *bench, r journal.Run) {
		last := r.Stages[0].Trials[0]
		if r.Run.ExitCode != ExitGuard || last.Verdict != journal.Aborted || *last.Reason != journal.GuardStop {
			t.Errorf("exit %d, %s: %s", r.Run.ExitCode, last.Verdict, last.Why)
		}
	})
	in(t, searchPlan("ladder")+"guard {\n  runtime = \"20s\"\n}\n", fakeService{start: 3 * units.GiB}, nil, func(t *testing.T, _ *bench, r journal.Run) {
		if r.Run.ExitCode != ExitGuard || r.Run.Problem != "stopped by the guard: the run took longer than 20s" {
			t.Errorf("exit %d: %s", r.Run.ExitCode, r.Run.Problem)
		}
	})
}

func TestSearchTriesOnlyWhatTheHostCanSpare(t *testing.T) {
	small := func(b *bench) { b.free.Store(int64(4 * units.GiB)) }
	in(t, searchPlan("anchored"), fakeService{start: 1243 * units.MiB}, small, func(t *testing.T, _ *bench, r journal.Run) {
		if first := units.Bytes(*r.Stages[0].Trials[0].Set.Memory); first >= 2*units.GiB || *r.Stages[0].Found.Memory != int64(1300*units.MiB) {
			t.Errorf("first trial at %s, found %v", first, r.Stages[0].Found)
		}
	})
	in(t, searchPlan("anchored"), fakeService{start: 1900 * units.MiB}, func(b *bench) {
		b.free.Store(int64(24*units.GiB/10 + agentMemory + userMemory + 2000*units.MiB))
	}, func(t *testing.T, _ *bench, r journal.Run) {
		if s := r.Stages[0]; *s.Found.Memory != int64(1900*units.MiB) || *s.Recommended.Memory != int64(2200*units.MiB) {
			t.Errorf("found %v, recommended %v", *s.Found.Memory, *s.Recommended.Memory)
		}
	})
	in(t, searchPlan("anchored"), fakeService{start: 3 * units.GiB}, small, func(t *testing.T, _ *bench, r journal.Run) {
		if s := r.Stages[0]; s.Verdict != journal.Aborted || r.Run.ExitCode != ExitGuard || !strings.Contains(s.Reason, "the guard keeps") {
			t.Errorf("%s, exit %d: %s", s.Verdict, r.Run.ExitCode, s.Reason)
		}
	})
}

// drained is a host that has too little memory left from the tenth second to the
// twelfth.
func drained(b *bench) {
	go func() {
		time.Sleep(10 * time.Second)
		b.free.Store(int64(units.GiB))
		time.Sleep(2 * time.Second)
		b.free.Store(int64(20 * units.GiB))
	}()
}

func TestSearchGoesOnBelowWhatTheGuardStopped(t *testing.T) {
	in(t, searchPlan("anchored"), fakeService{start: 1243 * units.MiB}, drained, func(t *testing.T, _ *bench, r journal.Run) {
		s := r.Stages[0]
		if first := s.Trials[0]; first.Verdict != journal.Aborted || *first.Reason != journal.GuardStop {
			t.Fatalf("the first trial: %s", first.Verdict)
		}
		if s.Verdict != journal.Passed || *s.Found.Memory != int64(1300*units.MiB) || *s.Trials[1].Set.Memory != int64(4000*units.MiB) {
			t.Errorf("%s, found %v, second trial at %d", s.Verdict, s.Found, *s.Trials[1].Set.Memory)
		}
		certified(t, s, 1300*units.MiB, 1200*units.MiB)
	})
}

func TestALookThatFailsUnderLoadDoesNotDecide(t *testing.T) {
	plan := strings.Replace(searchPlan("anchored"), "    runtime  = \"30s\"\n  }\n", "    runtime  = \"30s\"\n  }\n  threshold {\n    p95 = \"500ms\"\n  }\n", 1)
	looks := 0
	slow := fakeService{start: 1243 * units.MiB, p95: func(int) float64 {
		looks++
		return map[bool]float64{true: 2, false: 0.1}[looks == 1]
	}}
	in(t, plan, slow, nil, func(t *testing.T, _ *bench, r journal.Run) {
		s := r.Stages[0]
		if !s.Trials[0].FirstLook || s.Trials[0].Verdict != journal.Failed || s.Trials[1].FirstLook || *s.Trials[1].Set.Memory != *s.Trials[0].Set.Memory {
			t.Fatalf("%s, then first look %v at %d", s.Trials[0].Verdict, s.Trials[1].FirstLook, *s.Trials[1].Set.Memory)
		}
		if s.Found == nil || *s.Found.Memory != int64(1300*units.MiB) || s.Reason != "" {
			t.Errorf("found %v: %s", s.Found, s.Reason)
		}
	})
}

func TestWhatCannotStartEndsTheRun(t *testing.T) {
	broken := func(b *bench) {
		b.runtime.startErr = &containers.Error{Kind: containers.CannotStart, Summary: "no such command", Help: "correct it"}
	}
	in(t, searchPlan("anchored")+rampPlan, fakeService{}, broken, func(t *testing.T, _ *bench, r journal.Run) {
		if r.Run.ExitCode != ExitEnvironment || r.Run.Problem != "no such command" || r.Run.Help != "correct it" || len(r.Stages) != 1 {
			t.Errorf("exit %d: %s (%s), %d stages", r.Run.ExitCode, r.Run.Problem, r.Run.Help, len(r.Stages))
		}
	})
}

func TestGPUsThatTheEngineLacksEndTheRunBeforeTheFirstTrial(t *testing.T) {
	plan := strings.Replace(searchPlan("anchored"), "  expose ", "  gpus = 2\n  expose ", 1)
	in(t, plan, fakeService{}, func(b *bench) { b.runtime.gpus = 1 }, func(t *testing.T, b *bench, r journal.Run) {
		if want := "service.api: the engine has no runtime for GPUs"; r.Run.ExitCode != ExitEnvironment || r.Run.Problem != want || b.runtime.started != 0 {
			t.Errorf("exit %d: %s, after %d containers", r.Run.ExitCode, r.Run.Problem, b.runtime.started)
		}
	})
	in(t, plan, fakeService{}, func(b *bench) { b.runtime.gpus = 2 }, func(t *testing.T, b *bench, r journal.Run) {
		if r.Run.Problem != "" || b.runtime.started == 0 {
			t.Errorf("%s, after %d containers", r.Run.Problem, b.runtime.started)
		}
	})
}

func TestAFullDiskEndsTheRunAndSaysSo(t *testing.T) {
	full := func(b *bench) { b.journal.fail = 3 }
	in(t, searchPlan("anchored"), fakeService{}, full, func(t *testing.T, b *bench, r journal.Run) {
		if r.Run.ExitCode != ExitEnvironment || r.Run.Problem != "no space left on device" || len(b.journal.lines) != 3 {
			t.Errorf("exit %d: %s after %d lines", r.Run.ExitCode, r.Run.Problem, len(b.journal.lines))
		}
	})
}

func TestLogLineMakesReady(t *testing.T) {
	plan := strings.Replace(searchPlan("ladder"), `path   = "/health"`, `log    = "ready to serve"`, 1)
	long := func(b *bench) { b.runtime.log = strings.Repeat("a whole configuration ", 10_000) + "\n" }
	in(t, plan, fakeService{}, long, func(t *testing.T, _ *bench, r journal.Run) {
		if r.Stages[0].Verdict != journal.Passed || !r.Stages[0].AtMost {
			t.Errorf("%s: %s", r.Stages[0].Verdict, r.Stages[0].Reason)
		}
	})
}

func TestWhatCannotBeRemovedEndsTheRun(t *testing.T) {
	stays := func(b *bench) { b.runtime.stays = &containers.Error{Kind: containers.Other, Summary: "it stays"} }
	for _, plan := range []string{searchPlan("anchored"), strings.Replace(head+rampPlan, "search.memory.found.memory", `"1G"`, 2)} {
		in(t, plan, fakeService{}, stays, func(t *testing.T, _ *bench, r journal.Run) {
			s := r.Stages[0]
			if s.Verdict != journal.Aborted || s.Trials[0].Verdict != journal.Passed || r.Run.ExitCode != ExitEnvironment || r.Run.Problem != "it stays" {
				t.Errorf("%s, exit %d: %s", s.Verdict, r.Run.ExitCode, r.Run.Problem)
			}
		})
	}
}

func TestAnInterruptionAfterATrialLeavesItsVerdict(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBench(t, searchPlan("anchored"), fakeService{})
		ctx, cancel := context.WithCancel(context.Background())
		b.runtime.asked = cancel
		r := b.runner.Run(ctx)
		if got := r.Stages[0].Trials[0]; got.Verdict != journal.Passed || r.Run.ExitCode != ExitInterrupted {
			t.Errorf("%s: %s, exit %d", got.Verdict, got.Why, r.Run.ExitCode)
		}
	})
}

func TestAnEngineThatDoesNotAnswerIsNamed(t *testing.T) {
	what, help := describe(fmt.Errorf("inspect: %w", context.DeadlineExceeded))
	if what != "the engine did not answer within 30s" || help == "" {
		t.Errorf("%q (%q)", what, help)
	}
}

// Where the engine is stands in the journal before the first trial: a run that is killed
// writes no end.
func TestAJournalWithoutAnEndKnowsWhereTheEngineIs(t *testing.T) {
	in(t, searchPlan("ladder"), fakeService{}, nil, func(t *testing.T, b *bench, _ journal.Run) {
		var cut journal.Run
		for _, line := range b.journal.lines {
			if line.Trial != nil {
				break
			}
			journal.Apply(&cut, line)
		}
		if !cut.Run.Host.Local {
			t.Errorf("the engine of %+v is not local", cut.Run)
		}
	})
}
