package formats

import (
	"fmt"
	"html"
	"io"
	"strings"

	"plan/internal/english"
	"plan/internal/tty"
	"plan/report"
	"plan/runner/compare"
	"plan/runner/journal"
)

// markdownReport writes a run as GitHub's Markdown: the answers, a table of the run,
// and a section for each stage that unfolds.
func markdownReport(w io.Writer, run journal.Run) error {
	var b strings.Builder
	line := func(format string, args ...any) { fmt.Fprintf(&b, format+"\n", args...) }
	line("## %s", markdownText(run.Plan.Name))
	line("")
	for _, text := range report.Problem(run) {
		line("**%s**\n", markdownText(text))
	}
	trials := 0
	for _, s := range run.Stages {
		trials += len(s.Trials)
		part := report.PartOf(s, run)
		line("- %s **%s**: %s", sign(part.Verdict), markdownText(s.Address), markdownText(tty.Join(" ", part.Sentence,
			part.Disproof)))
	}
	line("")
	markdownTable(&b, report.Summary(run))
	line("%s in %s. Run %s, plan %s.\n", english.Count(trials, "trial"), tty.Seconds(&run.Run.Seconds),
		markdownText(run.Run.ID), markdownText(run.Run.Version))
	if helpers := report.HelpersTable(run); len(helpers.Rows) > 0 {
		line("%s:\n", helpers.Name)
		markdownTable(&b, helpers)
	}
	for _, s := range run.Stages {
		part := report.PartOf(s, run)
		line("<details><summary>%s</summary>\n", html.EscapeString(tty.Clean(part.Title))) // in HTML no character is Markdown
		for _, t := range part.Tables {
			if t.Name != "" {
				line("%s:\n", t.Name)
			}
			markdownTable(&b, t)
		}
		for _, text := range append(part.Reasons, part.Doubts...) {
			line("- %s", markdownText(text))
		}
		line("\n</details>\n")
	}
	_, err := io.WriteString(w, b.String())
	return err
}

// sign returns the character of a verdict.
func sign(v journal.Verdict) string {
	switch v {
	case journal.Passed:
		return "✅"
	case journal.Failed:
		return "❌"
	default:
		return "❔"
	}
}

func markdownTable(b *strings.Builder, t report.NamedTable) {
	if len(t.Rows) == 0 {
		return
	}
	row := func(cells []string) {
		for _, cell := range cells {
			b.WriteString("| " + markdownText(cell) + " ")
		}
		b.WriteString("|\n")
	}
	row(t.Header)
	b.WriteString(strings.Repeat("|---", len(t.Header)) + "|\n")
	for _, cells := range t.Rows {
		row(cells)
	}
	b.WriteString("\n")
}

// markdownText returns a text on one line in which no character is markup.
func markdownText(text string) string {
	var b strings.Builder
	for _, r := range tty.Clean(strings.ToValidUTF8(text, "\ufffd")) {
		switch {
		case r == '<':
			b.WriteString("&lt;")
		case r == '&':
			b.WriteString("&amp;")
		case strings.ContainsRune("\\`*_[]|#~!>", r):
			b.WriteString("\\" + string(r))
		default:
			b.WriteRune(r)
		}
	}
	return b.String()
}

// Markdown writes a run as GitHub's Markdown.
func Markdown(w io.Writer, run journal.Run) error { return markdownReport(w, run) }

// ComparisonMarkdown writes a comparison as GitHub's Markdown.
func ComparisonMarkdown(w io.Writer, c compare.Comparison) error {
	p := report.ComparedOf(c)
	var b strings.Builder
	verdict := journal.Passed
	switch c.Change() {
	case compare.Worse:
		verdict = journal.Failed
	case compare.Unclear:
		verdict = journal.Inconclusive
	default: // better, or unchanged
	}
	fmt.Fprintf(&b, "## %s\n\n%s **%s**\n\n", markdownText(p.Title), sign(verdict), markdownText(p.Result))
	markdownTable(&b, p.Stages)
	for _, line := range p.Reasons {
		fmt.Fprintf(&b, "- %s\n", markdownText(line))
	}
	if len(p.Moved.Rows) > 0 {
		fmt.Fprintf(&b, "\n%s:\n\n", p.Moved.Name)
		markdownTable(&b, p.Moved)
	}
	for i, line := range p.Notes {
		if i == 0 {
			b.WriteString("\nOther differences between the runs:\n\n")
		}
		fmt.Fprintf(&b, "- %s\n", markdownText(line))
	}
	_, err := io.WriteString(w, b.String())
	return err
}
