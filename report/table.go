package report

import (
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/olekukonko/tablewriter"
	"github.com/olekukonko/tablewriter/pkg/twwidth"
	"github.com/olekukonko/tablewriter/renderer"
	"github.com/olekukonko/tablewriter/tw"

	"plan/runner/journal"
)

// Options of what is printed.
type Options struct {
	Color bool
	Width int // of the terminal in cells; 0 means 120
}

const defaultWidth = 120

func (o Options) width() int {
	if o.Width <= 0 {
		return defaultWidth
	}
	return o.Width
}

// table is a table before it is printed.
type table struct {
	header []string
	rows   [][]string
	flow   int      // the column whose text may be broken into lines; -1: none
	spare  []string // headers of columns that may be left out, the first ones first
}

// leastFlow is how narrow a column of text may get.
const leastFlow = 20

// print writes the table as wide as the options allow: its text column is
// broken into lines; without one the lines between columns are left out, and
// then columns.
func (t table) print(w io.Writer, o Options) error {
	excess := t.width() - o.width()
	switch {
	case excess <= 0:
		return t.render(w, o, false)
	case t.flow >= 0:
		return t.flowed(max(leastFlow, t.columnWidth(t.flow)-excess)).render(w, o, false)
	}
	kept := t
	for _, header := range t.spare {
		if o.Width <= 0 || kept.tightWidth() <= o.width() { // only a terminal has no room
			break
		}
		kept = kept.without(header)
	}
	if err := kept.render(w, o, true); err != nil || len(kept.header) == len(t.header) {
		return err
	}
	_, err := fmt.Fprintf(w, "%d of %d columns: a wider terminal shows them all.\n", len(kept.header), len(t.header))
	return err
}

// without leaves a column out.
func (t table) without(header string) table {
	i := slices.Index(t.header, header)
	if i < 0 {
		return t
	}
	cut := func(row []string) []string { return slices.Delete(slices.Clone(row), i, i+1) }
	rows := make([][]string, len(t.rows))
	for n, row := range t.rows {
		rows[n] = cut(row)
	}
	t.header, t.rows = cut(t.header), rows
	return t
}

func (t table) render(w io.Writer, o Options, compact bool) error {
	separators := tw.Separators{BetweenRows: tw.Off}
	padding := tw.CellPadding{Global: tw.PaddingDefault}
	if compact {
		separators.BetweenColumns = tw.Off
		padding.PerColumn = tight(len(t.header))
	}
	cells := tw.CellConfig{
		Formatting: tw.CellFormatting{AutoFormat: tw.Off, AutoWrap: tw.WrapNone},
		Alignment:  tw.CellAlignment{Global: tw.AlignLeft}, Padding: padding,
	}
	out := tablewriter.NewTable(w,
		tablewriter.WithRenderer(renderer.NewBlueprint(tw.Rendition{Settings: tw.Settings{Separators: separators, Lines: tw.Lines{ShowHeaderLine: tw.Off}}})),
		tablewriter.WithConfig(tablewriter.Config{Header: cells, Row: cells}),
		tablewriter.WithTrimSpace(tw.Off),
	)
	out.Header(t.header)
	for _, row := range t.rows {
		if err := out.Append(colored(row, o)); err != nil {
			return err
		}
	}
	return out.Render()
}

// tight leaves one cell between columns.
func tight(columns int) []tw.Padding {
	list := make([]tw.Padding, columns)
	for i := range list {
		list[i] = tw.Padding{Left: " ", Overwrite: true}
	}
	list[columns-1].Right = " "
	return list
}

// width is that of the whole table, borders and padding included.
func (t table) width() int {
	width := 1
	for i := range t.header {
		width += t.columnWidth(i) + 3
	}
	return width
}

// tightWidth is that of the table without lines between columns.
func (t table) tightWidth() int { return t.width() - 2*(len(t.header)-1) }

func (t table) columnWidth(column int) int {
	width := 0
	for _, row := range append([][]string{t.header}, t.rows...) {
		for line := range strings.SplitSeq(row[column], "\n") {
			width = max(width, twwidth.Width(line))
		}
	}
	return width
}

// flowed breaks the text column into lines of the given width.
func (t table) flowed(width int) table {
	rows := make([][]string, len(t.rows))
	for i, row := range t.rows {
		rows[i] = append([]string(nil), row...)
		rows[i][t.flow] = wrap(row[t.flow], width)
	}
	t.rows = rows
	return t
}

// colored paints the cells that are a verdict.
func colored(row []string, o Options) []string {
	painted := append([]string(nil), row...)
	for i, cell := range painted {
		painted[i] = paint(cell, journal.Verdict(cell), o.Color)
	}
	return painted
}

const (
	red    = "\x1b[31m"
	green  = "\x1b[32m"
	yellow = "\x1b[33m"
	bold   = "\x1b[1m"
	reset  = "\x1b[0m"
)

// paint gives a text the colour of a verdict.
func paint(text string, verdict journal.Verdict, color bool) string {
	code := ""
	switch verdict {
	case journal.Passed:
		code = green
	case journal.Failed:
		code = red
	case journal.Inconclusive, journal.Invalid, journal.Aborted, journal.Skipped:
		code = yellow
	}
	if !color || code == "" {
		return text
	}
	return code + text + reset
}
