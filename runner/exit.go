package runner

import (
	"context"
	"errors"
	"slices"
	"strconv"

	"plan/runner/journal"
	"plan/runner/judge"
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
	case stopOf(ctx).Reason == journal.User:
		return ExitInterrupted
	case stopOf(ctx).Reason == journal.GuardStop && len(s.record.Stages) < len(s.Plan.Stages):
		return ExitGuard
	}
	worst := ExitMet
	for _, stage := range s.record.Stages {
		worst = Worse(worst, stageCode(stage))
	}
	switch {
	case guardStopped(err):
		worst = Worse(worst, ExitGuard)
	case err != nil:
		worst = Worse(worst, ExitEnvironment)
	}
	return worst
}

// guardStopped says whether the guard is what ended something.
func guardStopped(err error) bool {
	s, is := errors.AsType[judge.Stop](err)
	return is && s.Reason == journal.GuardStop
}

func stageCode(s journal.Stage) int {
	switch s.Verdict {
	case journal.Passed:
		return ExitMet
	case journal.Inconclusive, journal.Invalid:
		return ExitInconclusive
	case journal.Aborted:
		switch s.AbortedBy {
		case journal.GuardStop:
			return ExitGuard
		case journal.User:
			return ExitInterrupted
		case journal.EngineLost:
			return ExitEnvironment
		}
		panic("runner: no exit code for a stage aborted by " + strconv.Quote(string(s.AbortedBy)))
	case journal.Failed, journal.Skipped, "": // "": it did not end, and the error that ended the run says why
		return ExitNotMet
	}
	panic("runner: no exit code for the verdict " + strconv.Quote(string(s.Verdict)))
}

// Worse is the exit code of two that outranks the other.
func Worse(a, b int) int {
	rank := []int{ExitMet, ExitNotMet, ExitInconclusive, ExitEnvironment, ExitGuard, ExitInterrupted}
	return rank[max(slices.Index(rank, a), slices.Index(rank, b))]
}
