package draft

import (
	"cmp"
	"fmt"
	"io"
	"strings"

	"plan/internal/shellword"
	"plan/plans/compose"
	"plan/plans/request"
)

// Printer prints what init wrote: a summary on one stream, the differences from the
// Compose file on the other. The summary goes to the standard output, or to the standard
// error where the plan is written to the standard output.
type Printer struct {
	Out, NotesTo io.Writer
	Output       string // path of the plan, or StandardOutput
	Bold         func(string) string
	FromFolder   bool // the Compose files are those of this folder
	Width        int  // of NotesTo in cells; 0: not bounded
}

// Draft prints the files and services of a plan, and its notes.
func (t *Printer) Draft(d *Draft) {
	name := t.Output
	if name == StandardOutput {
		name = "the plan"
	}
	switch {
	case d.compose == nil && d.requests == nil:
		fmt.Fprintf(t.Out, "Wrote %s, a plan to fill in: write the name of your image, its port and your requests.\n", name)
		return
	case d.compose == nil:
		fmt.Fprintf(t.Out, "Wrote %s, a plan to fill in, with the requests of %s: write the name of your image and "+
			"its port.\n", name, d.requests.From)
		t.requests(d.requests)
		return
	}
	found := ""
	if t.FromFolder {
		found = ", the Compose file of this folder"
	}
	fmt.Fprintf(t.Out, "Wrote %s from %s%s.\nThe plan searches for the least memory of %s and ramps its "+
		"users", name, strings.Join(d.compose.Files, " and "),
		found, d.compose.API)
	if helpers := d.compose.Services[1:]; len(helpers) > 0 {
		fmt.Fprintf(t.Out, ". Helpers: %s", strings.Join(helpers, ", "))
	}
	fmt.Fprintln(t.Out, ".")
	if len(d.compose.Services) > 1 {
		fmt.Fprintln(t.Out, "Helpers keep their state from trial to trial; to restart them before each trial, "+
			"write restart_helpers = true.")
	}
	t.notes("Differences from the Compose file:", d.compose.Notes)
	t.requests(d.requests)
}

// requests prints what the scenario has, and what was left out of its source.
func (t *Printer) requests(s *request.Source) {
	if s == nil {
		return
	}
	for _, r := range s.Requests {
		fmt.Fprintf(t.Out, "A user sends %s %s.\n", r.Method, r.PathText())
	}
	if s.Guess != "" {
		fmt.Fprintf(t.Out, "The request is a guess: %s.\n", s.Guess)
	}
	if s.Refused != "" {
		fmt.Fprintf(t.Out, "The API does not answer it: %s. Correct the request before the run.\n", s.Refused)
	}
	var notes []compose.Note
	for _, text := range s.Notes {
		notes = append(notes, compose.Note{Service: s.From, Text: text})
	}
	t.notes("Differences from "+s.From+":", notes)
}

// notes prints the notes, grouped by service.
func (t *Printer) notes(title string, notes []compose.Note) {
	if len(notes) == 0 {
		return
	}
	fmt.Fprintf(t.NotesTo, "\n%s\n", t.Bold(title))
	last := "\x00"
	for _, n := range notes {
		if n.Service != last {
			fmt.Fprintf(t.NotesTo, "  %s\n", t.Bold(cmp.Or(n.Service, "the file as a whole")))
		}
		last = n.Service
		text := n.Text
		if n.Word != "" {
			text = n.Word + ": " + text
		}
		line := "    " // the text breaks between words
		for word := range strings.FieldsSeq(text) {
			if t.Width > 0 && len(line)+len(word)+1 > t.Width && strings.TrimSpace(line) != "" {
				fmt.Fprintln(t.NotesTo, line)
				line = "      "
			}
			if strings.TrimSpace(line) != "" {
				line += " "
			}
			line += word
		}
		fmt.Fprintln(t.NotesTo, line)
	}
}

// Next prints the commands to go on with.
func (t *Printer) Next(d *Draft) {
	var lines []string
	for _, name := range d.Values() {
		lines = append(lines, fmt.Sprintf("export PLAN_VAR_%s=…", name))
	}
	file := shellword.Quote(t.Output)
	run := "plan run " + file
	if d.Builds() {
		run = "plan run --build " + file
	}
	lines = append(lines, "plan validate "+file, run)
	fmt.Fprintf(t.Out, "\nNext:\n  %s\n", strings.Join(lines, "\n  "))
}
