package runner

import (
	"context"
	"slices"

	"plan/runner/journal"
)

// Exit codes of a run.
const (
	ExitMet          = 0   // all found and met
	ExitNotMet       = 1   // an objective was not met, or no answer exists in the range
	ExitUsage        = 2   // command line or file wrong
	ExitEnvironment  = 3   // engine, network, image, preflight, push
	ExitGuard        = 4   // stopped by the guard without an answer
	ExitInconclusive = 5   // no verdict could be given
	ExitInterrupted  = 130 // partial report written
)

// exitCode is the worst of what happened.
func (s *run) exitCode(ctx context.Context, err error) int {
	switch {
	case stopOf(ctx).reason == journal.User:
		return ExitInterrupted
	case stopOf(ctx).reason == journal.GuardStop && len(s.record.Stages) < len(s.Plan.Stages):
		return ExitGuard
	}
	worst := ExitMet
	for _, stage := range s.record.Stages {
		worst = Worse(worst, stageCode(stage))
	}
	if err != nil {
		worst = Worse(worst, ExitEnvironment)
	}
	return worst
}

func stageCode(s journal.Stage) int {
	switch s.Verdict {
	case journal.Passed:
		return ExitMet
	case journal.Inconclusive, journal.Invalid:
		return ExitInconclusive
	case journal.Aborted:
		return abortCode(s)
	}
	return ExitNotMet
}

// abortCode tells by its last trial what a stage was given up for.
func abortCode(s journal.Stage) int {
	if n := len(s.Trials); n > 0 && s.Trials[n-1].Reason != nil {
		switch *s.Trials[n-1].Reason {
		case journal.EngineLost:
			return ExitEnvironment
		case journal.User:
			return ExitInterrupted
		}
	}
	return ExitGuard
}

// Worse is the exit code of two that outranks the other.
func Worse(a, b int) int {
	rank := []int{ExitMet, ExitNotMet, ExitInconclusive, ExitEnvironment, ExitGuard, ExitInterrupted}
	return rank[max(slices.Index(rank, a), slices.Index(rank, b))]
}
