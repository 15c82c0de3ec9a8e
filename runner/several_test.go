package runner

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"plan/containers"
	"plan/internal/units"
	"plan/runner/journal"
	"plan/runner/search"
)

// severalPlan searches memory and CPUs, with more blocks and attributes.
func severalPlan(more string) string {
	return head + fmt.Sprintf(`
search "resources" {
  service = service.api
  vary "memory" {
    from = "500M"
    to   = "2G"
    step = "100M"
  }
  vary "cpus" {
    from = 0.25
    to   = 2
    step = 0.25
  }
  load {
    scenario = scenario.predict
    users    = 10
    runtime  = "30s"
  }
  threshold {
    p95 = "500ms"
  }
  %s
}

output "memory" {
  value = search.resources.found.memory
}

output "cpus" {
  value = search.resources.found.cpus
}
`, more)
}

const cheap = "price {\n    cpus   = 0.04\n    memory = 0.005\n  }"

// It needs 900M and 0.75 CPU, and uses all of that.
var twoNeeds = fakeService{start: 900 * units.MiB, slow: 750, cpus: 0.6}

// cells writes the trials of a search as way does, with all that was varied.
func cells(s journal.Stage) string {
	var texts []string
	for _, t := range s.Trials {
		texts = append(texts, strings.ReplaceAll(t.Set.Text(), " CPU", "")+signs(t))
	}
	return strings.Join(texts, ", ")
}

func TestTheCheapestOfMemoryAndCPUs(t *testing.T) {
	in(t, severalPlan(cheap), twoNeeds, nil, func(t *testing.T, _ *bench, r journal.Run) {
		s := r.Stages[0]
		want := "1 × 2 × 2G?, 1 × 0.75 × 1000M+, 1 × 2 × 900M-, 1 × 0.5 × 2G-"
		if got := cells(s); !strings.HasPrefix(got, "1 × 2 × 2G?") || r.Run.ExitCode != ExitMet || s.Found == nil {
			t.Fatalf("%s, want %s; exit %d, %s: %s", got, want, r.Run.ExitCode, s.Verdict, s.Reason)
		}
		t.Log(cells(s), s.Certificate)
		if *s.Found.Memory != int64(900*units.MiB) || *s.Found.CPUs != 0.75 || s.Found.Replicas != nil {
			t.Errorf("found %+v", *s.Found)
		}
		proves(t, s)
		if r.Outputs["memory"] != "900M" || r.Outputs["cpus"] != 0.75 {
			t.Errorf("outputs: %v", r.Outputs)
		}
		for _, trial := range s.Trials {
			if trial.Chosen == "" {
				t.Errorf("%s does not say why it was made", trial.ID)
			}
		}
	})
}

// proves checks the proof of a search with a price by itself: the trial that passed,
// and a failure at or above every combination of the grid that costs less.
func proves(t *testing.T, s journal.Stage) {
	t.Helper()
	passed := s.Trials[s.Find(s.Certificate.Passed)]
	if passed.Verdict != journal.Passed || passed.FirstLook {
		t.Errorf("%s proves nothing", passed.ID)
	}
	cost := func(memory int64, cpus float64) float64 {
		return s.Price.Memory*float64(memory)/float64(units.GiB) + s.Price.CPUs*cpus
	}
	for _, a := range s.Axes[0].Values {
		for _, b := range s.Axes[1].Values {
			memory, cpus := a.(float64), b.(float64)
			covered := false
			for _, id := range s.Certificate.Failed {
				failed := s.Trials[s.Find(id)]
				covered = covered || failed.Verdict == journal.Failed && *failed.Set.Memory >= int64(memory) && *failed.Set.CPUs >= cpus
			}
			if cost(int64(memory), cpus) < cost(*passed.Set.Memory, *passed.Set.CPUs) && !covered {
				t.Errorf("%v bytes and %v CPUs cost less, and no failure covers them", memory, cpus)
			}
		}
	}
}

