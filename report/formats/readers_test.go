package formats

import (
	"bytes"
	"html"
	"regexp"
	"strings"
	"testing"

	"github.com/joshdk/go-junit"
	"github.com/yuin/goldmark"
	"github.com/yuin/goldmark/extension"
	render "github.com/yuin/goldmark/renderer/html"

	"plan/internal/tty"
	"plan/report"
	"plan/report/fixture"
	"plan/runner/journal"
)

// TestJUnitIsReadByOthers reads the report as CI tools do.
func TestJUnitIsReadByOthers(t *testing.T) {
	all := fixture.Runs()
	all["hostile"] = hostileRun()
	for name, run := range all {
		own, text := junitOf(t, run)
		suites, err := junit.Ingest(text)
		if err != nil || len(suites) != 1 {
			t.Errorf("%s: %d suites, %v", name, len(suites), err)
			continue
		}
		totals := suites[0].Totals
		if totals.Tests != own.Tests || totals.Failed != own.Failures || totals.Error != own.Errors || totals.Skipped != own.Skipped {
			t.Errorf("%s: %+v, want %d tests, %d failures, %d errors, %d skipped", name, totals, own.Tests, own.Failures, own.Errors, own.Skipped)
		}
		for i, test := range suites[0].Tests {
			if test.Name != own.Cases[i].Name || test.Status == junit.StatusPassed && run.Stages[i].Verdict != journal.Passed {
				t.Errorf("%s: test %d is %q, %s", name, i, test.Name, test.Status)
			}
		}
	}
	_, text := junitOf(t, fixture.Whole())
	suites, err := junit.Ingest(text)
	if err != nil {
		t.Fatal(err)
	}
	if got := suites[0].Properties["host.cpus"]; got != "2" {
		t.Errorf("host.cpus is %q", got)
	}
}

var (
	tableOf = regexp.MustCompile(`(?s)<table>.*?</table>`)
	rowOf   = regexp.MustCompile(`(?s)<tr>.*?</tr>`)
	cellOf  = regexp.MustCompile(`(?s)<t[hd][^>]*>(.*?)</t[hd]>`)
)

// TestMarkdownIsReadByOthers renders the report as GitHub does: each table has the cells
// that the terminal has, whatever a service wrote into them.
func TestMarkdownIsReadByOthers(t *testing.T) {
	markdown := goldmark.New(goldmark.WithExtensions(extension.GFM), goldmark.WithRendererOptions(render.WithUnsafe()))
	all := fixture.Runs()
	all["hostile"] = hostileRun()
	for name, run := range all {
		var b bytes.Buffer
		if err := markdown.Convert([]byte(markdownOf(t, run)), &b); err != nil {
			t.Fatal(err)
		}
		var want []report.NamedTable
		if summary := report.Summary(run); len(summary.Rows) > 0 {
			want = append(want, summary)
		}
		if helpers := report.HelpersTable(run); len(helpers.Rows) > 0 {
			want = append(want, helpers)
		}
		for _, s := range run.Stages {
			want = append(want, report.PartOf(s, run).Tables...)
		}
		tables := tableOf.FindAllString(b.String(), -1)
		if len(tables) != len(want) {
			t.Errorf("%s: %d tables, want %d", name, len(tables), len(want))
			continue
		}
		for i, table := range tables {
			rows := rowOf.FindAllString(table, -1)
			for n, cells := range append([][]string{want[i].Header}, want[i].Rows...) {
				if n >= len(rows) {
					t.Errorf("%s: table %d has %d rows", name, i, len(rows))
					break
				}
				read := cellOf.FindAllStringSubmatch(rows[n], -1)
				for column, cell := range cells {
					if column >= len(read) || html.UnescapeString(read[column][1]) != strings.TrimSpace(plain(cell)) {
						t.Errorf("%s: table %d, row %d: want %q in %q", name, i, n, cell, rows[n])
					}
				}
			}
		}
		for _, bad := range []string{"<script", "<b>", "<code>"} {
			if strings.Contains(b.String(), bad) {
				t.Errorf("%s: it has %s", name, bad)
			}
		}
	}
}

// plain is a text of a service as a table shows it.
func plain(text string) string { return tty.Clean(strings.ToValidUTF8(text, "\ufffd")) }
