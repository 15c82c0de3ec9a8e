package runner

import (
	"math"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"plan/containers"
	"plan/internal/host"
	"plan/internal/units"
	"plan/runner/guard"
	"plan/runner/journal"
	"plan/runner/judge"
	"plan/runner/watch"
)

const stack = `
service "database" {
  image  = "db:latest"
  expose = ["5432"]
}

service "model" {
  image      = "model:latest"
  expose     = ["5000"]
  depends_on = [service.database]
}

service "api" {
  image      = "api:latest"
  expose     = ["8000"]
  depends_on = [service.model, service.database]
  replicas   = 2
  limits {
    memory = "1G"
    cpus   = 0.5
  }
  ready {
    path   = "/health"
    within = "60s"
  }
}

network "backend" {
  name     = "backend"
  external = true
}

preflight "store" {
  network = network.backend
  url     = "http://store:9000/live"
}

scenario "predict" {
  think_time = "1s"
  request "predict" {
    path = "/predict"
  }
}

check "users" {
  service = service.api
  load {
    scenario   = scenario.predict
    users      = 100
    spawn_rate = "1000/s"
    runtime    = "20s"
  }
}

search "memory" {
  service = service.api
  vary "memory" {
    from = "500M"
    to   = "2G"
    step = "100M"
  }
}
`

func TestReplicasRunTogetherAndShareTheLoad(t *testing.T) {
	in(t, stack, fakeService{start: 640 * units.MiB, cpus: 0.25}, nil, func(t *testing.T, b *bench, r journal.Run) {
		trial := r.Stages[0].Trials[0]
		if trial.Verdict != journal.Passed || len(trial.Instances) != 2 || *trial.Set.Replicas != 2 {
			t.Fatalf("%s (%s), %d instances", trial.Verdict, trial.Why, len(trial.Instances))
		}
		for _, one := range trial.Instances {
			if *one.Requests != 1000 || *one.Memory.Peak != int64(640*units.MiB) {
				t.Errorf("%s: %d requests, peak %d", one.Name, *one.Requests, *one.Memory.Peak)
			}
		}
		if *trial.Memory.Peak != int64(2*640*units.MiB) || math.Abs(*trial.CPU.Seconds-10) > 0.01 {
			t.Errorf("in sum: peak %d, %.2f CPU seconds", *trial.Memory.Peak, *trial.CPU.Seconds)
		}
		if s := r.Stages[1]; s.Found == nil || *s.Found.Memory != int64(700*units.MiB) || len(s.Trials) != 4 {
			t.Errorf("the least for each replica: %+v in %d trials", s.Found, len(s.Trials))
		}
		if len(trial.Evidence.Containers) != 2 || len(trial.Evidence.Containers[0].Usage) < 20 || len(trial.Evidence.Events) != 2 {
			t.Errorf("evidence of %d containers, %d events", len(trial.Evidence.Containers), len(trial.Evidence.Events))
		}
	})
}

func TestOneReplicaThatDiesDecides(t *testing.T) {
	weak := func(b *bench) { b.runtime.replica = map[int]fakeService{2: {load: 2 * units.GiB}} }
	in(t, stack, fakeService{}, weak, func(t *testing.T, _ *bench, r journal.Run) {
		trial := r.Stages[0].Trials[0]
		if trial.Verdict != journal.Failed || *trial.Reason != journal.OOMLoad || !strings.HasPrefix(trial.Why, "replica 2: out of memory") {
			t.Errorf("%s: %s", trial.Verdict, trial.Why)
		}
		if *trial.OOMKills != 1 || *trial.Instances[0].OOMKills != 0 || *trial.Instances[1].OOMKills != 1 || trial.Instances[0].ExitCode != nil {
			t.Errorf("kills in sum %d, instances %+v", *trial.OOMKills, trial.Instances)
		}
	})
	both := func(b *bench) { b.runtime.replica = map[int]fakeService{1: {exits: 3}, 2: {start: 2 * units.GiB}} }
	in(t, stack, fakeService{}, both, func(t *testing.T, _ *bench, r journal.Run) {
		trial := r.Stages[0].Trials[0]
		if !strings.HasPrefix(trial.Why, "replica 2: out of memory at start (exit 137)") || *trial.ExitCode != 137 || *trial.Instances[0].ExitCode != 3 {
			t.Errorf("exit %d: %s", *trial.ExitCode, trial.Why)
		}
	})
	never := func(b *bench) { b.runtime.replica = map[int]fakeService{1: {never: true}} }
	in(t, stack, fakeService{}, never, func(t *testing.T, _ *bench, r journal.Run) {
		trial := r.Stages[0].Trials[0]
		if *trial.Reason != journal.NotReady || !strings.HasPrefix(trial.Why, "replica 1: not ready within 1m") {
			t.Errorf("%s: %s", *trial.Reason, trial.Why)
		}
	})
}

