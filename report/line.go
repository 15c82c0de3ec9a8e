package report

import (
	"fmt"
	"time"

	"plan/engine"
	"plan/internal/english"
	"plan/internal/tty"
	"plan/internal/units"
	"plan/plans"
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
	if m.window != nil {
		texts = []string{trialOrStage(m.status), m.status.Limits, windowText(*m.window), left, m.status.Doing}
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

// windowText returns one second of a load.
func windowText(w engine.Window) string {
	text := fmt.Sprintf("%ds: %s, %d OK/s", w.Second+1, english.Count(w.Users, "user"), w.OK)
	if w.Failed > 0 {
		text += fmt.Sprintf(", %d failed/s", w.Failed)
	}
	if w.Latency.P95 != nil {
		text += ", p95 " + tty.Seconds(w.Latency.P95)
	}
	if w.Waiting != nil {
		text += fmt.Sprintf(", %d waiting", *w.Waiting)
	}
	return text
}

// trialLine returns the line of a trial that has ended.
func trialLine(t journal.Trial, color bool) string {
	line := t.ID
	if limits := limitsText(t); limits != "" {
		line += " at " + limits
	}
	return fmt.Sprintf("%s: %s after %s: %s", line, paint(string(t.Verdict), t.Verdict, color),
		tty.Seconds(&t.Seconds.Total), reasonText(t))
}

// limitsText returns the settings and the load of a trial.
func limitsText(t journal.Trial) string {
	return tty.Join(", ", append(t.Set.Values().Texts(), sizeWords(t))...)
}

// beginLine returns the run and the machine.
func beginLine(r journal.Run) string {
	h := r.Run.Host
	return fmt.Sprintf("%s: run %s on %s (%s CPU, %s, engine %s)",
		tty.Clean(r.Plan.Name), r.Run.ID, tty.Clean(h.Name), valueText(plans.CPUs, h.CPUs), units.Bytes(h.Memory).Machine(),
		tty.Clean(h.Engine))
}
