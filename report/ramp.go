package report

import (
	"fmt"
	"slices"
	"strings"

	"plan/internal/metrics"
	"plan/internal/tty"
	"plan/internal/units"
	"plan/runner/journal"
)

// notRun is the result of a step that the ramp did not reach.
const notRun = "not run"

// loadColumn is a column of a load's table.
type loadColumn struct {
	head string
	cell func(journal.Trial) string
}

// loadColumns returns the columns of a ramp or a check, in order. Latencies are those
// that thresholds apply to.
func loadColumns() []loadColumn {
	columns := []loadColumn{
		{"USERS", sizeText},
		{"REQUESTS", ofLoad(func(l journal.Load) string { return fmt.Sprint(l.Requests) })},
		{"OK/S", ofLoad(func(l journal.Load) string { return fmt.Sprintf("%.1f", l.Judged.OKRate) })},
		{"ERRORS", ofLoad(func(l journal.Load) string { return failedText(l.Failed, l.OK) })},
		{"DROPPED", ofLoad(func(l journal.Load) string { return tty.Number(l.Dropped) })},
	}
	for _, m := range latencyColumns() {
		columns = append(columns,
			loadColumn{strings.ToUpper(m.Name), func(t journal.Trial) string { return tty.Seconds(t.Value(m)) }})
		if m.Name == "p95" {
			columns = append(columns,
				loadColumn{allColumn, ofLoad(func(l journal.Load) string { return tty.Seconds(l.Judged.LatencyAll.P95) })})
		}
	}
	return append(columns,
		loadColumn{"MEMORY", func(t journal.Trial) string { return tty.Bytes(t.Memory.Peak) }},
		loadColumn{"CPU(of limit)", func(t journal.Trial) string { return tty.Percent(t.CPU.Share) }},
		loadColumn{"THROTTLED", func(t journal.Trial) string { return tty.Percent(t.CPU.ThrottledShare()) }},
		loadColumn{"WAITING", ofLoad(func(l journal.Load) string { return tty.Number(l.InFlightAtEnd) })},
		loadColumn{"LATENESS", ofLoad(func(l journal.Load) string { return tty.Seconds(l.Lateness.P99) })},
		loadColumn{"RESULT", func(t journal.Trial) string {
			if killsUnknown(t) {
				return ResultText(t) + " (" + unknownKills + ")"
			}
			return ResultText(t)
		}},
	)
}

// ResultText returns the verdict of a trial; of one whose load grew what its windows
// showed, which is no verdict.
func ResultText(t journal.Trial) string {
	switch {
	case len(t.Windows) == 0 || !t.Verdict.Counts():
		return string(t.Verdict)
	case t.Windows[len(t.Windows)-1].Broken != "":
		return fmt.Sprintf("broke at %d", reached(t))
	}
	return fmt.Sprintf("grew to %d", reached(t))
}

// allColumn is the 95th percentile that includes failed requests.
const allColumn = "P95(all)"

// hasFailedLatency reports whether the 95th percentile with failed requests is known and
// differs from that of OK answers.
func hasFailedLatency(t journal.Trial) bool {
	return t.Load != nil && t.Load.Judged.Failed > 0 && t.Load.Judged.LatencyAll.P95 != nil
}

// hiddenLatency returns a line for each trial whose P95 is at most half of the one that
// includes failed requests.
func hiddenLatency(s journal.Stage) []string {
	var lines []string
	for _, t := range s.Trials {
		if !hasFailedLatency(t) {
			continue
		}
		p95, all := t.Load.Judged.Latency.P95, t.Load.Judged.LatencyAll.P95
		if p95 != nil && *all >= 2**p95 {
			lines = append(lines,
				fmt.Sprintf("%s: P95 is %s for OK responses, and %s with failed requests and timeouts included",
					TrialName(s, t), tty.Seconds(p95), tty.Seconds(all)))
		}
	}
	return lines
}

// ofLoad returns a cell that is unknown for a trial without a load.
func ofLoad(cell func(journal.Load) string) func(journal.Trial) string {
	return func(t journal.Trial) string {
		if t.Load == nil {
			return tty.Unknown
		}
		return cell(*t.Load)
	}
}

