package diag

import (
	"encoding/json"
	"fmt"
	"io"
	"strings"
	"unicode/utf8"
)

// Formats lists what Write can write.
func Formats() []string { return []string{"human", "line", "json"} }

// jsonFormat is the version of the json format.
const jsonFormat = 1

// Write prints the diagnostics: human with the line and a caret, line for
// editors, json for programs.
func (d List) Write(w io.Writer, format string, color bool) error {
	switch format {
	case "human":
		shown := d.mostSevere(mostShown)
		for i, x := range shown {
			text := x.human(palette(color))
			if i > 0 {
				text = "\n" + text
			}
			if _, err := io.WriteString(w, text); err != nil {
				return err
			}
		}
		if more := len(d) - len(shown); more > 0 {
			_, err := fmt.Fprintf(w, "\nand %d more\n", more)
			return err
		}
		return nil
	case "line":
		for _, x := range d {
			if _, err := fmt.Fprintln(w, x.line()); err != nil {
				return err
			}
		}
		return nil
	case "json":
		e := json.NewEncoder(w)
		e.SetIndent("", "  ")
		e.SetEscapeHTML(false)
		return e.Encode(struct {
			FormatVersion int  `json:"format_version"`
			List          List `json:"diagnostics"`
		}{jsonFormat, append(List{}, d...)})
	}
	return fmt.Errorf("format %q does not exist: write one of %s", format, strings.Join(Formats(), ", "))
}

// mostShown is how many diagnostics people are shown.
const mostShown = 50

// mostSevere returns at most n of the diagnostics in their order: errors before warnings, and warnings before notes.
func (d List) mostSevere(n int) List {
	kept := make([]bool, len(d))
	for _, s := range []Severity{Error, Warning, Note} {
		for i, x := range d {
			if x.Severity == s && n > 0 {
				kept[i] = true
				n--
			}
		}
	}
	var list List
	for i, x := range d {
		if kept[i] {
			list = append(list, x)
		}
	}
	return list
}

func (d Diagnostic) human(p palette) string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s: %s\n", p.severity(d.Severity, d.Code), p.bold(d.Summary))
	b.WriteString(d.SourceRange.human("  -->", p))
	for _, r := range d.Related {
		b.WriteString(r.human("  ...", p))
	}
	if d.Note != "" {
		fmt.Fprintf(&b, "  note: %s\n", indent(d.Note))
	}
	if d.Help != "" {
		fmt.Fprintf(&b, "  %s: %s\n", p.bold("help"), indent(d.Help))
	}
	return b.String()
}

// indent lets further lines of a text stand below its first one.
func indent(text string) string { return strings.ReplaceAll(text, "\n", "\n        ") }

// human shows a range with its line and a caret below it.
func (p SourceRange) human(arrow string, c palette) string {
	head := fmt.Sprintf("%s %s\n", arrow, p.at())
	if p.Start.Line == 0 || p.Snippet == "" {
		return head
	}
	before, marked := p.marked()
	lead := strings.Map(func(r rune) rune { // blanks, tabs kept as tabs
		if r == '\t' {
			return r
		}
		return ' '
	}, before)
	mark := strings.Repeat("^", max(1, utf8.RuneCountInString(marked)))
	text := ""
	if p.Text != "" {
		text = " " + p.Text
	}
	return head + fmt.Sprintf("%5d | %s\n      | %s%s%s\n", p.Start.Line, p.Snippet, lead, c.bold(mark), text)
}

// marked cuts the snippet into what stands before the range and the part of
// the range that is on this line.
func (p SourceRange) marked() (before, marked string) {
	columns := []rune(p.Snippet)
	from := min(p.Start.Column-1, len(columns))
	to := len(columns)
	if p.End.Line == p.Start.Line {
		to = min(p.End.Column-1, to)
	}
	return string(columns[:from]), strings.TrimRight(string(columns[from:max(from, to)]), " \t\r")
}

// palette colours text, or leaves it as it is.
type palette bool

func (p palette) paint(code, text string) string {
	if !p {
		return text
	}
	return "\x1b[" + code + "m" + text + "\x1b[0m"
}

func (p palette) bold(text string) string { return p.paint("1", text) }

func (p palette) severity(s Severity, code string) string {
	color := map[Severity]string{Error: "1;31", Warning: "1;33", Note: "1;36"}[s]
	return p.paint(color, fmt.Sprintf("%s[%s]", s, code))
}
