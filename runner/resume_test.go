package runner

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"plan/agent"
	"plan/containers"
	"plan/engine"
	"plan/internal/units"
	"plan/plans"
	"plan/report/verify"
	"plan/runner/journal"
	"plan/runner/record"
)

// resumedPlans are runs in which everything happens that decides what a run does
// next.
var resumedPlans = map[string]struct {
	plan    string
	service fakeService
	change  func(*bench)
}{
	"anchored, and a ramp": {searchPlan("anchored") + rampPlan, fakeService{start: 1243 * units.MiB, p95: func(users int) float64 { return float64(users) / 1000 }}, nil},
	"users in shares":      {autoPlan("to = 100\nstep = \"5%\""), fakeService{start: 1243 * units.MiB, p95: slowFrom(61)}, nil},
	"users that are found": {autoPlan("to = 100"), fakeService{start: 1243 * units.MiB, p95: slowFrom(21)}, nil},
	"a ladder":             {searchPlan("ladder") + rampPlan, fakeService{start: 700 * units.MiB, perUser: units.MiB}, nil},
	"disproved answers":    {lazyPlan("anchored", "[10, 20]"), lazy, nil},
	"disproved to the top": {strings.Replace(lazyPlan("bisect", "[10, 20]"), `to   = "4G"`, `to   = "1200M"`, 1), lazy, nil},
	"unexplained kills":    {searchPlan("bisect"), fakeService{unexplained: 900 * units.MiB}, nil},
	"samples that lack":    {withP95(searchPlan("anchored")), fakeService{start: 600 * units.MiB, load: 650 * units.MiB}, nil},
	"never ready":          {searchPlan("anchored"), fakeService{never: true}, nil},
	"exits at any limit":   {searchPlan("anchored"), fakeService{exits: 3}, nil},
	"more is not easier": {searchPlan("anchored"), fakeService{sizes: func(limit units.Bytes, _ int) units.Bytes {
		if limit < 1000*units.MiB {
			return 60 * units.MiB
		}
		return 1400 * units.MiB
	}}, nil},
	"a host with little memory": {searchPlan("anchored"), fakeService{start: 900 * units.MiB}, func(b *bench) { b.free.Store(int64(5 * units.GiB)) }},
	"a busy host":               {slowPlan, fakeService{p95: tooSlow}, func(b *bench) { b.busy = func() float64 { return 2 } }},
	"helpers and replicas":      {helpedPlan, fakeService{start: 600 * units.MiB}, nil},
	"helpers that restart":      {strings.Replace(helpedPlan, "[service.db]\n", "[service.db]\n  restart_helpers = true\n", 1), fakeService{start: 600 * units.MiB}, nil},
	"several dimensions":        {severalPlan(cheap), twoNeeds, nil},
	"a setting":                 {settingPlan, fakeService{}, workers},
	"a budget":                  {severalPlan(cheap + "\n  budget { time = \"5m\" }"), twoNeeds, nil},
	"a budget of one dimension": {strings.Replace(searchPlan("bisect"), "  vary ", "  budget {\n    trials = 3\n  }\n  vary ", 1), fakeService{start: 1243 * units.MiB}, nil},
}

// helpedPlan has a search with two replicas that depend on a helper, and a check that
// depends on none.
var helpedPlan = strings.Replace(searchPlan("bisect"), "expose = [\"8000\"]\n", "expose = [\"8000\"]\n  depends_on = [service.db]\n", 1) + `
service "db" {
  image = "db"
}
check "alone" {
  service = service.api
  set {
    memory   = search.memory.found.memory
    replicas = 2
  }
}
`

// process is a run in a folder, as far as it came.
type process struct {
	*bench
	run  journal.Run
	text []byte // of its journal
}

