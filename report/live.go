package report

import (
	"fmt"
	"io"
	"time"

	"plan/engine"
	"plan/internal/tty"
	"plan/internal/units"
	"plan/plans"
	"plan/runner"
	"plan/runner/journal"
)

// LiveOptions are the output that a run is watched on.
type LiveOptions struct {
	Terminal bool // one line that moves; else plain lines, one for each change
	Color    bool
	Width    func() int // of the terminal in cells; 0 means 80
}

// Live prints the progress of a run. It is a runner.Observer, safe for concurrent
// use. It ignores errors of its writer: they must not end the run.
type Live struct {
	o    LiveOptions
	w    io.Writer
	line *tty.Line // its lock guards the fields below

	now     liveState
	last    string // plain: the line printed last
	passing bool   // plain: the last status was one that passes
}

// NewLive starts to print; Close ends it.
func NewLive(w io.Writer, o LiveOptions) *Live {
	l := &Live{o: o, w: w, line: tty.NewLine(w, o.Width)}
	if o.Terminal {
		l.line.Move(l.text)
	}
	return l
}

// Close clears the moving line. Later calls print plain lines.
func (l *Live) Close() { l.line.Close() }

// Begin prints the run and the machine.
func (l *Live) Begin(r journal.Run) {
	h := r.Run.Host
	l.line.Print(fmt.Sprintf("%s: run %s on %s (%s CPU, %s, engine %s)", tty.Clean(r.Plan.Name), r.Run.ID,
		tty.Clean(h.Name), valueText(plans.CPUs, h.CPUs), units.Bytes(h.Memory).Machine(), tty.Clean(h.Engine)))
}

// Trial prints a trial that has ended.
func (l *Live) Trial(t journal.Trial) {
	l.line.Lock()
	l.now = liveState{} // nothing moves until the next status
	l.line.Unlock()
	line := t.ID
	if limits := limitsText(t); limits != "" {
		line += " at " + limits
	}
	l.line.Print(fmt.Sprintf("%s: %s after %s: %s", line, paint(string(t.Verdict), t.Verdict, l.o.Color),
		tty.Seconds(&t.Seconds.Total), Reason(t)))
}

// Stage prints the answer of a stage.
func (l *Live) Stage(s journal.Stage) {
	l.line.Print(s.Address + ": " + paint(Sentence(s), s.Verdict, l.o.Color))
}

// Note prints a line.
func (l *Live) Note(text string) { l.line.Print(tty.Clean(text)) }

// Status shows the present status.
func (l *Live) Status(s runner.Status) {
	l.line.Lock()
	defer l.line.Unlock()
	if s.Trial != l.now.status.Trial || s.Doing != l.now.status.Doing {
		l.now.window = nil // the load has ended
	}
	if bound := l.now.status.Left - time.Since(l.now.at); s.Trial != "" && s.Trial == l.now.status.Trial &&
		bound < s.Left {
		s.Left = bound // the bound is that of the whole trial
	}
	l.now.status, l.now.at = s, time.Now()
	again := s.Passes && l.passing // of statuses that pass, plain output has the first only
	l.passing = s.Passes
	if line := tty.Join(": ", trialOrStage(s), s.Limits, s.Doing); !l.o.Terminal && !again && line != l.last {
		l.last = line
		fmt.Fprintln(l.w, line)
	}
}

// Window shows one second of a load.
func (l *Live) Window(w engine.Window) {
	l.line.Lock()
	defer l.line.Unlock()
	l.now.window = &w
}

// text returns the present state.
func (l *Live) text(width int) string {
	if l.now.at.IsZero() {
		return ""
	}
	return movingLine(l.now, time.Since(l.now.at), width)
}
