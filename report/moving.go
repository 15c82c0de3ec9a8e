package report

import (
	"fmt"
	"io"
	"sync"
	"time"
)

// moving is the last line of a terminal, which is drawn anew while something
// goes on. Without a call of move it draws nothing, and lines can be printed
// as well.
type moving struct {
	w       io.Writer
	columns func() int // of the terminal in cells; nil and 0 mean 80
	stop    chan struct{}
	stopped sync.WaitGroup
	once    sync.Once

	mu    sync.Mutex
	drawn string // what the line shows; "" when it is hidden
}

// refresh is how often the moving line is drawn at most.
const refresh = 100 * time.Millisecond

func newMoving(w io.Writer, columns func() int) moving {
	return moving{w: w, columns: columns, stop: make(chan struct{})}
}

// move begins to draw what text says, which is called under the lock with the
// cells that there are; "" hides the line.
func (m *moving) move(text func(width int) string) {
	m.stopped.Go(func() {
		tick := time.NewTicker(refresh)
		defer tick.Stop()
		for {
			select {
			case <-m.stop:
				return
			case <-tick.C:
				m.mu.Lock()
				m.draw(text(m.width()))
				m.mu.Unlock()
			}
		}
	})
}

// end clears the line for good.
func (m *moving) end() {
	m.once.Do(func() { close(m.stop) })
	m.stopped.Wait()
	m.mu.Lock()
	defer m.mu.Unlock()
	m.draw("")
}

// print puts a line that stays above the moving one.
func (m *moving) print(line string) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.draw("")
	fmt.Fprintln(m.w, line)
}

// clearRest is what a terminal understands as: forget the rest of the line.
const clearRest = "\x1b[K"

// draw shows a line if it differs from what is shown.
func (m *moving) draw(line string) {
	if line == m.drawn {
		return
	}
	m.drawn = line
	fmt.Fprint(m.w, "\r"+line+clearRest)
}

// width leaves the last column free: writing into it wraps some terminals.
func (m *moving) width() int {
	width := 0
	if m.columns != nil {
		width = m.columns()
	}
	if width <= 0 {
		width = 80
	}
	return width - 1
}
