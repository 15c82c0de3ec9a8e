package report

import (
	"fmt"
	"maps"
	"slices"
	"strings"

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
	var decisive []journal.Trial
	switch stopped, did := firstFailedStep(s); s.Kind {
	case plans.Check:
		decisive = s.Trials[max(0, len(s.Trials)-1):]
	case plans.Ramp:
		decisive = slices.DeleteFunc(slices.Clone(s.Trials), func(t journal.Trial) bool {
			return !(s.Certificate != nil && t.ID == s.Certificate.Passed || did && t.ID == stopped.ID)
		})
	}
	for _, trial := range decisive {
		if trial.Load == nil || len(trial.Load.ByRequest) < 2 {
			continue
		}
		for n, name := range slices.Sorted(maps.Keys(trial.Load.ByRequest)) {
			counts := trial.Load.ByRequest[name]
			row := []string{rowName(s, trial, n), tty.Clean(name), fmt.Sprint(counts.Requests), fmt.Sprint(counts.OK),
				failedText(counts.Failed, counts.OK)}
			for _, m := range latencyColumns() {
				row = append(row, tty.Seconds(counts.LatencyOK.Value(m)))
			}
			t.Rows = append(t.Rows, row)
		}
	}
	return t
}
