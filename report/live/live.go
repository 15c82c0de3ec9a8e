package live

import (
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"plan/engine"
	"plan/internal/tty"
	"plan/internal/units"
	"plan/plans"
	"plan/report"
	"plan/runner"
	"plan/runner/journal"
)

// Options are the output that a run is watched on.
type Options struct {
	Terminal bool // a block of lines that moves; else plain lines: of a trial its end, and one a minute at least
	Quiet    bool // no progress: only notes
	Color    bool
	Width    func() int // of the terminal in cells; 0 means 80
}

// Display prints the progress of a run. It is a runner.Observer, safe for concurrent
// use. It ignores errors of its writer: they must not end the run.
type Display struct {
	o    Options
	w    io.Writer
	line *tty.Line // its lock guards the fields below

	now     state
	last    string    // plain: the line printed last
	pending string    // plain: the line of a status that is printed if it lasts; "" for none
	passing bool      // plain: the last status was one that passes
	printed time.Time // plain: when a line was printed last
}

// New starts to print; Close ends it.
func New(w io.Writer, o Options) *Display {
	l := &Display{o: o, w: w, line: tty.NewLine(w, o.Width)}
	if o.Terminal && !o.Quiet {
		l.line.Move(l.text)
	}
	return l
}

// Close clears the moving block. Later calls print plain lines.
func (l *Display) Close() {
	l.line.Close()
	l.line.Lock()
	defer l.line.Unlock()
	l.pending = ""
}

// Begin prints the run and the machine.
func (l *Display) Begin(r journal.Run) {
	h := r.Run.Host
	l.line.Lock()
	l.now.host = h
	l.line.Unlock()
	runs := "engine"
	if r.Run.Platform != nil {
		runs = r.Run.Platform.Title()
	}
	l.progress(fmt.Sprintf("%s: run %s on %s (%s CPU, %s, %s %s)", tty.Clean(r.Plan.Name), r.Run.ID,
		tty.Clean(h.Name), plans.CPUs.Short(plans.CPUs.Value(h.CPUs)), units.Bytes(h.Memory).Machine(), runs,
		tty.Clean(h.Engine)))
}

// Trial prints a trial that has ended, and why a search chose it.
func (l *Display) Trial(t journal.Trial, recorded bool) {
	l.line.Lock()
	done, before := append(l.now.done, t), l.now.recorded
	if len(l.now.done) > 0 && stageOf(l.now.done[0]) != stageOf(t) {
		done, before = []journal.Trial{t}, 0
	}
	if recorded {
		before++
	}
	l.now = state{host: l.now.host, pace: l.now.pace, done: done, recorded: before} // nothing moves until the next status
	l.line.Unlock()
	line := t.ID
	if limits := report.LimitsText(t); limits != "" {
		line += " at " + limits
	}
	reason := report.Reason(t)
	if t.Chosen != "" {
		reason += "; chosen: " + tty.Clean(t.Chosen)
	}
	l.progress(fmt.Sprintf("%s%s: %s after %s: %s", recordedText(recorded), line,
		report.Paint(report.ResultText(t), t.Verdict, l.o.Color), tty.Seconds(&t.Seconds.Total), reason))
}

// Stage prints the answer of a stage.
func (l *Display) Stage(s journal.Stage, recorded bool) {
	l.progress(recordedText(recorded) + s.Address + ": " + report.Paint(report.Sentence(s), s.Verdict, l.o.Color))
}

// recordedText is what a line begins with of what was done before the run was resumed.
func recordedText(recorded bool) string {
	if recorded {
		return "recorded: "
	}
	return ""
}

// Note prints a line, also a quiet display: it may be a warning with a remedy.
func (l *Display) Note(text string) { l.printLine(tty.Clean(text)) }

