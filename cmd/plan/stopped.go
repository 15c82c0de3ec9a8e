package main

import (
	"fmt"
	"io"
	"slices"
	"sync/atomic"

	"plan/cmd/plan/internal/outputs"
	"plan/internal/tty"
	"plan/report"
	"plan/runner"
	"plan/runner/journal"
)

// printWaiting prints what a command that is stopped at once was doing: the step, and the calls that wait for the
// engine. engine may be nil.
func printWaiting(w io.Writer, step string, engine interface{ Calls() []string }) {
	fmt.Fprintln(w, "\nstopped at once")
	if step != "" {
		fmt.Fprintf(w, "in progress: %s\n", step)
	}
	if engine == nil {
		return
	}
	for _, call := range engine.Calls() {
		fmt.Fprintf(w, "waiting for the engine: %s\n", call)
	}
}

// stoppedWith returns what a second signal does to a command that has nothing to report.
func (e environment) stoppedWith(step string, engine interface{ Calls() []string }) func() (int, func()) {
	return func() (int, func()) {
		return runner.ExitInterrupted, func() { printWaiting(e.stderr, step, engine) }
	}
}

// ending is a run that a second signal stops at once.
type ending struct {
	stderr, people io.Writer // people is where tables go
	reports        bool      // some are written when the run has ended
	reported       atomic.Bool
}

func newEnding(env environment, people io.Writer, files []outputs.File[journal.Run]) *ending {
	later := slices.ContainsFunc(files, func(f outputs.File[journal.Run]) bool { return !f.Format.Live })
	return &ending{stderr: env.stderr, people: people, reports: later}
}

// code returns the exit code: that of the answers, if the run has them all. A report that is missing changes only 0.
func (e *ending) code(record journal.Run, err error) int {
	switch {
	case err != nil || record.Run.Unfinished:
		return runner.ExitInterrupted
	case record.Run.ExitCode == runner.ExitMet && e.unreported():
		return runner.ExitEnvironment
	}
	return record.Run.ExitCode
}

func (e *ending) unreported() bool { return e.reports && !e.reported.Load() }

// running returns what a second signal does while a run goes on or is removed.
func (e *ending) running(
	path string, waiting func(), resources func() ([]string, error), clean string,
) func() (int, func()) {
	return func() (int, func()) {
		record, err := journal.Read(path)
		return e.code(record, err), func() {
			waiting()
			left, listed := resources()
			if listed != nil {
				fmt.Fprintf(e.stderr, "what is left could not be listed: %v\n", listed)
			}
			for _, thing := range left {
				fmt.Fprintf(e.stderr, "left: %s\n", thing)
			}
			fmt.Fprintf(e.stderr, "remove what is left with: %s\n", clean)
			if err != nil || record.Run.Unfinished {
				return
			}
			e.printMissing(record.Run.ID)
			_ = report.Tables(e.people, journal.Printable(record), tty.Options{Width: width(e.people)}) // it ends in any case
		}
	}
}

// ended returns what a second signal does while the results of a run are printed and its reports are written.
func (e *ending) ended(record journal.Run) func() (int, func()) {
	return func() (int, func()) {
		return e.code(record, nil), func() {
			printWaiting(e.stderr, "the results are printed and the reports are written", nil)
			e.printMissing(record.Run.ID)
		}
	}
}

func (e *ending) printMissing(id string) {
	if e.unreported() {
		fmt.Fprintf(e.stderr, "plan: not all reports were written; write them with: plan report %s --report FORMAT=PATH\n",
			id)
	}
}