func TestEveryStrategyOfSeveralFindsTheCheapest(t *testing.T) {
	for _, strategy := range search.OfSeveral() {
		plan := strings.Replace(severalPlan(fmt.Sprintf("strategy = %q\n%s", strategy.Name, cheap)), `step = "100M"`, `step = "300M"`, 1)
		in(t, plan, twoNeeds, nil, func(t *testing.T, _ *bench, r journal.Run) {
			s := r.Stages[0]
			if r.Run.ExitCode != ExitMet || *s.Found.Memory != int64(1100*units.MiB) || *s.Found.CPUs != 0.75 {
				t.Errorf("%s: exit %d, %s: %s", strategy.Name, r.Run.ExitCode, cells(s), s.Reason)
			}
			proves(t, s)
		})
	}
}

func TestABudgetThatIsUsedUp(t *testing.T) {
	for budget, reason := range map[string]string{
		"trials = 3":   "the budget of 3 trials is used up",
		`time = "40s"`: "the budget of 40s is used up",
	} {
		in(t, severalPlan(cheap+"\n  budget { "+budget+" }"), twoNeeds, nil, func(t *testing.T, _ *bench, r journal.Run) {
			s := r.Stages[0]
			if r.Run.ExitCode != ExitGuard || s.Verdict != journal.Aborted || s.AbortedBy != journal.BudgetUsed || s.Reason != reason {
				t.Errorf("%s: exit %d, %s by %s: %s after %s", budget, r.Run.ExitCode, s.Verdict, s.AbortedBy, s.Reason, cells(s))
			}
			if s.Found == nil || s.Undecided == 0 || s.Certificate == nil {
				t.Errorf("%s: the best so far is missing: %+v", budget, s.Found)
			}
		})
	}
}

func TestADemandOnWhatASearchFinds(t *testing.T) {
	for demand, verdict := range map[string]journal.Verdict{`memory = "900M"`: journal.Passed, `memory = "800M"`: journal.Failed, "cpus = 0.5": journal.Failed} {
		in(t, severalPlan(cheap+"\n  at_most { "+demand+" }"), twoNeeds, nil, func(t *testing.T, _ *bench, r journal.Run) {
			if s := r.Stages[0]; s.Verdict != verdict || s.Found == nil {
				t.Errorf("%s: %s: %s", demand, s.Verdict, s.Reason)
			}
		})
	}
}

// With two replicas each needs half of the CPU, and the host cannot hold four of 2G.
func TestReplicasAreVariedToo(t *testing.T) {
	replicas := "vary \"replicas\" {\n    from = 1\n    to   = 4\n  }\n"
	small := func(b *bench) { b.free.Store(int64(24*units.GiB/10 + agentMemory + 10*userMemory + 5*units.GiB)) }
	in(t, severalPlan(replicas+"prefer = \"memory\""), fakeService{start: 900 * units.MiB, slow: 3000, cpus: 0.6}, small, func(t *testing.T, _ *bench, r journal.Run) {
		s := r.Stages[0]
		if s.Found == nil || *s.Found.Memory != int64(900*units.MiB) || *s.Found.Replicas != 2 || *s.Found.CPUs != 1.5 {
			t.Errorf("%s: found %+v: %s after %s", s.Verdict, s.Found, s.Reason, cells(s))
		}
	})
}

// Where the host cannot hold a combination that is preferred to the answer, the guard ended
// the search before it was proven.
func TestACombinationThatTheHostCannotHold(t *testing.T) {
	replicas := "vary \"replicas\" {\n    from = 1\n    to   = 4\n  }\n"
	small := func(b *bench) { b.free.Store(int64(24*units.GiB/10 + agentMemory + 10*userMemory + 1900*units.MiB)) }
	in(t, severalPlan(replicas+"prefer = \"cpus\""), fakeService{start: 900 * units.MiB, slow: 3000, cpus: 0.6}, small, func(t *testing.T, _ *bench, r journal.Run) {
		s := r.Stages[0]
		if s.Found == nil || *s.Found.Memory != int64(900*units.MiB) || s.Undecided == 0 || s.Certificate == nil {
			t.Errorf("found %+v, %d undecided after %s", s.Found, s.Undecided, cells(s))
		}
		if r.Run.ExitCode != ExitGuard || s.Verdict != journal.Aborted || s.AbortedBy != journal.GuardStop || !strings.Contains(s.Reason, "no higher value was tried") {
			t.Errorf("exit %d, %s by %s: %s", r.Run.ExitCode, s.Verdict, s.AbortedBy, s.Reason)
		}
		if !strings.Contains(fmt.Sprint(r.Outputs["memory"]), "900M") {
			t.Errorf("outputs %v", r.Outputs)
		}
	})
}

