package main

import (
	"context"
	"encoding/json"
	"io"

	"plan/engine"
	"plan/report"
)

// loadWatch tells of a load while it runs: in a line that moves where somebody
// watches, in lines of JSON where they are wanted.
type loadWatch struct {
	live  *report.LoadLive // nil where nobody watches
	lines io.Writer        // nil where no JSON is wanted
	stop  context.CancelFunc
	err   error // of the lines: the load was stopped, as nobody reads them
}

func newLoadWatch(env environment, load engine.Load, lines bool, stop context.CancelFunc) *loadWatch {
	w := &loadWatch{stop: stop}
	if lines {
		w.lines = env.stdout
	}
	if isTerminal(env.stderr) && !(lines && isTerminal(env.stdout)) {
		w.live = report.NewLoadLive(env.stderr, load.Runtime, func() int { return width(env.stderr) })
	}
	return w
}

// Record tells of one second.
func (w *loadWatch) Record(window engine.Window) {
	if w.live != nil {
		w.live.Record(window)
	}
	if w.lines == nil || w.err != nil {
		return
	}
	if w.err = json.NewEncoder(w.lines).Encode(window); w.err != nil {
		w.stop()
	}
}

func (w *loadWatch) close() {
	if w.live != nil {
		w.live.Close()
	}
}