// latencyColumns returns the percentiles that have a column.
func latencyColumns() []metrics.Metric {
	return slices.DeleteFunc(metrics.Percentiles(), func(m metrics.Metric) bool { return !m.Column })
}

// spareColumns are left out on a narrow terminal, in this order.
var spareColumns = []string{"LATENESS", "MAX", "WAITING", "P50", "REQUESTS", "THROTTLED", "DROPPED", "MEMORY", "P99",
	"CPU(of limit)", allColumn, "OK/S"}

// loadTable returns the table of a ramp or a check.
func loadTable(s journal.Stage) tty.Table {
	if !s.HasLoad {
		t := tty.Table{Header: trialHeader, Flow: 1}
		for _, trial := range s.Trials {
			t.Rows = append(t.Rows, trialCells(trial))
		}
		return t
	}
	columns := loadColumns()
	t := tty.Table{Flow: -1, Spare: spareColumns}
	for _, c := range columns {
		t.Header = append(t.Header, c.head)
	}
	for _, trial := range s.Trials {
		var row []string
		for _, c := range columns {
			row = append(row, c.cell(trial))
		}
		t.Rows = append(t.Rows, row)
	}
	for _, users := range untriedSteps(s) {
		row := make([]string, len(columns))
		row[0], row[len(row)-1] = fmt.Sprint(users), notRun
		t.Rows = append(t.Rows, row)
	}
	if !slices.ContainsFunc(s.Trials, hasFailedLatency) {
		t = t.Without(allColumn)
	}
	if !hasArrivals(s) {
		return t.Without("DROPPED")
	}
	t.Header[0] = "ARRIVALS"
	return t
}

// untriedSteps returns the steps of a ramp that have no trial.
func untriedSteps(s journal.Stage) []int {
	return slices.DeleteFunc(slices.Clone(s.Steps), func(users int) bool {
		return slices.ContainsFunc(s.Trials, func(t journal.Trial) bool { return t.Users != nil && *t.Users == users })
	})
}

// failedText returns the number of errors with their share: "12 (1.2 %)".
func failedText(failed, ok int64) string {
	if failed == 0 {
		return "0"
	}
	return fmt.Sprintf("%d (%s)", failed, units.Percent(float64(failed)/float64(ok+failed)))
}

// firstFailedStep returns the trial that ended a ramp: the failure of its proof, else the
// first step whose last trial did not pass. One with too few samples ends none that goes
// on. Without an answer it is the last trial that did not pass of a ramp that finds its
// users itself.
func firstFailedStep(s journal.Stage) (journal.Trial, bool) {
	last := len(s.Trials) - 1
	ends := func(i int, t journal.Trial) bool {
		samples, repeated := tty.OrZero(t.Reason) == journal.Samples, i < last && s.Trials[i+1].Repeats == t.ID
		return t.Verdict != journal.Passed && !repeated && (!samples || i == last)
	}
	switch c := s.Certificate; {
	case c != nil && len(c.Failed) > 0:
		ends = func(_ int, t journal.Trial) bool { return slices.Contains(c.Failed, t.ID) }
	case s.Auto != nil && c != nil:
		return journal.Trial{}, false
	case s.Auto != nil:
		for _, t := range slices.Backward(s.Trials) {
			if t.Verdict != journal.Passed && t.Users != nil && len(t.Windows) == 0 {
				return t, true
			}
		}
		return journal.Trial{}, false
	}
	for i, t := range s.Trials {
		if t.Users != nil && ends(i, t) {
			return t, true
		}
	}
	return journal.Trial{}, false
}

// memoryBinds returns the load at which memory is the limit, of a trial that was killed
// for memory after the load had begun.
func memoryBinds(t journal.Trial) string {
	if t.Reason == nil || !t.Reason.Explain().OOM || t.Phase == journal.PhaseStart || t.Phase == journal.PhaseFirst {
		return ""
	}
	return fmt.Sprintf(" Memory binds at %s.", SizeWords(t))
}
