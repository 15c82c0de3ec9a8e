package runner

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"plan/agent"
	"plan/internal/units"
	"plan/runner/journal"
	"plan/runner/judge"
	"plan/runner/lasting"
)

// TestATrialInWhichTheCommandStoodStill: the command is stopped for 8 s, in which the agent ends.
//
// Right: the trial is invalid(suspended), the agent is started again, the trial is repeated once, and the answer is given.
func TestATrialInWhichTheCommandStoodStill(t *testing.T) {
	for times, want := range map[int][]journal.Reason{1: {journal.Suspended, ""}, 9: {journal.Suspended, journal.Suspended}} {
		synctest.Test(t, func(t *testing.T) {
			b := newBench(t, slowPlan, fakeService{start: 100 * units.MiB})
			said := &notes{}
			b.runner.Observer = said
			dialled, stopped, next := 0, 0, time.Now().Add(5*time.Second)
			b.runner.Dial = func(context.Context, io.ReadWriteCloser) (lasting.Client, error) {
				dialled++
				b.agent = &fakeAgent{runtime: b.runtime}
				return b.agent, nil
			}
			b.runtime.onSample = func() {
				if stopped == times || time.Now().Before(next) {
					return
				}
				stopped++
				b.agent.gone.Store(true)
				time.Sleep(8 * time.Second)
				next = time.Now().Add(5 * time.Second)
			}
			r := b.runner.Run(t.Context())
			trials := r.Stages[0].Trials
			if got := reasons(trials); !slices.Equal(got, want) || trials[1].Repeats != trials[0].ID || trials[0].Verdict != journal.Invalid {
				t.Fatalf("%d stops: %v", times, got)
			}
			if code := map[int]int{1: ExitMet, 9: ExitInconclusive}[times]; r.Run.ExitCode != code || dialled != 2 {
				t.Errorf("%d stops: exit %d, %d agents", times, r.Run.ExitCode, dialled)
			}
			if !slices.ContainsFunc(said.texts, func(text string) bool { return strings.Contains(text, "the agent had ended") }) {
				t.Errorf("notes: %q", said.texts)
			}
		})
	}
}

// TestAStandstillThatEndsInAReadiness: the service is not ready, and the command stands still until its time is over.
//
// Right: the trial is invalid(suspended), not failed, although the time is over before the next sample.
func TestAStandstillThatEndsInAReadiness(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBench(t, slowPlan, fakeService{never: true})
		var stopped atomic.Bool // no sync.Once: whoever waits for it keeps the simulated time from passing
		b.runtime.onSample = func() {
			if stopped.CompareAndSwap(false, true) {
				time.Sleep(70 * time.Second)
			}
		}
		r := b.runner.Run(t.Context())
		if got, want := reasons(r.Stages[0].Trials), []journal.Reason{journal.Suspended, journal.NotReady}; !slices.Equal(got, want) {
			t.Errorf("%v, want %v", got, want)
		}
	})
}

// TestAnAgentThatEndsWhileContainersStart: the start does not fail.
//
// Right: if the command stood still, the trial is invalid(suspended). Otherwise the run ends, and can be resumed.
func TestAnAgentThatEndsWhileContainersStart(t *testing.T) {
	stood, lost := judge.Stop{Reason: journal.Suspended, Why: "plan stood still for 8s"}, &agent.Lost{Text: "nothing from the client"}
	for name, c := range map[string]struct {
		stood judge.Stop
		err   error
		want  judge.Stop
	}{
		"the command stood still":            {stood, fmt.Errorf("ready: %w", lost), stood},
		"one of several":                     {stood, &agent.LostShare{Agent: 2, Of: 3, Err: lost}, stood},
		"the command stood still, no error":  {stood, nil, judge.Stop{}},
		"the command stood still, and fails": {stood, errors.New("no space left"), judge.Stop{}},
		"it ended by itself":                 {judge.Stop{}, lost, judge.Stop{}},
	} {
		if got := lostWhile(c.stood, c.err); got != c.want {
			t.Errorf("%s: %+v", name, got)
		}
	}
	synctest.Test(t, func(t *testing.T) {
		b := newBench(t, slowPlan, fakeService{start: 100 * units.MiB})
		b.runtime.onStart = func() { b.agent.gone.Store(true) }
		r := b.runner.Run(t.Context())
		if got := reasons(r.Stages[0].Trials); !slices.Equal(got, []journal.Reason{journal.EngineLost}) || !r.Run.EngineLost {
			t.Errorf("%v; lost %v: %s", got, r.Run.EngineLost, r.Run.Problem)
		}
	})
}