func TestReplicasThatEndTogetherAreAllSeenToEnd(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBench(t, stack, fakeService{})
		var both replicas
		for range 2 {
			one, err := b.runtime.Start(t.Context(), containers.Spec{})
			if err != nil {
				t.Fatal(err)
			}
			both = append(both, one)
		}
		w := watch.New(watch.Sources{
			Stats:   func() []containers.Reading { return nil },
			Guard:   &guard.Guard{Figures: func() (host.Figures, bool) { return host.Figures{}, false }},
			Sampled: func([]containers.Usage, []containers.Reading, journal.HostSample) {},
		})
		live := w.Begin(t.Context(), both.watched())
		for i, at := range []time.Duration{200 * time.Millisecond, 100 * time.Millisecond} {
			one := both[i].(*fakeInstance)
			one.after(at, func() { one.end(137) })
		}
		<-live.Done()
		w.WaitForEnds(live)
		states, err := both.states(t.Context())
		if err != nil || states[0].Running || states[1].Running {
			t.Errorf("%v, %+v", err, states)
		}
		w.End(&judge.Observation{Replicas: both.observed(containers.Limits{})})
		if err := both.remove(t.Context()); err != nil {
			t.Error(err)
		}
	})
}

func TestHelpersStartOnceInTheOrderOfTheirNeeds(t *testing.T) {
	in(t, stack, fakeService{}, nil, func(t *testing.T, b *bench, _ journal.Run) {
		if want := []string{"database", "model", "api", "api"}; !slices.Equal(b.runtime.order[:4], want) {
			t.Errorf("started %v", b.runtime.order)
		}
		if helpers := slices.DeleteFunc(b.runtime.order, func(name string) bool { return name == "api" }); len(helpers) != 2 {
			t.Errorf("helpers started: %v", helpers)
		}
		if left := b.runtime.instances(containers.Helper); len(left) > 0 {
			t.Errorf("%d helpers are left", len(left))
		}
	})
}

func TestAHelperThatIsNeverReadyEndsTheRun(t *testing.T) {
	unhealthy := func(b *bench) {
		b.runtime.check.Command = []string{"healthy"}
		b.runtime.exec = func([]string) (containers.Exit, error) { return containers.Exit{Code: 1, Output: "no"}, nil }
	}
	in(t, stack, fakeService{}, unhealthy, func(t *testing.T, b *bench, r journal.Run) {
		want := "service.database, which service.api depends on, was not ready within 1m: its healthcheck ends with 1: no"
		if r.Run.ExitCode != ExitEnvironment || r.Run.Problem != want || !strings.Contains(r.Run.Help, "loading") {
			t.Errorf("exit %d: %s (%s)", r.Run.ExitCode, r.Run.Problem, r.Run.Help)
		}
	})
}

// job is the stack with a service that others wait for until it has ended.
var job = strings.Replace(stack, `service "model" {
  image      = "model:latest"
  expose     = ["5000"]`, `service "model" {
  image      = "model:latest"
  ready {
    ended = true
  }`, 1)

func TestAJobRunsOnceBeforeWhatNeedsIt(t *testing.T) {
	done := func(b *bench) { b.runtime.helper = map[string]fakeService{"model": {finishes: true}} }
	in(t, job, fakeService{}, done, func(t *testing.T, b *bench, r journal.Run) {
		if want := []string{"database", "model", "api", "api"}; !slices.Equal(b.runtime.order[:4], want) {
			t.Errorf("started %v", b.runtime.order)
		}
		if helpers := slices.DeleteFunc(b.runtime.order, func(name string) bool { return name == "api" }); len(helpers) != 2 {
			t.Errorf("helpers started: %v", helpers)
		}
		if trial := r.Stages[0].Trials[0]; trial.Verdict != journal.Passed || strings.Contains(trial.Why, "model") {
			t.Errorf("%s: %s", trial.Verdict, trial.Why)
		}
	})
	failed := func(b *bench) { done(b); b.runtime.service.status = 500 }
	in(t, job, fakeService{}, failed, func(t *testing.T, _ *bench, r journal.Run) {
		if trial := r.Stages[0].Trials[0]; trial.Verdict != journal.Failed {
			t.Errorf("a job that is done is asked again: %s: %s", trial.Verdict, trial.Why)
		}
	})
}

