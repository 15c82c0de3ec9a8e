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

// requestTable returns the figures of each request of the decisive trials; no rows
// where they have one request. Latencies are those of all OK answers.
func requestTable(s journal.Stage) tty.Table {
	t := tty.Table{Header: []string{"TRIAL", "REQUEST", "REQUESTS", "OK", "ERRORS"}, Flow: -1,
		Spare: []string{"MAX", "P50"}}
	for _, m := range latencyColumns() {
		t.Header = append(t.Header, strings.ToUpper(m.Name))
	}
	for _, trial := range decidingTrials(s) {
		if trial.Load == nil || len(trial.Load.ByRequest) < 2 {
			continue
		}
		for n, name := range slices.Sorted(maps.Keys(trial.Load.ByRequest)) {
			t.Rows = append(t.Rows, requestRow(rowName(s, trial, n), name, trial.Load.ByRequest[name]))
		}
	}
	return t
}

// decidingTrials returns the trials that decided the answer of a stage.
func decidingTrials(s journal.Stage) []journal.Trial {
	switch {
	case len(s.Trials) == 0:
		return nil
	case s.Kind == plans.Check:
		return s.Trials[len(s.Trials)-1:]
	case s.Kind == plans.Ramp:
		stopped, did := firstFailedStep(s)
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