// begin runs a plan with a journal in a file, which has so much of an earlier one.
func begin(t *testing.T, plan string, service fakeService, change func(*bench), earlier []byte, cancelAfter time.Duration) process {
	t.Helper()
	var p process
	synctest.Test(t, func(t *testing.T) {
		p = process{bench: newBench(t, plan, service)}
		if change != nil {
			change(p.bench)
		}
		dir := t.TempDir()
		path := filepath.Join(dir, journal.FileName)
		var w *journal.Writer
		var err error
		if earlier == nil {
			w, err = journal.Create(dir, nil)
		} else {
			if err := os.WriteFile(path, earlier, 0o600); err != nil {
				t.Fatal(err)
			}
			w, p.runner.Past, err = journal.Open(dir, nil)
		}
		if err != nil {
			t.Fatal(err)
		}
		if earlier != nil {
			run, err := journal.Read(path)
			if err != nil {
				t.Fatal(err)
			}
			p.runner.Header = run.Run
			time.Sleep(time.Hour) // nobody resumes a run at once
		}
		p.runner.Journal = w
		ctx, cancel := context.WithCancel(context.Background())
		defer cancel()
		if cancelAfter > 0 {
			time.AfterFunc(cancelAfter, cancel)
		}
		p.run = p.runner.Run(ctx)
		if err := w.Close(); err != nil {
			t.Fatal(err)
		}
		if p.text, err = os.ReadFile(path); err != nil {
			t.Fatal(err)
		}
		again, err := journal.Read(path)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(outcome(again), outcome(p.run)); diff != "" && !bytes.Equal(p.text, earlier) {
			t.Errorf("the journal differs from the record:\n%s", diff)
		}
		if p.runtime.started != p.runtime.removed {
			t.Errorf("%d containers started, %d removed", p.runtime.started, p.runtime.removed)
		}
	})
	return p
}

// outcome is what a run found: all but times.
func outcome(r journal.Run) any {
	type trial struct {
		ID, Repeats string
		Set         journal.Settings
		Users       *int
		Verdict     journal.Verdict
		Reason      *journal.Reason
		FirstLook   bool
		Numbers     [2]int
	}
	type stage struct {
		Stage  journal.Stage
		Trials []trial
	}
	var stages []stage
	for _, s := range r.Stages {
		var trials []trial
		for _, t := range s.Trials {
			trials = append(trials, trial{t.ID, t.Repeats, t.Set, t.Users, t.Verdict, t.Reason, t.FirstLook, [2]int{t.Configuration, t.Scenario}})
		}
		s.Trials, s.Seconds = nil, 0
		stages = append(stages, stage{s, trials})
	}
	return []any{stages, r.Outputs, r.Run.ExitCode}
}

// containersIn returns the number of containers of the trials in a journal, as far as
// its lines are whole.
func containersIn(t *testing.T, text []byte) int {
	t.Helper()
	number, ids := 0, map[string]bool{}
	for written := range bytes.Lines(text) {
		var line journal.Line
		if json.Unmarshal(written, &line) == nil && line.Trial != nil && !ids[line.Trial.ID] {
			ids[line.Trial.ID] = true
			number += len(line.Trial.Instances)
		}
	}
	return number
}

// answersHold checks the answers of a journal by the checker of journals. The fake
// agent has no histograms, so the trials are not checked.
func answersHold(t *testing.T, text []byte) {
	t.Helper()
	result, err := verify.Check(bytes.NewReader(text))
	if err != nil {
		t.Error(err)
	}
	for _, fault := range result.Findings {
		if !strings.Contains(fault.Where, "/") || strings.Contains(fault.What, "unknown sender") {
			t.Errorf("%s: %s", fault.Where, fault.What)
		}
	}
}

// TestACutRunIsResumed cuts the journal of each run after every line and at random
// bytes: the resumed run has the same answer, and runs the trials that the journal
// lacks and no other.
func TestACutRunIsResumed(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	for name, c := range resumedPlans {
		t.Run(name, func(t *testing.T) {
			whole := begin(t, c.plan, c.service, c.change, nil, 0)
			var cuts []int
			for i, b := range whole.text {
				if b == '\n' {
					cuts = append(cuts, i+1)
				}
			}
			answersHold(t, whole.text)
			first := cuts[0]
			for range 5 {
				cuts = append(cuts, first+random.IntN(len(whole.text)-first))
			}
			for _, cut := range cuts {
				if cut == len(whole.text) {
					continue
				}
				resumed := begin(t, c.plan, c.service, c.change, whole.text[:cut], 0)
				if diff := cmp.Diff(outcome(whole.run), outcome(resumed.run)); diff != "" {
					t.Fatalf("cut at %d (-whole +resumed):\n%s", cut, diff)
				}
				ran, had, all := resumed.runtime.started, containersIn(t, whole.text[:cut]), whole.runtime.started
				if ran != all-had {
					t.Errorf("cut at %d: %d containers ran, and the journal had %d of %d", cut, ran, had, all)
				}
				if n := len(resumed.run.Run.Resumed); n != 1 {
					t.Errorf("cut at %d: resumed %d times", cut, n)
				}
				if took, most := resumed.run.Run.Seconds, whole.run.Run.Seconds+1; took > most {
					t.Errorf("cut at %d: it took %v s, and %v s in one go", cut, took, most)
				}
			}
		})
	}
}