// settingPlan searches memory and the number of workers.
const settingPlan = head + `
search "workers" {
  service = service.api
  prefer  = "memory"
  vary "memory" {
    from = "500M"
    to   = "2G"
    step = "100M"
  }
  vary "workers" {
    values = [1, 2, 4]
  }
  set {
    environment = {
      WORKERS = vary.workers
      HEAP    = "${floor(vary.memory_bytes * 0.5)}"
    }
    command = ["serve", "${vary.workers}"]
  }
  load {
    scenario = scenario.predict
    users    = 10
    runtime  = "30s"
  }
  threshold {
    p95 = "500ms"
  }
}

output "workers" {
  value = search.workers.found.workers
}
`

// workers makes the need of a service follow from the number of workers that it is
// started with.
func workers(b *bench) {
	b.runtime.adapts = func(spec containers.Spec, s *fakeService) {
		n, _ := strconv.Atoi(spec.Environment["WORKERS"])
		if spec.Environment["HEAP"] != fmt.Sprint(int64(spec.Limits.Memory)/2) || !slices.Equal(spec.Command, []string{"serve", fmt.Sprint(n)}) {
			panic(fmt.Sprintf("%v of %+v at %s", spec.Command, spec.Environment, spec.Limits.Memory))
		}
		s.start = units.Bytes(300*n+200) * units.MiB
		if n == 1 { // it is slow below
			s.start = 1100 * units.MiB
		}
	}
}

// Of the workers that it is started with two fit in the least memory.
func TestASettingIsPassedToTheService(t *testing.T) {
	in(t, settingPlan, fakeService{}, workers, func(t *testing.T, _ *bench, r journal.Run) {
		s := r.Stages[0]
		if s.Found == nil || *s.Found.Memory != int64(800*units.MiB) || s.Found.Vary["workers"] != 2.0 || r.Outputs["workers"] != 2.0 {
			t.Errorf("%s: found %+v: %s after %s; %v", s.Verdict, s.Found, s.Reason, cells(s), r.Outputs)
		}
		if !slices.Equal(s.Points, []string{s.Certificate.Passed}) {
			t.Errorf("what passed with other settings has less of nothing: %q after %s", s.Points, cells(s))
		}
	})
}

// Without a load, one of each request is asked: a model that is loaded on the first
// prediction counts.
func TestASearchForTheLeastThatAnswers(t *testing.T) {
	plan := head + `
search "memory" {
  service  = service.api
  scenario = scenario.predict
  vary "memory" {
    from = "500M"
    to   = "2G"
    step = "100M"
  }
}
`
	in(t, plan, fakeService{start: 700 * units.MiB, first: 1050 * units.MiB}, nil, func(t *testing.T, b *bench, r journal.Run) {
		s := r.Stages[0]
		if s.Found == nil || *s.Found.Memory != int64(1100*units.MiB) || !s.HasScenario || s.HasLoad || r.Run.ExitCode != ExitMet {
			t.Errorf("%s: found %+v after %s", s.Verdict, s.Found, cells(s))
		}
		certified(t, s, 1100*units.MiB, 1000*units.MiB)
		for _, trial := range s.Trials {
			if trial.Load != nil || trial.Users != nil {
				t.Errorf("%s has a load", trial.ID)
			}
		}
		if len(b.agent.again) == 0 {
			t.Error("it was not asked again before its end")
		}
	})
}

