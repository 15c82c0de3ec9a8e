package tty

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"testing"
)

// terminal is what a terminal shows that breaks and joins lines when it is resized.
type terminal struct {
	columns int
	lines   []string // each may take several rows
	row     int      // index of the line of the cursor, which is in column 0
}

// rows are the rows of a line.
func (t *terminal) rows(line string) int { return max(1, (len([]rune(line))+t.columns-1)/t.columns) }

var sequences = regexp.MustCompile(`\x1b\[(\d*)([AKJ])|\r\n|\r|\n|[^\x1b\r\n]+`)

// Write shows what is written: lines of characters of one cell, which begin at the first
// column.
func (t *terminal) Write(b []byte) (int, error) {
	if len(t.lines) == 0 {
		t.lines = []string{""}
	}
	at := len(t.lines) - 1 // blocks are at the end
	if t.row >= 0 && t.row < len(t.lines) {
		at = t.row
	}
	for _, m := range sequences.FindAllStringSubmatch(string(b), -1) {
		switch {
		case m[2] == "A":
			up, _ := strconv.Atoi(m[1])
			for ; up >= t.rows(t.lines[at]) && at > 0; at-- {
				up -= t.rows(t.lines[at])
			}
			if up != t.rows(t.lines[at])-1 {
				panic(fmt.Sprintf("the cursor is not in the first row of a line, but %d below", t.rows(t.lines[at])-1-up))
			}
		case m[2] == "K", m[0] == "\r":
		case m[2] == "J":
			t.lines = append(t.lines[:at:at], "")
		case m[0] == "\n", m[0] == "\r\n":
			if at++; at == len(t.lines) {
				t.lines = append(t.lines, "")
			}
		default:
			t.lines[at] = m[0]
			continue
		}
		if m[2] == "K" && !strings.Contains(string(b), t.lines[at]) {
			t.lines[at] = ""
		}
	}
	t.row = at
	return len(b), nil
}

// TestABlockReplacesItself: whatever is drawn before, and however the terminal is
// resized, it shows the lines that stay and the newest block.
func TestABlockReplacesItself(t *testing.T) {
	screen := &terminal{columns: 80}
	l := NewLine(screen, func() int { return screen.columns })
	show := func(want ...string) {
		t.Helper()
		if got := strings.Join(screen.lines, "\n"); got != strings.Join(want, "\n") {
			t.Errorf("the terminal shows\n%s\nwant\n%s", got, strings.Join(want, "\n"))
		}
	}
	wide := strings.Repeat("w", 79)
	l.draw("one\ntwo\nthree")
	show("one", "two", "three")
	l.draw("four\nfive")
	show("four", "five")
	l.draw("six")
	show("six")
	l.draw("seven\n" + wide)
	show("seven", wide)
	screen.columns = 40 // the second line takes two rows now
	l.draw("eight\nnine")
	show("eight", "nine")
	screen.columns = 200
	l.draw("ten\neleven\ntwelve")
	show("ten", "eleven", "twelve")
	l.Print("a line that stays")
	show("a line that stays", "")
	l.draw("x\ny")
	show("a line that stays", "x", "y")
	l.Close()
	show("a line that stays", "")
}

func TestRows(t *testing.T) {
	for _, c := range []struct {
		text    string
		columns int
		want    int
	}{{"", 80, 1}, {"a", 80, 1}, {"a\nb", 80, 2}, {strings.Repeat("a", 80), 80, 1}, {strings.Repeat("a", 81), 80, 2}, {"\x1b[31m" + strings.Repeat("a", 80) + "\x1b[0m\nb", 40, 3}} {
		if got := rows(c.text, c.columns); got != c.want {
			t.Errorf("%q at %d: %d rows, want %d", c.text, c.columns, got, c.want)
		}
	}
}
