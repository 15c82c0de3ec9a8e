package report

import (
	"fmt"
	"io"
	"time"

	"plan/engine"
	"plan/internal/units"
)

// LoadLive shows on a terminal how one load goes on. It is an engine.Recorder,
// safe for concurrent use.
type LoadLive struct {
	runtime time.Duration
	began   time.Time

	moving // its lock guards what is below
	window *engine.Window
	failed int64 // so far
}

// NewLoadLive begins to show a load of that runtime; Close ends it. Width is
// that of the terminal in cells.
func NewLoadLive(w io.Writer, runtime time.Duration, width func() int) *LoadLive {
	l := &LoadLive{runtime: runtime, began: time.Now(), moving: newMoving(w, width)}
	l.move(l.text)
	return l
}

// Record tells of one second of the load.
func (l *LoadLive) Record(w engine.Window) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.window = &w
	l.failed += w.Failed
}

// Close clears the line.
func (l *LoadLive) Close() { l.end() }

func (l *LoadLive) text(width int) string {
	since := min(time.Since(l.began), l.runtime).Truncate(time.Second)
	clock := units.Duration(since) + " of " + units.Duration(l.runtime)
	if l.window == nil {
		return cut(clock, width)
	}
	w, failures, latency := l.window, "", ""
	if l.failed > 0 {
		failures = grouped(l.failed) + " failed"
	}
	if w.Latency.P50 != nil {
		latency = fmt.Sprintf("p50 %s p99 %s", secondsText(w.Latency.P50), secondsText(w.Latency.P99))
	}
	return cut(joined(" · ", clock, count(w.Users, "user"), grouped(w.Requests)+"/s", failures, latency, countText(w.Waiting)+" waiting"), width)
}
