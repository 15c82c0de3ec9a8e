package main

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"plan/plans"

	"plan/runner/journal"
)

// TestPlansKnowEveryFormat: a plan can ask for each format of the command line, and
// for no other.
func TestPlansKnowEveryFormat(t *testing.T) {
	var names []string
	for _, f := range formats() {
		names = append(names, f.Name)
		files, err := plannedReports(&plans.Plan{Reports: []plans.Report{{Format: f.Name, Path: filepath.Join(t.TempDir(), "r")}}})
		if err != nil || len(files) != 1 || files[0].format.Name != f.Name {
			t.Errorf("%s: %v, %v", f.Name, files, err)
		}
	}
	if !slices.Equal(names, plans.ReportFormats()) {
		t.Errorf("formats are %v, and those of plans %v", names, plans.ReportFormats())
	}
	if _, err := plannedReports(&plans.Plan{Reports: []plans.Report{{Format: "html", Path: "no/such/folder/r.html"}}}); err == nil {
		t.Error("a path that cannot be written is no error")
	}
}

func TestTheSummaryOfAStepIsAppended(t *testing.T) {
	path := filepath.Join(t.TempDir(), "summary.md")
	for range 2 {
		if err := appendSummary(path, journal.Run{Plan: journal.Plan{Name: "least"}}); err != nil {
			t.Fatal(err)
		}
	}
	text, err := os.ReadFile(path)
	if err != nil || strings.Count(string(text), "## least\n") != 2 {
		t.Errorf("%v\n%s", err, text)
	}
	if err := appendSummary("", journal.Run{}); err != nil {
		t.Error(err)
	}
	if err := appendSummary(filepath.Join(path, "nowhere"), journal.Run{}); err == nil {
		t.Error("a file that cannot be written is no error")
	}
}
