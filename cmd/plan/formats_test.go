package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"plan/runner/journal"
)

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