// A budget leaves a search of one dimension with the lowest that passed.
func TestABudgetOfOneDimension(t *testing.T) {
	plan := strings.Replace(searchPlan("bisect"), "  load {", "  budget { trials = 2 }\n  load {", 1)
	in(t, plan, fakeService{start: 1243 * units.MiB}, nil, func(t *testing.T, _ *bench, r journal.Run) {
		s := r.Stages[0]
		if s.AbortedBy != journal.BudgetUsed || s.Found == nil || *s.Found.Memory != *s.Trials[1].Set.Memory || s.Undecided != 8 {
			t.Errorf("%s by %s: found %+v, %d undecided after %s", s.Verdict, s.AbortedBy, s.Found, s.Undecided, cells(s))
		}
	})
}

// The guard's runtime ends a search as a budget does: with the best so far.
func TestTheGuardsRuntimeLeavesTheBestSoFar(t *testing.T) {
	one, need := searchPlan("bisect"), fakeService{start: 900 * units.MiB}
	for name, c := range map[string]struct {
		plan, runtime string
		service       fakeService
		found         bool
	}{
		"several dimensions":                    {severalPlan(cheap), "150s", twoNeeds, true},
		"one dimension":                         {one, "100s", need, true},
		"one dimension, before anything passed": {one, "20s", need, false},
	} {
		t.Run(name, func(t *testing.T) {
			in(t, c.plan+"guard {\n  runtime = \""+c.runtime+"\"\n}\n", c.service, nil, func(t *testing.T, _ *bench, r journal.Run) {
				s := r.Stages[0]
				if r.Run.ExitCode != ExitGuard || s.Verdict != journal.Aborted || s.AbortedBy != journal.GuardStop ||
					(s.Found != nil) != c.found || (s.Undecided > 0) != c.found {
					t.Errorf("exit %d, %s by %s: found %+v, %d undecided after %s", r.Run.ExitCode, s.Verdict, s.AbortedBy, s.Found, s.Undecided, way(s))
				}
			})
		})
	}
}

// A service gets more CPU until it is ready, and then its limit.
func TestMoreCPUUntilItIsReady(t *testing.T) {
	plan := strings.Replace(severalPlan(cheap), "ready {", "limits {\n    start_cpus = 2\n  }\n  ready {", 1)
	var started []units.CPUs
	watched := func(b *bench) {
		b.runtime.adapts = func(spec containers.Spec, _ *fakeService) { started = append(started, spec.Limits.CPUs) }
	}
	in(t, plan, twoNeeds, watched, func(t *testing.T, _ *bench, r journal.Run) {
		s := r.Stages[0]
		if s.Found == nil || *s.Found.CPUs != 0.75 || r.Run.ExitCode != ExitMet {
			t.Errorf("%s: found %+v: %s after %s", s.Verdict, s.Found, s.Reason, cells(s))
		}
		for _, cpus := range started {
			if cpus != 2000 {
				t.Errorf("started with %s", cpus)
			}
		}
		for _, trial := range s.Trials { // read back at its end
			if ready := trial.Seconds.Ready != nil; ready && trial.Instances[0].Limits.CPUs.Float() != *trial.Set.CPUs {
				t.Errorf("%s: %v CPUs, and not %v", trial.ID, trial.Instances[0].Limits.CPUs, *trial.Set.CPUs)
			}
		}
	})
}

// A service that ends after it was given its limit, and before all of it is ready, was
// not interfered with.
func TestAnEndBetweenItsLimitAndReadiness(t *testing.T) {
	plan := strings.NewReplacer("ready {", "limits {\n    start_cpus = 4\n  }\n  ready {", `path   = "/health"`, "").Replace(severalPlan(cheap))
	both := strings.Replace(plan, "  service = service.api\n", "  service = service.api\n  set {\n    replicas = 2\n  }\n", 1)
	for name, c := range map[string]struct {
		plan     string
		onUpdate func(*fakeInstance)
		why      string
	}{
		"while its memory settles": {plan, func(i *fakeInstance) { i.after(time.Second, i.outOfMemory) }, "out of memory at start (exit 137)"},
		"before the next replica has its limit": {both, func(i *fakeInstance) {
			i.after(0, i.outOfMemory)
			time.Sleep(time.Second)
		}, "replica 1: out of memory at start (exit 137)"},
	} {
		in(t, c.plan, fakeService{plain: true}, func(b *bench) { b.runtime.onUpdate = c.onUpdate }, func(t *testing.T, _ *bench, r journal.Run) {
			if first := r.Stages[0].Trials[0]; first.Reason == nil || *first.Reason != journal.OOMStart || first.Why != c.why {
				t.Errorf("%s: %s: %s", name, first.Verdict, first.Why)
			}
		})
	}
}

