package report

import (
	"fmt"
	"io"
	"sync"
	"time"

	"plan/engine"
	"plan/runner"
	"plan/runner/journal"
)

// LiveOptions say where a run is watched.
type LiveOptions struct {
	Terminal bool // one line that moves; else plain lines, one for each change
	Color    bool
	Width    func() int // of the terminal in cells; 0 means 80
}

// Live shows how a run goes on. It is a runner.Observer, safe for concurrent
// use; a writer that fails is not heard of, for the run is worth more.
type Live struct {
	w       io.Writer
	o       LiveOptions
	stop    chan struct{}
	stopped sync.WaitGroup
	close   sync.Once

	mu      sync.Mutex
	now     moment
	last    string // plain: the line printed last
	drawn   string // terminal: what the moving line shows; "" when it is hidden
	passing bool   // plain: the last status was one that passes
}

// refresh is how often the moving line is drawn at most.
const refresh = 100 * time.Millisecond

// NewLive begins to show; Close ends it.
func NewLive(w io.Writer, o LiveOptions) *Live {
	l := &Live{w: w, o: o, stop: make(chan struct{})}
	if o.Terminal {
		l.stopped.Go(l.move)
	}
	return l
}

// move draws the line anew until Close.
func (l *Live) move() {
	tick := time.NewTicker(refresh)
	defer tick.Stop()
	for {
		select {
		case <-l.stop:
			return
		case <-tick.C:
			l.mu.Lock()
			l.draw()
			l.mu.Unlock()
		}
	}
}

// Close clears the moving line; what is told later is printed in plain lines.
func (l *Live) Close() {
	l.close.Do(func() { close(l.stop) })
	l.stopped.Wait()
	l.mu.Lock()
	defer l.mu.Unlock()
	l.clear()
}

// Begin names the run and the machine.
func (l *Live) Begin(r journal.Run) { l.print(beginLine(r)) }

// Trial prints a trial that has ended.
func (l *Live) Trial(t journal.Trial) {
	l.mu.Lock()
	l.now = moment{} // it is over: nothing moves until the next status
	l.mu.Unlock()
	l.print(trialLine(t, l.o.Color))
}

// Stage prints the answer of a stage.
func (l *Live) Stage(s journal.Stage) {
	l.print(s.Address + ": " + paint(Sentence(s), s.Verdict, l.o.Color))
}

// Note prints a line.
func (l *Live) Note(text string) { l.print(clean(text)) }

// Status tells what is happening now.
func (l *Live) Status(s runner.Status) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if s.Trial != l.now.status.Trial || s.Doing != l.now.status.Doing {
		l.now.window = nil // that load is over
	}
	if bound := l.now.status.Left - time.Since(l.now.at); s.Trial != "" && s.Trial == l.now.status.Trial && bound < s.Left {
		s.Left = bound // the longest time is that of the whole trial, which goes on
	}
	l.now.status, l.now.at = s, time.Now()
	again := s.Passes && l.passing // of what passes only the first is told where nothing moves
	l.passing = s.Passes
	if line := plainStatus(s); !l.o.Terminal && !again && line != l.last {
		l.last = line
		fmt.Fprintln(l.w, line)
	}
}

// Window tells of one second of a load.
func (l *Live) Window(w engine.Window) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.now.window = &w
}

// print puts a line that stays above the moving one.
func (l *Live) print(line string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.clear()
	fmt.Fprintln(l.w, line)
}

// draw shows the present moment if it differs from what is shown.
func (l *Live) draw() {
	if l.now.at.IsZero() {
		l.clear()
		return
	}
	line := movingLine(l.now, time.Since(l.now.at), l.width())
	if line == l.drawn {
		return
	}
	l.drawn = line
	fmt.Fprint(l.w, "\r"+line+clearRest)
}

// clearRest is what a terminal understands as: forget the rest of the line.
const clearRest = "\x1b[K"

func (l *Live) clear() {
	if l.drawn != "" {
		l.drawn = ""
		fmt.Fprint(l.w, "\r"+clearRest)
	}
}

// width leaves the last column free: writing into it wraps some terminals.
func (l *Live) width() int {
	width := 0
	if l.o.Width != nil {
		width = l.o.Width()
	}
	if width <= 0 {
		width = 80
	}
	return width - 1
}
