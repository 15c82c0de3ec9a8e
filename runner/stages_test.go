package runner

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"plan/containers"
	"plan/internal/units"
	"plan/plans"
	"plan/runner/journal"
	"plan/runner/judge"
)

// rampOf is a ramp over 10, 20, ... 50 users.
func rampOf(attributes string) string {
	plan := strings.Replace(rampPlan, "users = [10, 100, 1000]", "users = [10, 20, 30, 40, 50]\n"+attributes, 1)
	return strings.ReplaceAll(head+plan, "search.memory.found.memory", `"1G"`)
}

// slowAt is a service that is too slow for some numbers of users.
func slowAt(users ...int) fakeService {
	return fakeService{p95: func(now int) float64 { return map[bool]float64{true: 2, false: 0.1}[slices.Contains(users, now)] }}
}

func TestTheWayOfARamp(t *testing.T) {
	for name, c := range map[string]struct {
		service    fakeService
		attributes string
		trials     int
		held       int // 0: nothing
		failed     []string
		verdict    journal.Verdict
		exit       int
	}{
		"all are held":                         {slowAt(), "", 5, 50, []string{}, journal.Passed, ExitMet},
		"it stops at a failure":                {slowAt(30), "", 3, 20, []string{"ramp.users/3"}, journal.Passed, ExitMet},
		"one may fail":                         {slowAt(30), "stop_after = 2", 5, 20, []string{"ramp.users/3"}, journal.Passed, ExitMet},
		"two in a row":                         {slowAt(20, 30), "stop_after = 2", 3, 10, []string{"ramp.users/2"}, journal.Passed, ExitMet},
		"two, and a pass between":              {slowAt(20, 40, 50), "stop_after = 2", 5, 10, []string{"ramp.users/2"}, journal.Passed, ExitMet},
		"three in a row":                       {slowAt(10, 20, 30), "stop_after = 3", 3, 0, nil, journal.Failed, ExitNotMet},
		"the first fails":                      {slowAt(10), "", 1, 0, nil, journal.Failed, ExitNotMet},
		"the first fails, others are not held": {slowAt(10), "stop_after = 2", 5, 0, nil, journal.Failed, ExitNotMet},
		"a demand is met":                      {slowAt(30), "at_least = 20", 3, 20, []string{"ramp.users/3"}, journal.Passed, ExitMet},
		"a demand is not met":                  {slowAt(30), "at_least = 21", 3, 20, []string{"ramp.users/3"}, journal.Failed, ExitNotMet},
		"a demand of one":                      {slowAt(10), "at_least = 1", 1, 0, nil, journal.Failed, ExitNotMet},
		"one that shows nothing":               {fakeService{killed: 2}, "stop_after = 3", 2, 0, nil, journal.Inconclusive, ExitInconclusive},
	} {
		in(t, rampOf(c.attributes), c.service, nil, func(t *testing.T, _ *bench, r journal.Run) {
			s := r.Stages[0]
			held, failed := 0, []string(nil)
			if s.Held != nil {
				held, failed = *s.Held, s.Certificate.Failed
			}
			if len(s.Trials) != c.trials || held != c.held || !slices.Equal(failed, c.failed) || s.Verdict != c.verdict || r.Run.ExitCode != c.exit {
				t.Errorf("%s: %s, exit %d after %d trials, held %d, failed %q", name, s.Verdict, r.Run.ExitCode, len(s.Trials), held, failed)
			}
			if demanded := strings.HasPrefix(c.attributes, "at_least"); demanded != (s.AtLeast != nil) {
				t.Errorf("%s: at least %v", name, s.AtLeast)
			}
			if s.Trials[0].FirstLook {
				t.Errorf("%s: begins with a first look", name)
			}
			if last := s.Trials[len(s.Trials)-1]; last.Verdict != journal.Passed && s.Reason != last.Why {
				t.Errorf("%s: %q, but %q", name, s.Reason, last.Why)
			}
		})
	}
}

func TestARampThatWasCutOffHasNoAnswerButByTheGuard(t *testing.T) {
	for reason, want := range map[journal.Reason]journal.Verdict{journal.User: journal.Aborted, journal.EngineLost: journal.Aborted, journal.GuardStop: journal.Passed} {
		s := journal.Stage{Held: new(10), AtLeast: new(10)}
		if concludeRamp(&s, journal.Trial{Verdict: journal.Aborted, Reason: &reason}); s.Verdict != want {
			t.Errorf("by %s: %s, want %s", reason, s.Verdict, want)
		}
	}
}

