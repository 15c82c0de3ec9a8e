package main

import (
	"context"
	"encoding/json"
	"io"

	"plan/engine"
	"plan/report/load"
)

// loadWatch tells of a load while it runs: in a line that moves where somebody
// watches, in lines of JSON where they are wanted.
type loadWatch struct {
	live  *load.Live              // nil where nobody watches
	lines io.Writer               // nil where no JSON is wanted
	stop  context.CancelCauseFunc // of the load, when nobody reads the lines
}

func newLoadWatch(env environment, l engine.Load, lines bool, stop context.CancelCauseFunc) *loadWatch {
	w := &loadWatch{stop: stop}
	if lines {
		w.lines = env.stdout
	}
	if isTerminal(env.stderr) && !(lines && isTerminal(env.stdout)) {
		w.live = load.NewLive(env.stderr, l.Runtime, func() int { return width(env.stderr) })
	}
	return w
}

// Record tells of one second.
func (w *loadWatch) Record(window engine.Window) {
	if w.live != nil {
		w.live.Record(window)
	}
	if w.lines == nil {
		return
	}
	if err := json.NewEncoder(w.lines).Encode(window); err != nil {
		w.lines = nil
		w.stop(err)
	}
}

func (w *loadWatch) close() {
	if w.live != nil {
		w.live.Close()
	}
}
