package tty

import (
	"fmt"
	"io"
	"sync"
	"time"
)

// Line is the last line of a terminal, which is drawn again while something goes
// on. Before Move is called it draws nothing; Print works all the same. Its lock
// also guards what the text of Move reads.
type Line struct {
	sync.Mutex

	w       io.Writer
	columns func() int // of the terminal in cells; nil and 0 mean 80
	stop    chan struct{}
	stopped sync.WaitGroup
	once    sync.Once

	drawn string // what the line shows; "" when it is hidden
}

// Refresh is the least time between two drawings.
const Refresh = 100 * time.Millisecond

// NewLine returns a line of w. columns returns the width of the terminal in
// cells; nil and 0 mean 80.
func NewLine(w io.Writer, columns func() int) *Line {
	return &Line{w: w, columns: columns, stop: make(chan struct{})}
}

// Move starts to draw what text returns. text is called under the lock, with the
// number of cells; "" hides the line.
func (l *Line) Move(text func(width int) string) {
	l.stopped.Go(func() {
		tick := time.NewTicker(Refresh)
		defer tick.Stop()
		for {
			select {
			case <-l.stop:
				return
			case <-tick.C:
				l.Lock()
				l.draw(text(l.width()))
				l.Unlock()
			}
		}
	})
}

// Close clears the line for good.
func (l *Line) Close() {
	l.once.Do(func() { close(l.stop) })
	l.stopped.Wait()
	l.Lock()
	defer l.Unlock()
	l.draw("")
}

// Print prints a line that stays, above the one that moves.
func (l *Line) Print(line string) {
	l.Lock()
	defer l.Unlock()
	l.draw("")
	fmt.Fprintln(l.w, line)
}

// ClearRest is the escape sequence that clears the rest of the line.
const ClearRest = "\x1b[K"

// draw shows a line if it differs from the one that is shown.
func (l *Line) draw(line string) {
	if line == l.drawn {
		return
	}
	l.drawn = line
	fmt.Fprint(l.w, "\r"+line+ClearRest)
}

// width returns the cells of a line. The last column stays free: some terminals
// wrap after it.
func (l *Line) width() int {
	width := 0
	if l.columns != nil {
		width = l.columns()
	}
	if width <= 0 {
		width = 80
	}
	return width - 1
}
