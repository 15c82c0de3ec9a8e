package tty

import (
	"fmt"
	"strings"
	"testing"

	"github.com/olekukonko/tablewriter/pkg/twwidth"
)

// TestTablesFitTheirWidth: a table breaks its text, leaves out lines between columns, and leaves out columns only where
// a terminal has a width.
func TestTablesFitTheirWidth(t *testing.T) {
	broken := Table{Header: []string{"A", "WHY", "READY", "TOOK"}, Flow: 1, Spare: []string{"READY", "TOOK"},
		Rows: [][]string{{"one", strings.Repeat("w", 220), "12345678", "12345678"}}}
	lines := Table{Header: []string{"A", "B", "C", "D"}, Flow: -1, Spare: []string{"B", "C"},
		Rows: [][]string{{strings.Repeat("a", 40), strings.Repeat("b", 30), strings.Repeat("c", 30), strings.Repeat("d", 13)}}}
	for name, c := range map[string]struct {
		table        Table
		width, cells int // of the options, and of the widest line of the table
		shown        int // columns
	}{
		"broken on a terminal":             {broken, 120, 120, 4},
		"broken elsewhere":                 {broken, 0, 100, 4},
		"broken in its least width":        {broken, 52, 52, 4},
		"broken, without READY":            {broken, 51, 51, 3},
		"broken, without both":             {broken, 30, 30, 2},
		"lines left out":                   {lines, 120, 120, 4},
		"lines left out elsewhere":         {lines, 0, 120, 4},
		"columns left out":                 {lines, 119, 89, 3},
		"columns left out, as few as fits": {lines, 60, 58, 2},
	} {
		var b strings.Builder
		if err := c.table.Print(&b, Options{Width: c.width}); err != nil {
			t.Fatal(err)
		}
		rows := strings.Split(strings.TrimSuffix(b.String(), "\n"), "\n")
		cells := twwidth.Width(rows[0])
		shown := len(strings.FieldsFunc(rows[1], func(r rune) bool { return r == ' ' || r == '│' }))
		said := strings.HasSuffix(b.String(), fmt.Sprintf("%d of 4 columns are shown. Widen the terminal to see all.\n", c.shown))
		if cells != c.cells || shown != c.shown || said != (shown < 4) {
			t.Errorf("%s: %d cells, %d columns\n%s", name, cells, shown, b.String())
		}
	}
}
