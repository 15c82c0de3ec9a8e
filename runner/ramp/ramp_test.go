package ramp

import (
	"testing"

	"plan/runner/journal"
)

func TestWhatALastStepLeavesOpen(t *testing.T) {
	held, trial := 10, func(verdict journal.Verdict, reason journal.Reason) journal.Trial {
		return journal.Trial{Verdict: verdict, Reason: &reason}
	}
	for _, c := range []struct {
		held, atLeast *int
		last          journal.Trial
		want          journal.Verdict
	}{
		{&held, nil, trial(journal.Passed, ""), journal.Passed},
		{&held, nil, trial(journal.Failed, journal.Latency), journal.Passed},
		{nil, nil, trial(journal.Failed, journal.Latency), journal.Failed},
		{&held, nil, trial(journal.Inconclusive, journal.Dependency), journal.Inconclusive},
		{&held, nil, trial(journal.Invalid, journal.Generator), journal.Invalid},
		{&held, new(10), trial(journal.Inconclusive, journal.Dependency), journal.Passed},
		{&held, new(11), trial(journal.Inconclusive, journal.Dependency), journal.Inconclusive},
		{&held, new(11), trial(journal.Failed, journal.Latency), journal.Failed},
		{&held, nil, trial(journal.Aborted, journal.GuardStop), journal.Passed},
		{nil, nil, trial(journal.Aborted, journal.GuardStop), journal.Aborted},
		{&held, nil, trial(journal.Aborted, journal.User), journal.Aborted},
	} {
		s := journal.Stage{Held: c.held, AtLeast: c.atLeast}
		if conclude(&s, c.last, false); s.Verdict != c.want {
			t.Errorf("%+v after %s (%s): %s, want %s", s, c.last.Verdict, *c.last.Reason, s.Verdict, c.want)
		}
	}
}

func TestARampThatWasCutOffHasNoAnswerButByTheGuard(t *testing.T) {
	for reason, want := range map[journal.Reason]journal.Verdict{journal.User: journal.Aborted, journal.EngineLost: journal.Aborted, journal.GuardStop: journal.Passed} {
		s := journal.Stage{Held: new(10), AtLeast: new(10)}
		if conclude(&s, journal.Trial{Verdict: journal.Aborted, Reason: &reason}, false); s.Verdict != want {
			t.Errorf("by %s: %s, want %s", reason, s.Verdict, want)
		}
	}
}
