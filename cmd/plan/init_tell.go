package main

import (
	"cmp"
	"fmt"
	"io"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"

	"plan/plans/compose"
)

// teller says what was written: what it is on the one stream, what did not
// come over on the other.
type teller struct {
	to, aside io.Writer
	output    string
	bold      func(string) string
	width     int // of what stands aside; 0: any
}

// newTeller speaks on the standard output, unless the plan is written there.
func newTeller(cmd *cobra.Command, env environment, output string) (*teller, error) {
	t := &teller{to: env.stdout, aside: env.stderr, output: output, width: width(env.stderr)}
	if output == standardOutput {
		t.to = env.stderr
	}
	color, err := colored(cmd, env, t.aside)
	t.bold = func(text string) string {
		if !color {
			return text
		}
		return "\x1b[1m" + text + "\x1b[0m"
	}
	return t, err
}

// draft tells of a plan: of which files, with which services, without what.
func (t *teller) draft(d *draft) {
	name := t.output
	if name == standardOutput {
		name = "the plan"
	}
	if d.made == nil {
		fmt.Fprintf(t.to, "Written: %s, a plan to start from. Put the name of your image, its port and your requests in.\n", name)
		return
	}
	found := ""
	if d.found {
		found = ", which is in this folder"
	}
	fmt.Fprintf(t.to, "Written: %s, made of %s%s. It searches and ramps service %s", name, strings.Join(d.files, " and "), found, d.made.API)
	if helpers := d.made.Services[1:]; len(helpers) > 0 {
		fmt.Fprintf(t.to, ", and starts %s for it", strings.Join(helpers, ", "))
	}
	fmt.Fprintln(t.to, ".")
	t.notes(d.made.Notes)
}

// notes are printed below the service that they belong to.
func (t *teller) notes(notes []compose.Note) {
	if len(notes) == 0 {
		return
	}
	fmt.Fprintf(t.aside, "\n%s\n", t.bold("Not as it stands in the Compose file:"))
	last := "\x00"
	for _, n := range notes {
		if n.Service != last {
			fmt.Fprintf(t.aside, "  %s\n", t.bold(cmp.Or(n.Service, "the file as a whole")))
		}
		last = n.Service
		text := n.Text
		if n.Word != "" {
			text = n.Word + ": " + text
		}
		fmt.Fprint(t.aside, wrap(text, "    ", t.width))
	}
}

// wrap breaks a text between words; a width of 0 is any.
func wrap(text, indent string, width int) string {
	var b strings.Builder
	line := indent
	for word := range strings.FieldsSeq(text) {
		if width > 0 && len(line)+len(word)+1 > width && strings.TrimSpace(line) != "" {
			b.WriteString(line + "\n")
			line = indent + "  "
		}
		if strings.TrimSpace(line) != "" {
			line += " "
		}
		line += word
	}
	return b.String() + line + "\n"
}

// next says what to do with the plan.
func (t *teller) next(d *draft) {
	var lines []string
	if d.made != nil {
		for _, name := range d.made.Values {
			lines = append(lines, fmt.Sprintf("export PLAN_VAR_%s=…", name))
		}
	}
	file := t.output
	if strings.HasPrefix(filepath.Base(file), "-") || strings.ContainsAny(file, " '\"$\\") {
		file = "'" + strings.ReplaceAll(file, "'", `'\''`) + "'"
	}
	lines = append(lines, "plan validate "+file, "plan run "+file)
	fmt.Fprintf(t.to, "\nNext:\n  %s\n", strings.Join(lines, "\n  "))
}