// A host that holds no combination ends a search by every strategy, before a trial.
func TestAHostThatHoldsNoCombination(t *testing.T) {
	small := func(b *bench) { b.free.Store(int64(24*units.GiB/10 + agentMemory + 10*userMemory + 400*units.MiB)) }
	for _, strategy := range search.OfSeveral() {
		in(t, severalPlan(fmt.Sprintf("strategy = %q\n%s", strategy.Name, cheap)), twoNeeds, small, func(t *testing.T, _ *bench, r journal.Run) {
			s := r.Stages[0]
			if r.Run.ExitCode != ExitGuard || s.AbortedBy != journal.GuardStop || len(s.Trials) > 0 || !strings.Contains(s.Reason, "the guard keeps") {
				t.Errorf("%s: exit %d, %s by %s: %s after %s", strategy.Name, r.Run.ExitCode, s.Verdict, s.AbortedBy, s.Reason, cells(s))
			}
		})
	}
}

// Where the guard stops the trial of one setting, the others are tried.
func TestTheGuardStopsOneSetting(t *testing.T) {
	memory := settingPlan[strings.Index(settingPlan, "  vary \"memory\""):strings.Index(settingPlan, "  vary \"workers\"")]
	plan := strings.NewReplacer(memory, "", `prefer  = "memory"`, "", "vary.memory_bytes * 0.5", "1").Replace(settingPlan)
	for values, want := range map[string]any{"[1, 2, 4]": 2.0, "[1]": nil} {
		in(t, strings.Replace(plan, "[1, 2, 4]", values, 1), fakeService{}, drained, func(t *testing.T, _ *bench, r journal.Run) {
			s := r.Stages[0]
			if first := s.Trials[0]; !first.StoppedByGuard() || first.Set.Vary["workers"] != 1.0 {
				t.Fatalf("the first trial: %s", first.Why)
			}
			switch {
			case want == nil && (s.Found != nil || r.Run.ExitCode != ExitGuard):
				t.Errorf("%s: exit %d: found %+v after %s", values, r.Run.ExitCode, s.Found, cells(s))
			case want != nil && (s.Found == nil || s.Found.Vary["workers"] != want || s.Undecided != 1):
				t.Errorf("%s: %s: found %+v, %d undecided after %s", values, s.Reason, s.Found, s.Undecided, cells(s))
			}
		})
	}
}

// Memory that the host cannot hold is undecided where less CPU with it would be preferred.
func TestWhatTheHostCannotHoldIsUndecided(t *testing.T) {
	small := func(b *bench) { b.free.Store(int64(24*units.GiB/10 + agentMemory + 10*userMemory + 1000*units.MiB)) }
	for prefer, want := range map[string]int{"cpus": 22, "memory": 0} { // of 11 values above 1000M with 0.25 and 0.5 CPU
		in(t, severalPlan(fmt.Sprintf("prefer = %q", prefer)), twoNeeds, small, func(t *testing.T, _ *bench, r journal.Run) {
			s := r.Stages[0]
			if s.Found == nil || *s.Found.Memory != int64(900*units.MiB) || *s.Found.CPUs != 0.75 || s.Undecided != want || (s.Verdict == journal.Passed) != (want == 0) {
				t.Errorf("%s: %s, found %+v, %d undecided after %s", prefer, s.Verdict, s.Found, s.Undecided, cells(s))
			}
		})
	}
}
