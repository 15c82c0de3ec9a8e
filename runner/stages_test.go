package runner

import (
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"plan/runner/journal"
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

// A guard of memory bounds a ramp: the host cannot hold more users. A guard of the time
// says nothing of them.
func TestARampThatRunsOutOfTime(t *testing.T) {
	const guard = "guard {\n  runtime = \"40s\"\n}\n" // it ends the second step
	auto := strings.Replace(head+rampPlan[:strings.Index(rampPlan, "output")], "users = [10, 100, 1000]", "users = \"auto\"\nto = 100", 1)
	auto = strings.Replace(auto, "search.memory.found.memory", `"1G"`, 1)
	for name, c := range map[string]struct {
		plan    string
		verdict journal.Verdict
		exit    int
	}{
		"steps":                         {guard + rampOf(""), journal.Aborted, ExitGuard},
		"steps, and a demand is met":    {guard + rampOf("at_least = 10"), journal.Passed, ExitMet},
		"steps, a demand is not met":    {guard + rampOf("at_least = 20"), journal.Aborted, ExitGuard},
		"users that are found, in full": {strings.Replace(guard, "40s", "45s", 1) + auto, journal.Aborted, ExitGuard},
	} {
		in(t, c.plan, fakeService{}, nil, func(t *testing.T, _ *bench, r journal.Run) {
			s := r.Stages[0]
			if last := s.Trials[len(s.Trials)-1]; len(s.Trials) != 2 || !last.StoppedByGuard() {
				t.Fatalf("%s: %d trials, the last one %s", name, len(s.Trials), last.Why)
			}
			if s.Verdict != c.verdict || r.Run.ExitCode != c.exit || (s.AbortedBy == journal.GuardStop) != (c.exit == ExitGuard) {
				t.Errorf("%s: %s by %q, exit %d", name, s.Verdict, s.AbortedBy, r.Run.ExitCode)
			}
		})
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

func TestOnlyAKillWithoutAnExplanationIsRepeated(t *testing.T) {
	in(t, stack, fakeService{breaks: true}, nil, func(t *testing.T, _ *bench, r journal.Run) {
		if trials := r.Stages[0].Trials; len(trials) != 1 || *trials[0].Reason != journal.Dependency {
			t.Errorf("%d trials, the first %s", len(trials), trials[0].Why)
		}
	})
}

func TestWhatAStageWasStoppedFor(t *testing.T) {
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
