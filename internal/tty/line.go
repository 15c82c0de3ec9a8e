package tty

import (
	"fmt"
	"io"
	"strings"
	"sync"
	"time"

	"github.com/olekukonko/tablewriter/pkg/twwidth"
)

// Line is the last line of a terminal, or a block of the last few, which is drawn
// again while something goes on. Before Move is called it draws nothing; Print works all the same. Its lock
// also guards what the text of Move reads.
type Line struct {
	sync.Mutex

	w       io.Writer
	columns func() int // of the terminal in cells; nil and 0 mean 80
	stop    chan struct{}
	stopped sync.WaitGroup
	once    sync.Once

	drawn string // what it shows; "" when it is hidden
	wide  int    // the width of the terminal then
}

// Refresh is the least time between two drawings.
const Refresh = 100 * time.Millisecond

// NewLine returns a line of w. columns returns the width of the terminal in
// cells; nil and 0 mean 80.
func NewLine(w io.Writer, columns func() int) *Line {
	return &Line{w: w, columns: columns, stop: make(chan struct{})}
}

// Move starts to draw what text returns. text is called under the lock, with the
// number of cells; each of its lines has at most as many. "" hides the line.
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

// clearBelow is the escape sequence that clears all from the cursor on.
const clearBelow = "\x1b[J"

// draw shows a line, or a block, if it differs from the one that is shown.
func (l *Line) draw(text string) {
	if text == l.drawn {
		return
	}
	var b strings.Builder
	columns := l.width() + 1
	up := rows(l.drawn, columns) - 1
	if up > 0 {
		fmt.Fprintf(&b, "\x1b[%dA", up)
	}
	b.WriteString("\r")
	// Rows that were broken by a resize keep a mark of it, by which the terminal joins
	// them later, unless they are cleared.
	if up > 0 && (up > strings.Count(text, "\n") || columns != l.wide) {
		b.WriteString(clearBelow)
	}
	b.WriteString(strings.ReplaceAll(text, "\n", ClearRest+"\r\n") + ClearRest)
	l.drawn, l.wide = text, columns
	io.WriteString(l.w, b.String()) // in one piece: a block that is half drawn flickers
}

// rows returns how many rows of a terminal a text takes that was drawn when the
// terminal may have been wider: terminals break such lines.
func rows(text string, columns int) int {
	n := 0
	for line := range strings.SplitSeq(text, "\n") {
		n += max(1, (twwidth.Width(line)+columns-1)/columns)
	}
	return n
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
