package report

import (
	"strings"
	"testing"

	"plan/plans"
	"plan/report/fixture"
	"plan/runner/journal"
)

func TestWhatBinds(t *testing.T) {
	step := func(cpus *float64, seconds float64, throttled int64, processes ...int) journal.Trial {
		trial := fixture.Loaded(fixture.Trial("ramp.users/1", 1300), 50, 1000, 0, 60, 0.2)
		trial.Set.CPUs = cpus
		trial.CPU = journal.CPU{Seconds: &seconds, Periods: new(int64(100)), ThrottledPeriods: &throttled}
		trial.Instances = make([]journal.Instance, max(1, len(processes)))
		for i, n := range processes {
			trial.Instances[i].Processes = &journal.Processes{Answered: n, Of: n}
		}
		return trial
	}
	unknown := step(nil, 60, 0)
	unknown.CPU.Seconds = nil
	for name, c := range map[string]struct {
		trial journal.Trial
		want  string
	}{
		"one process":            {step(new(2.0), 57, 0), "one process binds: it used 95 % of a core"},
		"without a limit":        {step(nil, 60, 0), "one process binds"},
		"each of two replicas":   {step(new(2.0), 120, 0, 1, 1), "one process binds"},
		"two processes":          {step(new(2.0), 57, 0, 2), ""},
		"half of a core":         {step(new(2.0), 53, 0), ""},
		"more than a core":       {step(new(2.0), 67, 0), ""},
		"a limit of one core":    {step(new(1.0), 57, 0), ""},
		"throttled now and then": {step(new(2.0), 57, 1), ""},
		"throttled":              {step(new(0.5), 30, 25), "the CPU limit binds: the service was throttled in 25 % of its periods"},
		"throttled not as often": {step(new(0.5), 30, 24), ""},
		"its use is not known":   {unknown, ""},
		"nothing was sent to it": {fixture.Trial("ramp.users/1", 1300), ""},
	} {
		if got := binds(c.trial); !strings.Contains(got, c.want) || (got == "") != (c.want == "") {
			t.Errorf("%s: %q, want %q", name, got, c.want)
		}
	}
}

// TestTheKneeIsNamed: of every ramp, and what binds of its first trial at or beyond it.
func TestTheKneeIsNamed(t *testing.T) {
	s := fixture.Held()
	said := strings.Join(kneeRemarks(s), " ")
	if strings.Contains(said, "knee") || !strings.Contains(said, "With 250 users the CPU limit binds") {
		t.Errorf("%q", said)
	}
	s.Knee = new(250)
	if said := kneeRemarks(s)[0]; !strings.HasPrefix(said, "The knee is at 250 users: ") {
		t.Errorf("%q", said)
	}
	s.Trials[3].Verdict = journal.Passed
	if said := kneeRemarks(s); len(said) != 2 {
		t.Errorf("%q", said)
	}
	s.Kind = plans.Check
	if said := kneeRemarks(s); said != nil {
		t.Errorf("%q", said)
	}
}

// TestWhatARampWithoutALimitSays: no text calls what was held the most.
func TestWhatARampWithoutALimitSays(t *testing.T) {
	for name, c := range map[string]struct {
		change           func(*journal.Stage)
		sentence, answer string
	}{
		"all up to the end": {func(*journal.Stage) {},
			"At least 170 users held, and no trial failed. More were not tried.", "at least 170 users"},
		"the host has no more": {func(s *journal.Stage) { s.Auto.Cut = "the driver may not open more files" },
			"At least 170 users held, and no trial failed. More were not tried: the driver may not open more files.", "at least 170 users"},
		"enough": {func(s *journal.Stage) { s.AtLeast = new(170) },
			"At least 170 users held, and no trial failed. More were not tried. The minimum of 170 is met.", "at least 170 users"},
		"fewer than are asked for": {func(s *journal.Stage) {
			s.AtLeast, s.Verdict, s.Reason = new(200), journal.Inconclusive, "no trial failed, and more than 170 users were not tried"
		}, "At least 170 users held. No answer. The stage is inconclusive: no trial failed, and more than 170 users were not tried. " +
			"It is not known whether the minimum of 200 is met.", "at least 170 users"},
		"saturated": {func(s *journal.Stage) { s.Knee, s.Auto.To = new(85), 1000 },
			"At least 170 users held, and no trial failed. The service is saturated: more users bring no more throughput.", "at least 170 users"},
		"enough, and more without a verdict": {func(s *journal.Stage) {
			s.AtLeast, s.Auto.To = new(170), 1000
			more := fixture.Failing(s.Trials[0], journal.Dependency, "minio did not respond")
			more.ID, more.Users, more.Verdict = "ramp.users/2", new(340), journal.Inconclusive
			s.Trials = append(s.Trials, more)
		}, "At least 170 users held: 170 passed, 340 is inconclusive: minio did not respond. The minimum of 170 is met.", "at least 170 users"},
		"a failure far above": {func(s *journal.Stage) {
			far := fixture.Failing(s.Trials[0], journal.Latency, "p95 580ms over 500ms")
			far.ID, far.Users = "ramp.users/0", new(340)
			s.Trials = []journal.Trial{far, s.Trials[0]}
		}, "At least 170 users held: 170 passed, 340 failed: p95 580ms over 500ms. The limit between them was not found.", "at least 170 users"},
	} {
		s := fixture.FoundUsers()
		s.Auto.To, s.Certificate.Failed, s.Trials = 170, []string{}, s.Trials[3:4]
		c.change(&s)
		if got := Sentence(s); got != c.sentence {
			t.Errorf("%s: %s", name, got)
		}
		if got := answerText(s); got != c.answer {
			t.Errorf("%s: %s", name, got)
		}
	}
}
