package tty

import (
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/olekukonko/tablewriter"
	"github.com/olekukonko/tablewriter/pkg/twwidth"
	"github.com/olekukonko/tablewriter/renderer"
	"github.com/olekukonko/tablewriter/tw"
)

// Options are the output that is printed to.
type Options struct {
	Color bool
	Width int // of the terminal in cells; 0 means 120, and 100 for a table whose text may be broken
}

// DefaultWidth is the width where nothing else is known, in cells; brokenWidth is that
// of a table whose text may be broken.
const (
	DefaultWidth = 120
	brokenWidth  = 100
)

// Cells returns the width that is printed to.
func (o Options) Cells() int {
	if o.Width <= 0 {
		return DefaultWidth
	}
	return o.Width
}

// Table is a table before it is printed.
type Table struct {
	Header []string
	Rows   [][]string
	Flow   int      // index of the column whose text may be broken into lines; -1: none
	Spare  []string // headers of columns that may be left out, in this order
}

// leastFlow is the least width of the Flow column, in cells.
const leastFlow = 20

// Print writes the table in the width of the options. A table that is wider breaks
// the text of its Flow column; without one it leaves out the lines between columns.
// If that is not enough, it leaves out Spare columns on a terminal.
func (t Table) Print(w io.Writer, o Options) error {
	room := o.Cells()
	if o.Width <= 0 && t.Flow >= 0 {
		room = brokenWidth
	}
	if t.width() <= room {
		return t.render(w, o, false)
	}
	kept := t
	for _, header := range t.Spare {
		if o.Width <= 0 || kept.leastWidth() <= room { // only a terminal has a width
			break
		}
		kept = kept.Without(header)
	}
	whole := len(kept.Header) == len(t.Header)
	if kept.Flow >= 0 {
		kept = kept.flowed(max(leastFlow, kept.columnWidth(kept.Flow)-max(0, kept.width()-room)))
	}
	if err := kept.render(w, o, kept.Flow < 0); err != nil || whole {
		return err
	}
	_, err := fmt.Fprintf(w, "%d of %d columns are shown. Widen the terminal to see all.\n", len(kept.Header),
		len(t.Header))
	return err
}

// Without returns the table without a column.
func (t Table) Without(header string) Table {
	i := slices.Index(t.Header, header)
	if i < 0 {
		return t
	}
	cut := func(row []string) []string { return slices.Delete(slices.Clone(row), i, i+1) }
	rows := make([][]string, len(t.Rows))
	for n, row := range t.Rows {
		rows[n] = cut(row)
	}
	t.Header, t.Rows = cut(t.Header), rows
	if i < t.Flow {
		t.Flow--
	}
	return t
}

func (t Table) render(w io.Writer, o Options, compact bool) error {
	separators := tw.Separators{BetweenRows: tw.Off}
	padding := tw.CellPadding{Global: tw.PaddingDefault}
	if compact {
		separators.BetweenColumns = tw.Off
		between := tw.Padding{Left: " ", Overwrite: true} // one cell
		padding.PerColumn = slices.Repeat([]tw.Padding{between}, len(t.Header))
		padding.PerColumn[len(t.Header)-1].Right = " "
	}
	cells := tw.CellConfig{
		Formatting: tw.CellFormatting{AutoFormat: tw.Off, AutoWrap: tw.WrapNone},
		Alignment:  tw.CellAlignment{Global: tw.AlignLeft}, Padding: padding,
	}
	out := tablewriter.NewTable(w,
		tablewriter.WithRenderer(renderer.NewBlueprint(tw.Rendition{Settings: tw.Settings{Separators: separators,
			Lines: tw.Lines{ShowHeaderLine: tw.Off}}})),
		tablewriter.WithConfig(tablewriter.Config{Header: cells, Row: cells}),
		tablewriter.WithTrimSpace(tw.Off),
	)
	out.Header(t.Header)
	for _, row := range t.Rows {
		if err := out.Append(row); err != nil {
			return err
		}
	}
	return out.Render()
}

// width returns the width of the table with borders and padding, in cells.
func (t Table) width() int {
	width := 1
	for i := range t.Header {
		width += t.columnWidth(i) + 3
	}
	return width
}

// leastWidth returns the width with the Flow column broken as much as it can be, or
// without lines between columns.
func (t Table) leastWidth() int {
	if t.Flow < 0 {
		return t.width() - 2*(len(t.Header)-1)
	}
	return t.width() - max(0, t.columnWidth(t.Flow)-leastFlow)
}

func (t Table) columnWidth(column int) int {
	width := 0
	for _, row := range append([][]string{t.Header}, t.Rows...) {
		for line := range strings.SplitSeq(row[column], "\n") {
			width = max(width, twwidth.Width(line))
		}
	}
	return width
}

// flowed returns the table with its Flow column in lines of the given width.
func (t Table) flowed(width int) Table {
	rows := make([][]string, len(t.Rows))
	for i, row := range t.Rows {
		rows[i] = append([]string(nil), row...)
		rows[i][t.Flow] = Wrap(row[t.Flow], width)
	}
	t.Rows = rows
	return t
}