// TestAnInterruptedRunIsResumed interrupts runs at random moments, one of them after
// the other until the run ends by itself.
func TestAnInterruptedRunIsResumed(t *testing.T) {
	random := rand.New(rand.NewPCG(3, 4))
	for name, c := range resumedPlans {
		t.Run(name, func(t *testing.T) {
			whole := begin(t, c.plan, c.service, c.change, nil, 0)
			length := units.Seconds(whole.run.Run.Seconds)
			for range 4 {
				var earlier []byte
				ran, interruptions := 0, 0
				for {
					p := begin(t, c.plan, c.service, c.change, earlier, 1+time.Duration(random.Int64N(2*int64(length))))
					earlier, ran = p.text, ran+p.runtime.started
					if p.run.Run.ExitCode != ExitInterrupted {
						if diff := cmp.Diff(outcome(whole.run), outcome(p.run)); diff != "" {
							t.Fatalf("after %d interruptions (-whole +resumed):\n%s", interruptions, diff)
						}
						break
					}
					if interruptions++; interruptions > 100 {
						t.Fatal("it never ends")
					}
				}
				const replicas = 2 // the most of a trial
				if most := whole.runtime.started + replicas*interruptions; ran > most {
					t.Errorf("%d containers in %d processes, and %d in one", ran, interruptions+1, whole.runtime.started)
				}
			}
		})
	}
}

// cutBefore returns a journal up to its first line of a type.
func cutBefore(t *testing.T, text []byte, kind journal.LineType) []byte {
	t.Helper()
	at := bytes.Index(text, []byte(`{"type":"`+string(kind)+`"`))
	if at < 0 {
		t.Fatalf("there is no line %s", kind)
	}
	return text[:at]
}

// A run that lost its engine goes on: the trial that was under way runs again, no other.
func TestARunThatLostItsEngineIsResumed(t *testing.T) {
	plan, service := searchPlan("anchored"), fakeService{start: 1243 * units.MiB}
	whole := begin(t, plan, service, nil, nil, 0)
	lost := begin(t, plan, service, func(b *bench) {
		b.runtime.asked = func() {
			if b.runtime.started == 3 {
				b.runtime.noState.Store(&containers.Error{Kind: containers.EngineGone, Summary: "the engine is gone"})
			}
		}
	}, nil, 0)
	if h := lost.run.Run; h.ExitCode != ExitEnvironment || !h.Resumable() {
		t.Fatalf("%+v", h)
	}
	resumed := begin(t, plan, service, nil, lost.text, 0)
	if diff := cmp.Diff(outcome(whole.run), outcome(resumed.run)); diff != "" {
		t.Error(diff)
	}
	if ran := whole.runtime.started - 2; resumed.runtime.started != ran {
		t.Errorf("%d containers started, want %d", resumed.runtime.started, ran)
	}
}

func TestEngineLost(t *testing.T) {
	by := func(reason journal.Reason) journal.Run {
		return journal.Run{Stages: []journal.Stage{{}, {AbortedBy: reason}}}
	}
	for name, c := range map[string]struct {
		run  journal.Run
		err  error
		want bool
	}{
		"a stage":                  {by(journal.EngineLost), nil, true},
		"a stage by the guard":     {by(journal.GuardStop), nil, false},
		"no stage":                 {journal.Run{}, nil, false},
		"an error of the engine":   {journal.Run{}, fmt.Errorf("states: %w", &containers.Error{Kind: containers.EngineGone}), true},
		"a call without an answer": {journal.Run{}, fmt.Errorf("states: %w", context.DeadlineExceeded), true},
		"an agent that has ended":  {journal.Run{}, fmt.Errorf("ready: %w", &agent.Lost{Text: "killed"}), true},
		"a command that is absent": {by(journal.EngineLost), &containers.Error{Kind: containers.CannotStart}, false},
		"another error":            {by(journal.EngineLost), errors.New("disk full"), false},
	} {
		if got := engineLost(c.run, c.err); got != c.want {
			t.Errorf("%s: %v", name, got)
		}
	}
}

