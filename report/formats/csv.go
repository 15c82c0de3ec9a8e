package formats

import (
	"encoding/csv"
	"fmt"
	"io"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"plan/internal/metrics"
	"plan/internal/tty"
	"plan/runner/journal"
)

// column is a column of the CSV report.
type column struct {
	name string
	cell func(run string, stage journal.Stage, t journal.Trial) string
}

// columns returns the trial, its limits, the settings that the run varies, every metric
// of package metrics, and how the trial ended.
func columns(run journal.Run) []column {
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
	varied := map[string]bool{} // names of what trials vary besides limits
	for _, s := range run.Stages {
		for _, t := range s.Trials {
			for name := range t.Set.Vary {
				varied[name] = true
			}
		}
	}
	for _, name := range slices.Sorted(maps.Keys(varied)) {
		all = append(all, ofTrial("vary."+name, func(t journal.Trial) string { return settingCell(t.Set.Vary[name]) }))
	}
	all = append(all, ofTrial("arrival_rate", func(t journal.Trial) string { return numberCell(t.Arrivals) }))
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

// csvReport writes a line of names and a line for each trial, by RFC 4180. Bytes,
// seconds, CPUs and shares are plain numbers; unknown values are empty.
func csvReport(w io.Writer, run journal.Run) error {
	out := csv.NewWriter(w)
	out.UseCRLF = true
	all := columns(run)
	line := make([]string, len(all))
	for i, c := range all {
		line[i] = c.name
	}
	out.Write(line) // Error returns the first error
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

// textCell returns a text as one line. A single quote before a formula keeps a
// spreadsheet from computing it: why may have the words of a service.
func textCell(text string) string {
	text = tty.Clean(text)
	if text != "" && strings.ContainsRune("=+-@", rune(text[0])) {
		return "'" + text
	}
	return text
}

// settingCell returns the value of a setting: a text, a number, true or false; empty where
// a trial has none.
func settingCell(value any) string {
	switch v := value.(type) {
	case nil:
		return ""
	case float64:
		return numberCell(&v)
	}
	return textCell(fmt.Sprint(value))
}

func numberCell[T int | int64 | float64](n *T) string {
	if n == nil {
		return ""
	}
	return strconv.FormatFloat(float64(*n), 'f', -1, 64)
}
