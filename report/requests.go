package report

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"plan/engine"
	"plan/internal/tty"
	"plan/plans"
	"plan/runner/journal"
)

// requestTable has the figures of each request of the trials that decided; no
// rows where they had only one. Latencies are those of all OK answers.
func requestTable(s journal.Stage) tty.Table {
	t := tty.Table{Header: []string{"TRIAL", "REQUEST", "REQUESTS", "OK", "ERRORS"}, Flow: -1, Spare: []string{"MAX", "P50"}}
	for _, m := range latencyColumns() {
		t.Header = append(t.Header, strings.ToUpper(m.Name))
	}
	for _, trial := range deciding(s) {
		if trial.Load == nil || len(trial.Load.ByRequest) < 2 {
			continue
		}
		for n, name := range slices.Sorted(maps.Keys(trial.Load.ByRequest)) {
			t.Rows = append(t.Rows, requestRow(heading(s, trial, n), name, trial.Load.ByRequest[name]))
		}
	}
	return t
}

// deciding are the trials that the answer of a stage is made of.
func deciding(s journal.Stage) []journal.Trial {
	switch {
	case len(s.Trials) == 0:
		return nil
	case s.Kind == plans.Check:
		return s.Trials[len(s.Trials)-1:]
	case s.Kind == plans.Ramp:
		stopped, did := firstMiss(s)
		return slices.DeleteFunc(slices.Clone(s.Trials), func(t journal.Trial) bool {
			return !(s.Certificate != nil && t.ID == s.Certificate.Passed || did && t.ID == stopped.ID)
		})
	}
	return nil
}

func requestRow(trial, name string, n engine.Counts) []string {
	row := []string{trial, tty.Clean(name), fmt.Sprint(n.Requests), fmt.Sprint(n.OK), failedText(n.Failed, n.OK)}
	for _, m := range latencyColumns() {
		row = append(row, tty.Seconds(n.LatencyOK.Value(m)))
	}
	return row
}