// Status shows the present status.
func (l *Display) Status(s runner.Status) {
	l.line.Lock()
	defer l.line.Unlock()
	if s.Trial != l.now.status.Trial || s.Doing != l.now.status.Doing {
		l.now.window = nil // the load has ended
	}
	if len(l.now.done) > 0 && stageOf(l.now.done[0]) != s.Stage {
		l.now.done, l.now.recorded = nil, 0
	}
	now := time.Now()
	if s.Trial != l.now.status.Trial { // once for each trial, so that the time left runs down
		l.now.end = time.Time{}
		expected := s.Likely
		if expected == 0 && len(l.now.done) > 0 {
			expected = l.now.pace.expected(s.Left, now)
		}
		if expected > 0 {
			l.now.end = now.Add(expected)
		}
	}
	if l.now.pace.first == 0 && s.Trial != "" {
		l.now.pace = pace{now, s.Left}
	}
	if bound := l.now.status.Left - time.Since(l.now.at); s.Trial != "" && s.Trial == l.now.status.Trial &&
		bound < s.Left {
		s.Left = bound // the bound is that of the whole trial
	}
	l.now.status, l.now.at = s, time.Now()
	again := s.Passes && l.passing // of statuses that pass, plain output has the first only
	l.passing = s.Passes
	if line := tty.Join(": ", trialOrStage(s), s.Limits, s.Doing); !l.o.Terminal && !again && line != l.last {
		l.later(line, s.Trial != "")
	}
}

// patience is how long a step outside a trial may take before plain output has a line for it.
const patience = 10 * time.Second

// later prints the line of a status: of a trial only after a silence, else if it lasts. The lock is held.
func (l *Display) later(line string, ofTrial bool) {
	l.pending = ""
	if ofTrial {
		l.plain(line, true)
		return
	}
	l.pending = line
	time.AfterFunc(patience, func() {
		l.line.Lock()
		defer l.line.Unlock()
		if l.pending == line {
			l.pending = ""
			l.plain(line, false)
		}
	})
}

// silence is how long plain output may print nothing: CI servers end jobs that are
// silent for longer.
const silence = time.Minute

// plain prints a line that stays; one of a trial only after a silence. The lock is held.
func (l *Display) plain(line string, ofTrial bool) {
	if l.o.Quiet || ofTrial && time.Since(l.printed) < silence {
		return
	}
	l.last, l.printed = line, time.Now()
	fmt.Fprintln(l.w, line)
}

// progress prints a line that stays, unless the display is quiet.
func (l *Display) progress(line string) {
	if !l.o.Quiet {
		l.printLine(line)
	}
}

// printLine prints a line that stays, above what moves.
func (l *Display) printLine(line string) {
	l.line.Print(line)
	l.line.Lock()
	defer l.line.Unlock()
	l.printed, l.pending = time.Now(), ""
}

// Window shows one second of a load.
func (l *Display) Window(w engine.Window) {
	l.line.Lock()
	defer l.line.Unlock()
	l.now.window = &w
	if !l.o.Terminal {
		l.plain(trialOrStage(l.now.status)+": "+loadLine(w), true)
	}
}

// Sample shows what the containers of a trial use.
func (l *Display) Sample(s runner.Sample) {
	l.line.Lock()
	defer l.line.Unlock()
	now := time.Now()
	old := func(m moment) bool { return now.Sub(m.at) > sampleTime || len(m.Replicas) != len(s.Replicas) }
	l.now.samples = append(slices.DeleteFunc(l.now.samples, old), moment{now, s})
}

// stageOf returns the address of the stage of a trial.
func stageOf(t journal.Trial) string { return t.ID[:max(0, strings.LastIndex(t.ID, "/"))] }

// text returns the present state.
func (l *Display) text(width int) string {
	if l.now.at.IsZero() {
		return ""
	}
	return block(l.now, time.Now(), width, l.o.Color)
}

// UnderWay returns what the run does at the moment, on one line; "" between two steps,
// or if the output is blocked.
func (l *Display) UnderWay() string {
	if !l.line.TryLock() {
		return ""
	}
	defer l.line.Unlock()
	if l.now.at.IsZero() {
		return ""
	}
	text, _, _ := strings.Cut(block(l.now, time.Now(), underWayWidth, false), "\n")
	return text
}

// underWayWidth is enough for all of a status, in cells.
const underWayWidth = 200
