package main

import (
	"cmp"
	"fmt"
	"io"
	"path/filepath"
	"strings"

	"plan/plans/compose"
)

// initPrinter prints what init wrote: a summary on one stream, the differences from the
// Compose file on the other. The summary goes to the standard output, or to the standard
// error where the plan is written to the standard output.
type initPrinter struct {
	out, notesTo io.Writer
	output       string
	bold         func(string) string
	width        int // of aside in cells; 0: not bounded
}

// draft prints the files and services of a plan, and its notes.
func (t *initPrinter) draft(d *draft) {
	name := t.output
	if name == standardOutput {
		name = "the plan"
	}
	if d.compose == nil {
		fmt.Fprintf(t.out, "Written: %s, a plan to start from. Put the name of your image, its port and your requests in.\n", name)
		return
	}
	found := ""
	if d.fromFolder {
		found = ", which is in this folder"
	}
	fmt.Fprintf(t.out, "Written: %s, made of %s%s. It searches and ramps service %s", name, strings.Join(d.files, " and "), found, d.compose.API)
	if helpers := d.compose.Services[1:]; len(helpers) > 0 {
		fmt.Fprintf(t.out, ", and starts %s for it", strings.Join(helpers, ", "))
	}
	fmt.Fprintln(t.out, ".")
	t.notes(d.compose.Notes)
}

// notes prints the notes, grouped by service.
func (t *initPrinter) notes(notes []compose.Note) {
	if len(notes) == 0 {
		return
	}
	fmt.Fprintf(t.notesTo, "\n%s\n", t.bold("Not as it stands in the Compose file:"))
	last := "\x00"
	for _, n := range notes {
		if n.Service != last {
			fmt.Fprintf(t.notesTo, "  %s\n", t.bold(cmp.Or(n.Service, "the file as a whole")))
		}
		last = n.Service
		text := n.Text
		if n.Word != "" {
			text = n.Word + ": " + text
		}
		line := "    " // the text breaks between words
		for word := range strings.FieldsSeq(text) {
			if t.width > 0 && len(line)+len(word)+1 > t.width && strings.TrimSpace(line) != "" {
				fmt.Fprintln(t.notesTo, line)
				line = "      "
			}
			if strings.TrimSpace(line) != "" {
				line += " "
			}
			line += word
		}
		fmt.Fprintln(t.notesTo, line)
	}
}

// next prints the commands to go on with.
func (t *initPrinter) next(d *draft) {
	var lines []string
	if d.compose != nil {
		for _, name := range d.compose.Values {
			lines = append(lines, fmt.Sprintf("export PLAN_VAR_%s=…", name))
		}
	}
	file := t.output
	if strings.HasPrefix(filepath.Base(file), "-") || strings.ContainsAny(file, " '\"$\\") {
		file = "'" + strings.ReplaceAll(file, "'", `'\''`) + "'"
	}
	lines = append(lines, "plan validate "+file, "plan run "+file)
	fmt.Fprintf(t.out, "\nNext:\n  %s\n", strings.Join(lines, "\n  "))
}