func TestTheAnswerOfACheck(t *testing.T) {
	for name, c := range map[string]struct {
		service fakeService
		verdict journal.Verdict
		met     *bool
		proof   *journal.Certificate
		trials  int
	}{
		"met":             {slowAt(), journal.Passed, new(true), &journal.Certificate{Passed: "check.users/1"}, 1},
		"not met":         {slowAt(10), journal.Failed, new(false), &journal.Certificate{Failed: []string{"check.users/1"}}, 1},
		"killed twice":    {fakeService{killed: 2}, journal.Inconclusive, nil, nil, 2},
		"killed once":     {fakeService{killed: 1}, journal.Passed, new(true), &journal.Certificate{Passed: "check.users/2"}, 2},
		"ended by itself": {fakeService{exits: 1}, journal.Failed, new(false), &journal.Certificate{Failed: []string{"check.users/1"}}, 1},
	} {
		in(t, slowPlan, c.service, nil, func(t *testing.T, _ *bench, r journal.Run) {
			s := r.Stages[0]
			if s.Verdict != c.verdict || len(s.Trials) != c.trials || (s.Met == nil) != (c.met == nil) || c.met != nil && *s.Met != *c.met {
				t.Errorf("%s: %s after %d trials, met %v", name, s.Verdict, len(s.Trials), s.Met)
			}
			if (s.Certificate == nil) != (c.proof == nil) || c.proof != nil && (s.Certificate.Passed != c.proof.Passed || !slices.Equal(s.Certificate.Failed, c.proof.Failed)) {
				t.Errorf("%s: proved by %+v", name, s.Certificate)
			}
		})
	}
}

func TestOnlyAKillThatNobodyExplainsIsRepeated(t *testing.T) {
	in(t, stack, fakeService{breaks: true}, nil, func(t *testing.T, _ *bench, r journal.Run) {
		if trials := r.Stages[0].Trials; len(trials) != 1 || *trials[0].Reason != journal.Dependency {
			t.Errorf("%d trials, the first %s", len(trials), trials[0].Why)
		}
	})
}

func TestWhatAStageWasGivenUpFor(t *testing.T) {
	by := func(reason journal.Reason) journal.Trial { return journal.Trial{Reason: &reason} }
	for name, c := range map[string]struct {
		trials []journal.Trial
		err    error
		want   journal.Reason
	}{
		"the last trial":              {[]journal.Trial{by(journal.Exit), by(journal.User)}, nil, journal.User},
		"the only trial":              {[]journal.Trial{by(journal.GuardStop)}, nil, journal.GuardStop},
		"an error of the environment": {[]journal.Trial{by(journal.User)}, errors.New("gone"), journal.EngineLost},
		"before any trial":            {nil, nil, journal.EngineLost},
		"after a trial that passed":   {[]journal.Trial{{}}, nil, journal.EngineLost},
	} {
		if got := abortedBy(journal.Stage{Trials: c.trials}, c.err); got != c.want {
			t.Errorf("%s: %s", name, got)
		}
	}
}

func TestTheGuardGaveATrialUp(t *testing.T) {
	for _, c := range []struct {
		verdict journal.Verdict
		reason  journal.Reason
		want    bool
	}{
		{journal.Aborted, journal.GuardStop, true}, {journal.Aborted, journal.User, false}, {journal.Failed, journal.GuardStop, false},
	} {
		if got := stoppedByGuard(journal.Trial{Verdict: c.verdict, Reason: &c.reason}); got != c.want {
			t.Errorf("%s, %s: %v", c.verdict, c.reason, got)
		}
	}
	if stoppedByGuard(journal.Trial{Verdict: journal.Passed}) {
		t.Error("a trial that passed")
	}
}

// helped is a stage with a helper, of which something was heard after a
// minute; the trial begins a second later.
func helped(t *testing.T, check func(s *helpers, stage plans.Stage, h *helper, begun time.Time)) {
	synctest.Test(t, func(t *testing.T) {
		database := plans.Service{Address: "service.database", Name: "database"}
		h := &helper{service: database, instance: &fakeInstance{runtime: &fakeRuntime{}, number: 1}, running: true}
		s := &helpers{started: map[string]*helper{database.Address: h}}
		time.Sleep(time.Minute)
		check(s, plans.Stage{Helpers: []plans.Service{database}}, h, time.Now().Add(time.Second))
	})
}

