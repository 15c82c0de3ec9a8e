package runner

import (
	"cmp"
	"context"
	"slices"
	"strconv"

	"plan/runner/journal"
	"plan/runner/judge"
)

// Exit codes of a run. exits has their meaning.
const (
	ExitMet          = 0
	ExitNotMet       = 1
	ExitUsage        = 2
	ExitEnvironment  = 3
	ExitGuard        = 4
	ExitInconclusive = 5
	ExitInterrupted  = 130
)

// Exit is an exit code of a run.
type Exit struct {
	Code    int
	Meaning string // in a few words
}

// exits has every exit code. Each outranks those above it.
var exits = []Exit{
	{ExitMet, "every search and ramp has an answer, and every check passed"},
	{ExitNotMet, "a check failed, a search or ramp has no answer in its range, or a ramp passed with fewer users than at_least"},
	{ExitInconclusive, "no verdict could be given"},
	{ExitEnvironment, "the environment is not ready: engine, network, image, preflight, push; or a report was not written"},
	{ExitGuard, "stopped by the guard, or a budget used up, before the answer was proven"},
	{ExitUsage, "the command line or the file is wrong"},
	{ExitInterrupted, "interrupted; what was done is reported"},
}

// Elsewhere returns what the code means of commands that run nothing; "" if the meaning
// says it.
func (e Exit) Elsewhere() string {
	switch e.Code {
	case ExitNotMet:
		return "`plan compare`: a stage is worse; `plan report --verify`: a verdict or an answer does not hold"
	case ExitUsage:
		return "`plan report --verify`: the journal cannot be read"
	case ExitInconclusive:
		return "`plan compare`: a stage may be worse"
	}
	return ""
}

// Exits returns every exit code, in ascending order.
func Exits() []Exit {
	return slices.SortedFunc(slices.Values(exits), func(a, b Exit) int { return cmp.Compare(a.Code, b.Code) })
}

// exitCode returns the exit code of a run: that of its worst stage, or of what ended
// it. stages is the number of stages of the plan, ctx the context of the run, err
// the error that ended it. What happens after the last verdict changes no answer:
// then only the stages count.
func exitCode(ctx context.Context, r journal.Run, stages int, err error) int {
	switch {
	case answered(r, stages):
		err = nil
	case stopOf(ctx).Reason == journal.User:
		return ExitInterrupted
	case stopOf(ctx).Reason == journal.GuardStop && len(r.Stages) < stages:
		return ExitGuard
	}
	worst := ExitMet
	for _, stage := range r.Stages {
		worst = Worse(worst, stageExitCode(stage))
	}
	switch {
	case judge.IsGuardStop(err):
		worst = Worse(worst, ExitGuard)
	case err != nil:
		worst = Worse(worst, ExitEnvironment)
	}
	return worst
}

// answered reports whether every stage of a plan has its verdict, and neither a stage
// nor its last trial, such as that of the recommended value, was stopped.
func answered(r journal.Run, stages int) bool {
	stopped := func(s journal.Stage) bool {
		n := len(s.Trials)
		return s.Verdict == "" || s.Verdict == journal.Aborted ||
			n > 0 && s.Trials[n-1].Reason != nil && *s.Trials[n-1].Reason == journal.User
	}
	return len(r.Stages) == stages && !slices.ContainsFunc(r.Stages, stopped)
}

// stageExitCode returns the exit code that one stage alone would give.
func stageExitCode(s journal.Stage) int {
	switch s.Verdict {
	case journal.Passed:
		return ExitMet
	case journal.Inconclusive, journal.Invalid:
		return ExitInconclusive
	case journal.Aborted:
		switch s.AbortedBy {
		case journal.GuardStop, journal.BudgetUsed:
			return ExitGuard
		case journal.User:
			return ExitInterrupted
		case journal.EngineLost:
			return ExitEnvironment
		}
		panic("runner: no exit code for a stage aborted by " + strconv.Quote(string(s.AbortedBy)))
	case journal.Failed, journal.Skipped, "": // "": the stage has not ended; the error of the run says why
		return ExitNotMet
	}
	panic("runner: no exit code for the verdict " + strconv.Quote(string(s.Verdict)))
}

// Worse returns the exit code of two that outranks the other. It panics at a code
// that is not in Exits.
func Worse(a, b int) int { return exits[max(rank(a), rank(b))].Code }

func rank(code int) int {
	i := slices.IndexFunc(exits, func(e Exit) bool { return e.Code == code })
	if i < 0 {
		panic("runner: no exit code of a run is " + strconv.Itoa(code))
	}
	return i
}