// A run that cannot be resumed says why, and its journal stays as it was.
func TestARunThatIsNotResumed(t *testing.T) {
	plan, service := searchPlan("anchored")+rampPlan, fakeService{start: 1243 * units.MiB}
	whole := begin(t, plan, service, nil, nil, 0)
	// Without checksums, so that its lines can be changed.
	half := regexp.MustCompile(`,"sum":"[0-9a-f]{8}"\}\n`).ReplaceAll(cutBefore(t, whole.text, journal.AnswerLine), []byte("}\n"))
	for name, c := range map[string]struct {
		plan    string
		journal []byte
		change  func(*bench)
		code    int
		problem string
	}{
		"another image": {plan, bytes.Replace(half, []byte(`"images":{"api:latest":"sha256:1"}`), []byte(`"images":{"api:latest":"sha256:0"}`), 1), nil, ExitEnvironment,
			"the run test cannot be resumed: the image api:latest was sha256:0, and is now sha256:1"},
		"one image more": {plan, bytes.Replace(half, []byte(`"images":{`), []byte(`"images":{"db":"sha256:3",`), 1), nil, ExitEnvironment,
			"the run test cannot be resumed: the image db was sha256:3, and is now not used"},
		"another trial": {plan, bytes.Replace(half, []byte(`"first_look":true`), []byte(`"first_look":false`), 1), nil, ExitEnvironment,
			"the run test cannot be resumed: its journal has the trial search.memory/1 at 4G, where this command runs search.memory/1 at 4G"},
		"a trial is missing": {plan, slices.Concat(cutBefore(t, half, journal.TrialLine), half[bytes.LastIndex(half, []byte(`{"type":"trial"`)):]), nil, ExitEnvironment,
			"the run test cannot be resumed: its journal has the trial search.memory/5 at 1500M, where this command runs search.memory/1 at 4G"},
		"another stage": {strings.NewReplacer(`search "memory"`, `search "least"`, "search.memory", "search.least").Replace(plan), half, nil, ExitEnvironment,
			"the run test cannot be resumed: its journal has the trial search.memory/1, which this command would not run"},
		"the guard has no time left": {"guard {\n  runtime = \"60s\"\n}\n" + plan, half, nil, ExitGuard,
			"stopped by the guard: the run took longer than 1m"},
		"the engine is gone": {plan, half, func(b *bench) {
			b.runtime.networkErr = &containers.Error{Kind: containers.EngineGone, Summary: "no engine"}
		}, ExitEnvironment,
			"no engine"},
	} {
		p := begin(t, c.plan, service, c.change, c.journal, 0)
		if p.run.Run.ExitCode != c.code || p.run.Run.Problem != c.problem || p.runtime.started > 0 {
			t.Errorf("%s: exit %d after %d trials: %s", name, p.run.Run.ExitCode, p.runtime.started, p.run.Run.Problem)
		}
		if !bytes.Equal(p.text, c.journal) {
			t.Errorf("%s: the journal was changed", name)
		}
	}
}

// A shape decides how many users there are, so a trial has another number than its spec.
func TestATrialOfAShapeIsRepeated(t *testing.T) {
	for _, c := range []struct{ shape, repeated bool }{{true, true}, {false, false}} {
		spec := trialSpec{
			stage: plans.Stage{Load: &plans.Workload{Driver: &plans.Driver{Shape: c.shape}}}, id: "check.users/1", load: &engine.Load{},
		}
		was := newTrial(spec)
		was.Users = new(50)
		r := record.New(nil, nil, []journal.Line{{Type: journal.TrialLine, Trial: &was}})
		if got, err := recorded(r, spec); (got != nil) != c.repeated || (err == nil) != c.repeated {
			t.Errorf("shape %v: %+v, %v", c.shape, got, err)
		}
	}
}

// The guard's time is that of all processes of a run together.
func TestAResumedRunHasTheTimeThatIsLeft(t *testing.T) {
	plan, service := "guard {\n  runtime = \"100s\"\n}\n"+searchPlan("anchored")+rampPlan, fakeService{start: 1243 * units.MiB}
	whole := begin(t, plan, service, nil, nil, 0)
	resumed := begin(t, plan, service, nil, cutBefore(t, whole.text, journal.AnswerLine), 0)
	if whole.run.Run.ExitCode != ExitGuard || resumed.run.Run.ExitCode != ExitGuard {
		t.Errorf("exit %d, resumed %d", whole.run.Run.ExitCode, resumed.run.Run.ExitCode)
	}
	if a, b := whole.run.Run.Seconds, resumed.run.Run.Seconds; a != 100 || b != 100 {
		t.Errorf("%v s in one go, and %v s", a, b)
	}
}
