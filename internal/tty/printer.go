package tty

import (
	"fmt"
	"io"
)

// Color is an escape sequence of a terminal; "" is none.
type Color string

// Colors.
const (
	Red    Color = "\x1b[31m"
	Green  Color = "\x1b[32m"
	Yellow Color = "\x1b[33m"
	Bold   Color = "\x1b[1m"
)

const reset = "\x1b[0m"

// Paint returns a text in a color; unchanged where on is false.
func Paint(text string, c Color, on bool) string {
	if !on || c == "" {
		return text
	}
	return string(c) + text + reset
}

// Printer prints lines and tables. After the first error of its writer it
// prints nothing.
type Printer struct {
	Writer  io.Writer
	Options Options
	Err     error // the first
}

// Line prints a line.
func (p *Printer) Line(format string, args ...any) {
	if p.Err == nil {
		_, p.Err = fmt.Fprintf(p.Writer, format+"\n", args...)
	}
}

// Table prints a table.
func (p *Printer) Table(t Table) {
	if p.Err == nil {
		p.Err = t.Print(p.Writer, p.Options)
	}
}

// Heading prints a title, in bold where there is color.
func (p *Printer) Heading(text string) { p.Line("%s", Paint(text, Bold, p.Options.Color)) }
