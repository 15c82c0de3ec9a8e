package report

import (
	"fmt"
	"io"
	"strings"
	"time"

	"plan/internal/tty"
	"plan/internal/units"
	"plan/runner/journal"
)

// Kept is a run whose folder was kept.
type Kept struct {
	ID      string
	Run     journal.Run // empty where its journal cannot be read
	Problem error       // why its journal cannot be read
	Alive   bool        // it still runs
	Size    int64       // of its folder, in bytes
}

// Complete reports whether the run is over: it does not run, and cannot be resumed.
func (k Kept) Complete() bool { return k.Problem == nil && !k.Alive && !k.Run.Run.Resumable() }

// Prunable returns the runs to remove, in their order: those that are complete, are not
// among the newest so many, and began before a moment. Runs are sorted by age, the
// newest last; a zero moment is no bound.
func Prunable(all []Kept, newest int, before time.Time) []Kept {
	var some []Kept
	for i, k := range all {
		recent := i >= len(all)-newest || !before.IsZero() && !k.Run.Run.Started.Before(before)
		if k.Complete() && !recent {
			some = append(some, k)
		}
	}
	return some
}

// RunsTable prints a line for each run.
func RunsTable(w io.Writer, all []Kept, o tty.Options) error {
	t := tty.Table{Header: []string{"RUN", "WHEN", "PLAN", "ANSWER", "EXIT", "SIZE"}, Flow: 3}
	for _, k := range all {
		h := k.Run.Run
		var answers []string
		for _, s := range k.Run.Stages {
			answers = append(answers, s.Address+" "+answerText(s.Counted()))
		}
		row := []string{tty.Clean(k.ID), h.Started.Local().Format("2006-01-02 15:04"), tty.Clean(k.Run.Plan.Name),
			strings.Join(answers, ", "),
			fmt.Sprint(h.ExitCode), units.Bytes(k.Size).Traffic()}
		switch {
		case k.Alive:
			row[4] = "running"
		case k.Problem != nil:
			row[1], row[2], row[3], row[4] = tty.Unknown, tty.Unknown, tty.Clean(k.Problem.Error()), tty.Unknown
		case h.Unfinished:
			row[4] = "killed"
		}
		t.Rows = append(t.Rows, row)
	}
	return t.Print(w, o)
}