func TestAJobThatIsNotDoneEndsTheRun(t *testing.T) {
	for want, model := range map[string]fakeService{
		"service.model, which service.api depends on, ended: ":                                   {exits: 3},
		"service.model, which service.api depends on, was not ready within 1m: it has not ended": {},
	} {
		start := func(b *bench) { b.runtime.helper = map[string]fakeService{"model": model} }
		in(t, job, fakeService{}, start, func(t *testing.T, _ *bench, r journal.Run) {
			if r.Run.ExitCode != ExitEnvironment || r.Run.Problem != want || len(r.Stages) > 0 {
				t.Errorf("exit %d: %s", r.Run.ExitCode, r.Run.Problem)
			}
		})
	}
}

func TestAJobIsDoneAgainForWhatIsStartedAgain(t *testing.T) {
	start := func(b *bench) {
		b.runtime.helper = map[string]fakeService{"model": {finishes: true}}
		fall(b, "database", 10*time.Second, time.Hour)
	}
	in(t, job, fakeService{}, start, func(t *testing.T, b *bench, _ journal.Run) {
		helpers := slices.DeleteFunc(b.runtime.order, func(name string) bool { return name == "api" })
		if want := []string{"database", "model", "database", "model"}; !slices.Equal(helpers, want) {
			t.Errorf("helpers started: %v", helpers)
		}
	})
}

func TestAHelperThatCannotStartIsNamed(t *testing.T) {
	refuses := func(b *bench) {
		b.runtime.startErr = &containers.Error{Kind: containers.CannotStart, Summary: "the image has no user x"}
	}
	in(t, stack, fakeService{}, refuses, func(t *testing.T, _ *bench, r journal.Run) {
		if want := "service.database: the image has no user x"; r.Run.ExitCode != ExitEnvironment || r.Run.Problem != want {
			t.Errorf("exit %d: %s", r.Run.ExitCode, r.Run.Problem)
		}
	})
}

func TestTheGuardWatchesWhileHelpersStart(t *testing.T) {
	hungry := func(b *bench) {
		go func() {
			time.Sleep(2500 * time.Millisecond) // while the first helper comes up
			b.free.Store(int64(units.GiB))
		}()
	}
	in(t, stack, fakeService{}, hungry, func(t *testing.T, _ *bench, r journal.Run) {
		want := "starting service.database: stopped by the guard: the host has 1G of memory left, less than 2458M"
		if r.Run.ExitCode != ExitGuard || r.Run.Problem != want || len(r.Stages) > 0 {
			t.Errorf("exit %d: %s", r.Run.ExitCode, r.Run.Problem)
		}
	})
}

func TestAHealthcheckMakesReady(t *testing.T) {
	healthy := func(b *bench) { b.runtime.check.Command = []string{"healthy"} }
	plan := strings.Replace(stack, "path   = \"/health\"", "", 1)
	in(t, plan, fakeService{never: true}, healthy, func(t *testing.T, _ *bench, r journal.Run) {
		if trial := r.Stages[0].Trials[0]; trial.Verdict != journal.Passed {
			t.Errorf("%s: %s", trial.Verdict, trial.Why)
		}
	})
}

func TestWhatTheServiceNeedsIsNamedWhenItGoesAway(t *testing.T) {
	in(t, stack, fakeService{breaks: true}, nil, func(t *testing.T, _ *bench, r journal.Run) {
		trial := r.Stages[0].Trials[0]
		want := "preflight.store no longer answers at http://store:9000/live: connection refused; the failure does not count: replica 1: ended by itself under load (exit 1)"
		if trial.Verdict != journal.Inconclusive || *trial.Reason != journal.Dependency || trial.Why != want {
			t.Errorf("%s: %s", trial.Verdict, trial.Why)
		}
		if r.Run.ExitCode != ExitInconclusive || len(trial.Failures) > 0 {
			t.Errorf("exit %d, also %q", r.Run.ExitCode, trial.Failures)
		}
	})
}

func TestWhatAnswersSlowlyStillAnswers(t *testing.T) {
	slow := func(b *bench) { b.runtime.slow = 4 * time.Second }
	in(t, stack, fakeService{status: 500}, slow, func(t *testing.T, _ *bench, r journal.Run) {
		if trial := r.Stages[0].Trials[0]; trial.Verdict != journal.Failed {
			t.Errorf("%s: %s", trial.Verdict, trial.Why)
		}
	})
}

