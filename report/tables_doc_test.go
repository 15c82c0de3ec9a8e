package report

import (
	"os"
	"slices"
	"strings"
	"testing"

	"plan/internal/tty"
	"plan/plans"
	"plan/report/fixture"
	"plan/runner/journal"
)

// TestEveryColumnIsExplained: docs/report.md has a row for each column of a
// ramp's table but the first, which is what the table is about.
func TestEveryColumnIsExplained(t *testing.T) {
	text, err := os.ReadFile("../docs/report.md")
	if err != nil {
		t.Fatal(err)
	}
	_, rows, found := strings.Cut(string(text), "| column | meaning |\n|---|---|\n")
	if !found {
		t.Fatal("docs/report.md has no table of columns")
	}
	rows, _, _ = strings.Cut(rows, "\n\n")
	var explained []string
	for row := range strings.Lines(rows) {
		explained = append(explained, strings.Fields(strings.Split(row, "|")[1])...)
	}
	var heads []string
	for _, c := range loadColumns()[1:] {
		heads = append(heads, c.head)
		if !slices.Contains(explained, c.head) && !strings.Contains(rows, "| "+c.head+" |") {
			t.Errorf("docs/report.md does not explain the column %s", c.head)
		}
	}
	for _, spare := range spareColumns {
		if !slices.Contains(heads, spare) {
			t.Errorf("%s may give way on a narrow terminal, and is no column", spare)
		}
	}
}

// TestEveryColumnHasAValue: a golden file shows a value in each column of a
// ramp's table.
func TestEveryColumnHasAValue(t *testing.T) {
	var trials []journal.Trial
	for _, run := range fixture.Runs() {
		for _, s := range run.Stages {
			if s.Kind != plans.Search {
				trials = append(trials, s.Trials...)
			}
		}
	}
	for _, c := range loadColumns() {
		if !slices.ContainsFunc(trials, func(t journal.Trial) bool { return !slices.Contains([]string{"", tty.Unknown}, c.cell(t)) }) {
			t.Errorf("no trial has a value in the column %s: set one in report/fixture/fixture.go", c.head)
		}
	}
}
