package runner

import (
	"context"
	"errors"
	"fmt"
	"testing"

	"plan/runner/journal"
	"plan/runner/judge"
)

// ranked are the exit codes, the worse the later.
var ranked = []int{ExitMet, ExitNotMet, ExitInconclusive, ExitEnvironment, ExitGuard, ExitUsage, ExitInterrupted}

func TestExitCodesAreThoseThatScriptsKnow(t *testing.T) {
	for want, got := range map[int]int{
		0: ExitMet, 1: ExitNotMet, 2: ExitUsage, 3: ExitEnvironment, 4: ExitGuard, 5: ExitInconclusive, 130: ExitInterrupted,
	} {
		if got != want {
			t.Errorf("%d is now %d", want, got)
		}
	}
}

func TestTheWorseOfTwoExitCodes(t *testing.T) {
	for i, better := range ranked {
		for _, worse := range ranked[i:] {
			if Worse(better, worse) != worse || Worse(worse, better) != worse {
				t.Errorf("of %d and %d: %d and %d", better, worse, Worse(better, worse), Worse(worse, better))
			}
		}
	}
}

func TestTheExitCodeOfAStage(t *testing.T) {
	for _, c := range []struct {
		stage journal.Stage
		want  int
	}{
		{journal.Stage{Verdict: journal.Passed}, ExitMet},
		{journal.Stage{Verdict: journal.Failed}, ExitNotMet},
		{journal.Stage{Verdict: journal.Skipped}, ExitNotMet},
		{journal.Stage{Verdict: journal.Inconclusive}, ExitInconclusive},
		{journal.Stage{Verdict: journal.Invalid}, ExitInconclusive},
		{journal.Stage{Verdict: journal.Aborted, AbortedBy: journal.GuardStop}, ExitGuard},
		{journal.Stage{Verdict: journal.Aborted, AbortedBy: journal.User}, ExitInterrupted},
		{journal.Stage{Verdict: journal.Aborted, AbortedBy: journal.EngineLost}, ExitEnvironment},
	} {
		if got := stageExitCode(c.stage); got != c.want {
			t.Errorf("%s by %q: %d, want %d", c.stage.Verdict, c.stage.AbortedBy, got, c.want)
		}
	}
}

// endedBy is a context that ended for a reason; nil: it goes on.
func endedBy(cause error) context.Context {
	if cause == nil {
		return context.Background()
	}
	ctx, cancel := context.WithCancelCause(context.Background())
	cancel(cause)
	return ctx
}

func TestTheExitCodeOfARun(t *testing.T) {
	passed, failed := journal.Stage{Verdict: journal.Passed}, journal.Stage{Verdict: journal.Failed}
	byGuard := judge.Stop{Reason: journal.GuardStop, Why: "the guard stopped it"}
	for name, c := range map[string]struct {
		cause  error
		stages []journal.Stage // of two in the plan
		err    error
		want   int
	}{
		"met":                                {nil, []journal.Stage{passed, passed}, nil, ExitMet},
		"not met":                            {nil, []journal.Stage{failed, passed}, nil, ExitNotMet},
		"interrupted":                        {context.Canceled, []journal.Stage{failed}, nil, ExitInterrupted},
		"interrupted with a fault":           {context.Canceled, nil, errors.New("gone"), ExitInterrupted},
		"out of time":                        {byGuard, []journal.Stage{passed}, nil, ExitGuard},
		"out of time in the last stage":      {byGuard, []journal.Stage{passed, failed}, nil, ExitNotMet},
		"interrupted after the last verdict": {context.Canceled, []journal.Stage{failed, passed}, nil, ExitNotMet},
		"a fault after the last verdict":     {nil, []journal.Stage{passed, passed}, errors.New("gone"), ExitMet},
		"out of time after the last verdict": {byGuard, []journal.Stage{passed, passed}, byGuard, ExitMet},
		"interrupted in the last stage":      {context.Canceled, []journal.Stage{passed, {Verdict: journal.Aborted, AbortedBy: journal.User}}, nil, ExitInterrupted},
		"interrupted before its verdict":     {context.Canceled, []journal.Stage{passed, {}}, nil, ExitInterrupted},
		"a fault of the environment":         {nil, []journal.Stage{passed}, errors.New("gone"), ExitEnvironment},
		"a fault after a failure":            {nil, []journal.Stage{failed}, errors.New("gone"), ExitEnvironment},
		"a lost engine":                      {nil, []journal.Stage{passed}, judge.Stop{Reason: journal.EngineLost, Why: "gone"}, ExitEnvironment},
		"stopped by the guard":               {nil, []journal.Stage{passed}, fmt.Errorf("starting service.db: %w", byGuard), ExitGuard},
	} {
		if got := exitCode(endedBy(c.cause), journal.Run{Stages: c.stages}, 2, c.err); got != c.want {
			t.Errorf("%s: %d, want %d", name, got, c.want)
		}
	}
}
