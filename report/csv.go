package report

import (
	"encoding/csv"
	"io"
	"strconv"
	"strings"
	"time"

	"plan/internal/metrics"
	"plan/internal/tty"
	"plan/runner/journal"
)

// column is one of the CSV report.
type column struct {
	name string
	cell func(run string, stage journal.Stage, t journal.Trial) string
}

// columns are which trial it was, its limits, every metric of package metrics,
// and how it ended.
func columns() []column {
	all := []column{
		{"run", func(run string, _ journal.Stage, _ journal.Trial) string { return textCell(run) }},
		{"stage", func(_ string, s journal.Stage, _ journal.Trial) string { return textCell(s.Address) }},
		ofTrial("id", func(t journal.Trial) string { return textCell(t.ID) }),
		ofTrial("repeats", func(t journal.Trial) string { return textCell(t.Repeats) }),
		ofTrial("first_look", func(t journal.Trial) string { return strconv.FormatBool(t.FirstLook) }),
		ofTrial("memory", func(t journal.Trial) string { return numberCell(t.Set.Memory) }),
		ofTrial("cpus", func(t journal.Trial) string { return numberCell(t.Set.CPUs) }),
		ofTrial("replicas", func(t journal.Trial) string { return numberCell(t.Set.Replicas) }),
	}
	for _, m := range metrics.All() {
		all = append(all, ofTrial(m.Name, func(t journal.Trial) string { return numberCell(t.Value(m)) }))
	}
	return append(all,
		ofTrial("phase", func(t journal.Trial) string { return textCell(string(t.Phase)) }),
		ofTrial("verdict", func(t journal.Trial) string { return textCell(string(t.Verdict)) }),
		ofTrial("reason", func(t journal.Trial) string { return textCell(string(tty.OrZero(t.Reason))) }),
		ofTrial("why", func(t journal.Trial) string { return textCell(t.Why) }),
		ofTrial("started", func(t journal.Trial) string { return t.Started.Format(time.RFC3339Nano) }),
		ofTrial("seconds", func(t journal.Trial) string { return numberCell(&t.Seconds.Total) }),
	)
}

func ofTrial(name string, cell func(journal.Trial) string) column {
	return column{name, func(_ string, _ journal.Stage, t journal.Trial) string { return cell(t) }}
}

// csvReport writes one line for each trial below a line of names, as RFC 4180 has it.
// Bytes, seconds, CPUs and shares are plain numbers; what is not known is empty.
func csvReport(w io.Writer, run journal.Run) error {
	out := csv.NewWriter(w)
	out.UseCRLF = true
	all := columns()
	line := make([]string, len(all))
	for i, c := range all {
		line[i] = c.name
	}
	out.Write(line) // Error tells of the first that failed
	for _, s := range run.Stages {
		for _, t := range s.Trials {
			for i, c := range all {
				line[i] = c.cell(run.Run.ID, s, t)
			}
			out.Write(line)
		}
	}
	out.Flush()
	return out.Error()
}

// textCell keeps a text to one line. What a spreadsheet would compute is made a
// text by a single quote before it: a service can have its words in why.
func textCell(text string) string {
	text = tty.Clean(text)
	if text != "" && strings.ContainsRune("=+-@", rune(text[0])) {
		return "'" + text
	}
	return text
}

func numberCell[T int | int64 | float64](n *T) string {
	if n == nil {
		return ""
	}
	return strconv.FormatFloat(float64(*n), 'f', -1, 64)
}
