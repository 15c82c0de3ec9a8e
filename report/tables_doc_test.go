package report

import (
	"os"
	"reflect"
	"slices"
	"strings"
	"testing"

	"plan/engine"
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
	var heads, explained []string
	for _, c := range loadColumns()[1:] {
		heads = append(heads, c.head)
	}
	for row := range strings.Lines(rows) {
		if head := strings.TrimSpace(strings.Split(row, "|")[1]); slices.Contains(heads, head) {
			explained = append(explained, head)
		} else {
			explained = append(explained, strings.Fields(head)...)
		}
	}
	for _, head := range heads {
		if !slices.Contains(explained, head) {
			t.Errorf("docs/report.md does not explain the column %s", head)
		}
	}
	for _, head := range explained {
		if !slices.Contains(heads, head) {
			t.Errorf("docs/report.md explains %s, which is no column", head)
		}
	}
	for _, spare := range spareColumns {
		if !slices.Contains(heads, spare) {
			t.Errorf("%s may give way on a narrow terminal, and is no column", spare)
		}
	}
}

// TestEveryColumnHasAValue: a golden file shows a value in each column of a
// ramp's table, other than that of a load without figures, such as 0B.
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
		nothing := []string{"", tty.Unknown, c.cell(journal.Trial{Load: new(journal.Load)})}
		if !slices.ContainsFunc(trials, func(t journal.Trial) bool { return !slices.Contains(nothing, c.cell(t)) }) {
			t.Errorf("no trial has a value in the column %s: set one in report/fixture/fixture.go", c.head)
		}
	}
}

// TestTheFixtureHasEveryPercentile: golden files show each.
func TestTheFixtureHasEveryPercentile(t *testing.T) {
	load := fixture.Loaded(journal.Trial{}, 10, 90, 10, 20, 0.1).Load
	for name, latency := range map[string]engine.Percentiles{"LatencyOK": load.LatencyOK, "LatencyFailed": load.LatencyFailed} {
		fields := reflect.ValueOf(latency)
		for i := range fields.NumField() {
			if fields.Field(i).IsNil() {
				t.Errorf("%s of report/fixture/fixture.go has no %s", name, fields.Type().Field(i).Name)
			}
		}
	}
}
