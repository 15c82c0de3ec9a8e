package main

import (
	"context"
	"encoding/json"
	"io"

	"plan/engine"
	"plan/report/load"
)

// loadWatch prints a load while it runs: as a line that moves, on a terminal, and as
// lines of JSON with --format json.
type loadWatch struct {
	live  *load.Live                // nil without a terminal
	lines io.Writer                 // nil without --format json
	stop  context.CancelCauseFunc   // ends the load when the lines cannot be written, or until has an error
	until func(engine.Window) error // nil: the load runs to its end
}

// Record prints one second.
func (w *loadWatch) Record(window engine.Window) {
	if w.live != nil {
		w.live.Record(window)
	}
	if w.until != nil {
		if err := w.until(window); err != nil {
			w.stop(err)
		}
	}
	if w.lines == nil {
		return
	}
	if err := json.NewEncoder(w.lines).Encode(window); err != nil {
		w.lines = nil
		w.stop(err)
	}
}