func TestAHelperThatEndedIsStartedAgainForTheNextStage(t *testing.T) {
	ends := func(b *bench) {
		go func() {
			time.Sleep(10 * time.Second)
			for _, h := range b.runtime.instances(containers.Helper) {
				h.mu.Lock()
				h.end(2)
				h.mu.Unlock()
			}
		}()
	}
	in(t, stack, fakeService{breaks: true}, ends, func(t *testing.T, b *bench, r journal.Run) {
		if trial := r.Stages[0].Trials[0]; !strings.HasPrefix(trial.Why, "service.database ended") {
			t.Errorf("%s: %s", trial.Verdict, trial.Why)
		}
		helpers := slices.DeleteFunc(b.runtime.order, func(name string) bool { return name == "api" })
		if want := []string{"database", "model", "database", "model"}; !slices.Equal(helpers, want) {
			t.Errorf("helpers started: %v", helpers)
		}
	})
}

func TestATrialThatPassedWithoutItsHelperSaysSo(t *testing.T) {
	start := func(b *bench) { fall(b, "database", 10*time.Second, time.Hour) }
	in(t, stack, fakeService{}, start, func(t *testing.T, _ *bench, r journal.Run) {
		trial := r.Stages[0].Trials[0]
		if trial.Verdict != journal.Passed || !slices.Equal(trial.Notes, []string{"during the trial, service.database ended: exit code 1"}) {
			t.Errorf("%s: %s, %q", trial.Verdict, trial.Why, trial.Notes)
		}
	})
}

// fall ends the helpers of a service after a time, and has them started again
// after another one.
func fall(b *bench, service string, after, again time.Duration) {
	go func() {
		time.Sleep(after)
		for _, h := range b.runtime.instances(containers.Helper) {
			if h.spec.Service == service {
				h.events <- containers.Event{Kind: containers.Died, Detail: "exit code 1"}
				h.after(again, func() { h.events <- containers.Event{Kind: containers.Started} })
			}
		}
	}()
}

func TestAHelperThatTheEngineStartsAgainIsAccepted(t *testing.T) {
	plan := strings.Replace(stack, `expose = ["5432"]`, "expose = [\"5432\"]\n  restart = \"always\"", 1)
	start := func(b *bench) { fall(b, "database", 3*time.Second, time.Second/2) }
	in(t, plan, fakeService{status: 500}, start, func(t *testing.T, b *bench, r journal.Run) {
		if trial := r.Stages[0].Trials[0]; trial.Verdict != journal.Failed {
			t.Errorf("ended while it started: %s: %s", trial.Verdict, trial.Why)
		}
		if helpers := slices.DeleteFunc(b.runtime.order, func(name string) bool { return name == "api" }); len(helpers) != 2 {
			t.Errorf("helpers started: %v", helpers)
		}
	})
	during := func(b *bench) { fall(b, "database", 7*time.Second, time.Second) }
	in(t, plan, fakeService{status: 500}, during, func(t *testing.T, _ *bench, r journal.Run) {
		if trial := r.Stages[0].Trials[0]; !strings.HasPrefix(trial.Why, "service.database ended: exit code 1; the failure") {
			t.Errorf("ended during the trial: %s: %s", trial.Verdict, trial.Why)
		}
	})
}

func TestWhoUsedTheMachine(t *testing.T) {
	from := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	host := make([]journal.HostSample, 21)
	usage := make([]containers.Usage, 21)
	for i := range host {
		at := from.Add(time.Duration(i) * time.Second)
		host[i] = journal.HostSample{At: at, CPUBusy: 1.5}
		usage[i] = containers.Usage{At: at, CPUSeconds: new(0.5 * float64(i))}
	}
	watched := []journal.Watched{
		{Name: "api-1", Role: containers.Subject, Usage: usage}, {Name: "api-2", Role: containers.Subject, Usage: usage},
		{Name: "agent", Role: containers.Generator, Usage: usage[:12]}, // for 9 of the 18 seconds that are sure to be seen
	}
	got := journal.HostCPUOf(host, watched, from.Add(time.Second), time.Time{}, 2)
	want := journal.HostCPU{CPUs: 2, Busy: 1.5, Service: 1, Generator: 0.5 * 10 / 17, Other: 1.5 - 1 - 0.5*10/17}
	for name, pair := range map[string][2]float64{
		"busy": {got.Busy, want.Busy}, "service": {got.Service, want.Service}, "generator": {got.Generator, want.Generator}, "other": {got.Other, want.Other},
	} {
		if math.Abs(pair[0]-pair[1]) > 1e-9 {
			t.Errorf("%s: %v, want %v", name, pair[0], pair[1])
		}
	}
	if journal.HostCPUOf(nil, watched, from, time.Time{}, 2) != nil {
		t.Error("figures without a sample of the machine")
	}
}
