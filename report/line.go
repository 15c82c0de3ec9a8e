package report

import (
	"fmt"
	"time"

	"plan/engine"
	"plan/internal/english"
	"plan/internal/tty"
	"plan/internal/units"
	"plan/runner"
	"plan/runner/journal"
)

// liveState is the present state of a run.
type liveState struct {
	status runner.Status
	at     time.Time      // of the status
	window *engine.Window // the last second of the load
}

// movingLine returns the state as a line of at most width cells, some time after its
// status. Texts that change come first, since a narrow terminal cuts the line.
func movingLine(m liveState, since time.Duration, width int) string {
	left := ""
	if d := (m.status.Left - since).Truncate(time.Second); d > 0 {
		left = "≤ " + units.Duration(d) + " left"
	}
	texts := []string{trialOrStage(m.status), m.status.Limits, m.status.Doing, left}
	if w := m.window; w != nil { // one second of the load
		load := fmt.Sprintf("%ds: %s, %d OK/s", w.Second+1, english.Count(w.Users, "user"), w.OK)
		if w.Failed > 0 {
			load += fmt.Sprintf(", %d failed/s", w.Failed)
		}
		if w.Latency.P95 != nil {
			load += ", p95 " + tty.Seconds(w.Latency.P95)
		}
		if w.Waiting != nil {
			load += fmt.Sprintf(", %d waiting", *w.Waiting)
		}
		texts = []string{trialOrStage(m.status), m.status.Limits, load, left, m.status.Doing}
	}
	return tty.Cut(tty.Join(" · ", texts...), width)
}

// trialOrStage returns the trial of a status, else its stage.
func trialOrStage(s runner.Status) string {
	if s.Trial != "" {
		return s.Trial
	}
	return s.Stage
}

// limitsText returns the settings and the load of a trial.
func limitsText(t journal.Trial) string {
	return tty.Join(", ", append(t.Set.Values().Texts(), sizeWords(t))...)
}
