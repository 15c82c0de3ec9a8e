package outputs

import (
	"io"
	"sync"

	"plan/report/formats"
	"plan/runner"
	"plan/runner/journal"
	"plan/runner/record"
)

// Lines writes the lines of a journal to an output too, while the run goes on. An
// output that fails does not end the run.
type Lines struct {
	record.Journal
	Past []journal.Line // of a run that is resumed
	Out  io.Writer      // nil: only the journal is written
	mu   sync.Mutex
	err  error // the first of the output
}

// Append writes a line to the journal, and then to the output.
func (w *Lines) Append(line journal.Line) (journal.Line, error) {
	line, err := w.Journal.Append(line)
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.Out != nil && err == nil && w.err == nil {
		w.err = formats.JSONLine(w.Out, line, false)
	}
	return line, err
}

// Keep writes the lines that a run which is resumed has repeated, as recorded ones.
func (w *Lines) Keep(n int) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, line := range w.Past[:n] {
		if w.Out != nil && w.err == nil {
			w.err = formats.JSONLine(w.Out, line, true)
		}
	}
	return w.Journal.Keep(n)
}

// Err returns the first error of the output.
func (w *Lines) Err() error {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.err
}

// Code returns the exit code of the output, as that of a report.
func (w *Lines) Code() int {
	if w.Err() != nil {
		return runner.ExitEnvironment
	}
	return runner.ExitMet
}