// TestAnAgentThatEndsOutsideOfALoad: the command is stopped while a helper or a preflight is waited for, so that the agent
// ends, or before a trial is started.
//
// Right: the agent is started again, and the step is done once more; the second time it fails.
func TestAnAgentThatEndsOutsideOfALoad(t *testing.T) {
	preflight := "preflight \"store\" {\n  network = \"shared\"\n  tcp     = \"store:9000\"\n}\n"
	helped := strings.Replace(helpedPlan, "  image = \"db\"\n", "  image  = \"db\"\n  expose = [\"5432\"]\n  ready {\n    tcp = 5432\n  }\n", 1)
	for name, plan := range map[string]string{
		"a helper": helped, "a preflight": preflight + slowPlan,
		"a helper that restarts": strings.Replace(helped, "[service.db]\n", "[service.db]\n  restart_helpers = true\n", 1),
	} {
		for times, want := range map[int]int{0: ExitMet, 1: ExitMet, 2: ExitEnvironment} {
			synctest.Test(t, func(t *testing.T) {
				b := newBench(t, plan, fakeService{start: 600 * units.MiB})
				dialled := 0
				b.runner.Dial = func(context.Context, io.ReadWriteCloser) (lasting.Client, error) {
					dialled++
					b.agent = &fakeAgent{runtime: b.runtime, ends: dialled <= times}
					return b.agent, nil
				}
				r := b.runner.Run(t.Context())
				if r.Run.ExitCode != want || dialled != min(times+1, 2) {
					t.Errorf("%s, %d times: exit %d, %d agents: %s", name, times, r.Run.ExitCode, dialled, r.Run.Problem)
				}
			})
		}
	}
}

// TestAllAgentsAreStartedAgain: the command stood still in a trial of several agents, all but one of which have ended.
func TestAllAgentsAreStartedAgain(t *testing.T) {
	for _, n := range []int{0, 1, 3} {
		b := newBench(t, slowPlan, fakeService{})
		r := newRun(&b.runner)
		var all []*fakeAgent
		r.agents.start = func(context.Context) (lasting.Client, error) {
			all = append(all, &fakeAgent{runtime: b.runtime})
			return all[len(all)-1], nil
		}
		if err := r.agents.renew(t.Context(), n, func(string) {}); err != nil {
			t.Fatal(err)
		}
		for _, a := range all[min(1, n/2):] {
			a.gone.Store(true)
		}
		faults := []error{errors.New("not ready"), nil}
		stood := func() judge.Stop { return judge.Stop{Reason: journal.Suspended} }
		if err := r.onceMore(t.Context(), stood, func() error { err := faults[0]; faults = faults[1:]; return err }); err != nil {
			t.Error(err)
		}
		for i, a := range r.agents.first(max(1, n)) {
			if a.Lost() {
				t.Errorf("agent %d of %d has ended", i+1, n)
			}
		}
	}
}

func TestWhatIsDoneOnceMore(t *testing.T) {
	fault, stood := errors.New("not ready"), judge.Stop{Reason: journal.Suspended, Why: "plan stood still for 8s"}
	for name, c := range map[string]struct {
		faults []error // of each time
		stood  judge.Stop
		lost   bool
		times  int
		want   error
	}{
		"it works":                 {[]error{nil}, stood, true, 1, nil},
		"it fails":                 {[]error{fault}, judge.Stop{}, false, 1, fault},
		"the command stood still":  {[]error{fault, nil}, stood, false, 2, nil},
		"the agent has ended":      {[]error{fault, nil}, judge.Stop{}, true, 2, nil},
		"it fails again and again": {[]error{fault, fault}, stood, true, 2, fault},
	} {
		b := newBench(t, slowPlan, fakeService{})
		r := newRun(&b.runner)
		a := &fakeAgent{runtime: b.runtime}
		r.agents.start = func(context.Context) (lasting.Client, error) { return a, nil }
		if err := r.agents.renew(t.Context(), 1, func(string) {}); err != nil {
			t.Fatal(err)
		}
		r.agent = r.agents.all[0]
		a.gone.Store(c.lost)
		times := 0
		err := r.onceMore(t.Context(), func() judge.Stop { return c.stood }, func() error {
			times++
			return c.faults[times-1]
		})
		if times != c.times || !errors.Is(err, c.want) || (err == nil) != (c.want == nil) {
			t.Errorf("%s: %d times, %v", name, times, err)
		}
		ended, cancel := context.WithCancel(t.Context())
		times = 0
		if err := r.onceMore(ended, func() judge.Stop { return stood }, func() error { times++; cancel(); return fault }); times != 1 || err == nil {
			t.Errorf("%s, interrupted: %d times, %v", name, times, err)
		}
	}
}