func TestWhatIsBlamedOnADependency(t *testing.T) {
	broken := func(reason journal.Reason) judge.Verdict {
		return judge.Verdict{Verdict: journal.Failed, Reason: reason, Why: "it failed", Failures: []string{"it failed", "and more"}}
	}
	const gone = "service.database ended: exit code 1"
	blamed := judge.Verdict{Verdict: journal.Inconclusive, Reason: journal.Dependency, Why: gone + "; the failure does not count: it failed", Failures: []string{"and more"}}
	starts := judge.Verdict{Verdict: journal.Passed, Why: "starts"}
	interrupted, late := judge.Because(journal.User, "interrupted"), judge.Because(journal.Generator, "it was late")
	for _, c := range []struct{ v, want judge.Verdict }{ // want: where the dependency is gone; else v stays
		{starts, judge.Verdict{Verdict: journal.Passed, Why: "starts; " + gone + ", meanwhile"}},
		{broken(journal.Errors), blamed},
		{broken(journal.Exit), blamed},
		{broken(journal.OOMStart), broken(journal.OOMStart)},
		{broken(journal.OOMLoad), broken(journal.OOMLoad)},
		{broken(journal.OOMWorker), broken(journal.OOMWorker)},
		{interrupted, interrupted},
		{late, late},
	} {
		helped(t, func(s *helpers, stage plans.Stage, h *helper, begun time.Time) {
			if diff := cmp.Diff(c.v, s.attribute(context.Background(), stage, begun, c.v)); diff != "" {
				t.Errorf("with a helper that lives (-before +after):\n%s", diff)
			}
			time.Sleep(2 * time.Second)
			h.handle(containers.Event{Kind: containers.Died, Detail: "exit code 1"})
			if diff := cmp.Diff(c.want, s.attribute(context.Background(), stage, begun, c.v)); diff != "" {
				t.Errorf("with a helper that ended (-want +got):\n%s", diff)
			}
		})
	}
}

func TestWhatIsHeardOfAHelper(t *testing.T) {
	const oom, died = "ran out of memory", "ended: exit code 1"
	for name, c := range map[string]struct {
		kinds    []containers.EventKind
		end      string
		endSince string // of a trial that had begun before
	}{
		"it starts":                        {[]containers.EventKind{containers.Started}, "", ""},
		"it ended":                         {[]containers.EventKind{containers.Died}, died, died},
		"out of memory":                    {[]containers.EventKind{containers.OOM}, oom, oom},
		"of one end the first sign":        {[]containers.EventKind{containers.OOM, containers.Died}, oom, oom},
		"it lives again":                   {[]containers.EventKind{containers.Died, containers.Started}, "", died},
		"it lives again, and ended again":  {[]containers.EventKind{containers.OOM, containers.Started, containers.Died}, died, died},
		"the engine is no sign of its end": {[]containers.EventKind{containers.Lost}, "", ""},
	} {
		helped(t, func(_ *helpers, _ plans.Stage, h *helper, begun time.Time) {
			time.Sleep(time.Second) // the trial begins at the very moment
			for _, kind := range c.kinds {
				h.handle(containers.Event{Kind: kind, Detail: "exit code 1"})
			}
			if h.endReason() != c.end || h.endReasonSince(begun) != c.endSince {
				t.Errorf("%s: %q, since then %q", name, h.endReason(), h.endReasonSince(begun))
			}
		})
	}
	helped(t, func(_ *helpers, _ plans.Stage, h *helper, begun time.Time) { // before the trial
		h.handle(containers.Event{Kind: containers.Died, Detail: "exit code 1"})
		if h.endReasonSince(begun) != died {
			t.Errorf("ended before the trial, and stays so: %q", h.endReasonSince(begun))
		}
		h.handle(containers.Event{Kind: containers.Started})
		if h.endReasonSince(begun) != "" {
			t.Errorf("lived again before the trial: %q", h.endReasonSince(begun))
		}
	})
}

// What a service needs has ten seconds to answer after a failure.
func TestADependencyHasTenSecondsToAnswer(t *testing.T) {
	for slow, want := range map[time.Duration]journal.Verdict{7 * time.Second: journal.Failed, 9 * time.Second: journal.Inconclusive} {
		late := func(b *bench) { b.runtime.slow = slow } // beyond the two seconds of the fake
		in(t, stack, fakeService{status: 500}, late, func(t *testing.T, _ *bench, r journal.Run) {
			if trial := r.Stages[0].Trials[0]; trial.Verdict != want {
				t.Errorf("after 2s and %s: %s: %s", slow, trial.Verdict, trial.Why)
			}
		})
	}
}

func TestAHelperThatLivesAndDoesNotAnswerIsGone(t *testing.T) {
	for never, want := range map[bool]string{true: "service.database no longer answers at 10.0.0.1:8000: connection refused", false: ""} {
		helped(t, func(s *helpers, stage plans.Stage, h *helper, begun time.Time) {
			instance := &fakeInstance{number: 1, needs: fakeService{never: never}}
			h.instance, stage.Helpers[0].Ready = instance, plans.Ready{Path: "/health", Within: time.Minute}
			s.agent = &fakeAgent{runtime: &fakeRuntime{running: []*fakeInstance{instance}}}
			if got := s.failedDependency(context.Background(), stage, begun); got != want {
				t.Errorf("%q, want %q", got, want)
			}
		})
	}
}

func TestReplicasAreOneAtLeast(t *testing.T) {
	for n, want := range map[int]int{0: 1, 1: 1, 2: 2, 3: 3} {
		if got := replicaCount(plans.Settings{Replicas: n, Limits: plans.Limits{Memory: units.GiB}}); got != want {
			t.Errorf("%d: %d", n, got)
		}
	}
}
