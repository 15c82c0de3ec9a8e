package load

import (
	"fmt"
	"io"
	"time"

	"plan/engine"
	"plan/internal/english"
	"plan/internal/tty"
	"plan/internal/units"
)

// Live shows the progress of a load on a terminal. It is an engine.Recorder, safe
// for concurrent use.
type Live struct {
	runtime time.Duration
	began   time.Time

	line   *tty.Line // its lock guards the fields below
	window *engine.Window
	failed int64 // so far
}

// NewLive starts to show a load of that runtime; Close ends it. width returns the
// width of the terminal in cells.
func NewLive(w io.Writer, runtime time.Duration, width func() int) *Live {
	l := &Live{runtime: runtime, began: time.Now(), line: tty.NewLine(w, width)}
	l.line.Move(l.text)
	return l
}

// Record shows one second of the load.
func (l *Live) Record(w engine.Window) {
	l.line.Lock()
	defer l.line.Unlock()
	l.window = &w
	l.failed += w.Failed
}

// Close clears the line.
func (l *Live) Close() { l.line.Close() }

func (l *Live) text(width int) string {
	since := min(time.Since(l.began), l.runtime).Truncate(time.Second)
	clock := units.Duration(since) + " of " + units.Duration(l.runtime)
	if l.window == nil {
		return tty.Cut(clock, width)
	}
	w, failures, latency := l.window, "", ""
	if l.failed > 0 {
		failures = tty.Grouped(l.failed) + " failed"
	}
	if w.Latency.P50 != nil {
		latency = fmt.Sprintf("p50 %s p99 %s", tty.Seconds(w.Latency.P50), tty.Seconds(w.Latency.P99))
	}
	return tty.Cut(tty.Join(" · ", clock, english.Count(w.Users, "user"), tty.Grouped(w.Requests)+"/s", failures, latency,
		tty.Number(w.Waiting)+" waiting"), width)
}
