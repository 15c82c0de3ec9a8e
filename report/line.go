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

// moment is what a run is doing now.
type moment struct {
	status runner.Status
	at     time.Time      // of the status
	window *engine.Window // the last second of the load
}

// movingLine is the moment in one line of at most width cells, some time after
// its status was told. What changes stands first: a narrow terminal cuts the
// line.
func movingLine(m moment, since time.Duration, width int) string {
	left := ""
	if d := (m.status.Left - since).Truncate(time.Second); d > 0 {
		left = "≤ " + units.Duration(d) + " left"
	}
	texts := []string{where(m.status), m.status.Limits, m.status.Doing, left}
	if m.window != nil {
		texts = []string{where(m.status), m.status.Limits, windowText(*m.window), left, m.status.Doing}
	}
	return tty.Cut(tty.Join(" · ", texts...), width)
}

// where is the trial, else the stage.
func where(s runner.Status) string {
	if s.Trial != "" {
		return s.Trial
	}
	return s.Stage
}

// windowText is one second of a load.
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

// plainStatus is a status where nothing moves.
func plainStatus(s runner.Status) string { return tty.Join(": ", where(s), s.Limits, s.Doing) }

// trialLine is a trial that has ended.
func trialLine(t journal.Trial, color bool) string {
	line := t.ID
	if limits := limitsText(t); limits != "" {
		line += " at " + limits
	}
	return fmt.Sprintf("%s: %s after %s: %s", line, paint(string(t.Verdict), t.Verdict, color), tty.Seconds(&t.Seconds.Total), why(t))
}

// limitsText is what a trial ran at.
func limitsText(t journal.Trial) string {
	return tty.Join(", ", append(t.Set.Values().Texts(), sizeWords(t))...)
}

// beginLine names the run and the machine.
func beginLine(r journal.Run) string {
	h := r.Run.Host
	return fmt.Sprintf("%s: run %s on %s (%s CPU, %s, engine %s)",
		tty.Clean(r.Plan.Name), r.Run.ID, tty.Clean(h.Name), valueText(plans.CPUs, h.CPUs), units.Bytes(h.Memory).Machine(), tty.Clean(h.Engine))
}
