package runs

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"plan/runner/journal"
)

// writeRun makes the folder of a run with its journal's first line.
func writeRun(t *testing.T, id, version, file string) {
	t.Helper()
	dir := filepath.Join(Folder, id)
	if err := os.MkdirAll(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	w, err := journal.Create(dir, nil)
	if err != nil {
		t.Fatal(err)
	}
	defer w.Close()
	run := journal.Run{FormatVersion: journal.Format, Plan: journal.Plan{File: file}, Run: journal.Header{ID: id, Version: version}}
	if _, err := w.Append(journal.Line{Type: journal.RunLine, Run: &run}); err != nil {
		t.Fatal(err)
	}
}

// What older versions answered otherwise is said to whoever ran the plan by one
// of them last, and to nobody else.
func TestAnOlderVersionIsReported(t *testing.T) {
	t.Chdir(t.TempDir())
	told := func(run string) bool {
		var text bytes.Buffer
		PrintVersionNote(&text, "./plan.hcl", run)
		if text.Len() > 0 && (!strings.Contains(text.String(), "CHANGELOG.md") || strings.Count(text.String(), "\n") != 3) {
			t.Errorf("told: %q", text.String())
		}
		return text.Len() > 0
	}
	if told("20260301-120000-0000") {
		t.Error("told where nothing was run")
	}
	writeRun(t, "20260301-120000-0000", "", "other.hcl")
	if told("20260305-120000-0000") {
		t.Error("told, as another plan was run")
	}
	writeRun(t, "20260302-120000-0000", "", "plan.hcl")
	if !told("20260305-120000-0000") {
		t.Error("not told after a run by 0.1")
	}
	if told("20260302-120000-0000") {
		t.Error("told of the run that begins")
	}
	if err := os.MkdirAll(filepath.Join(Folder, "20260303-120000-0000"), 0o755); err != nil { // its journal is missing
		t.Fatal(err)
	}
	writeRun(t, "20260304-120000-0000", "", "other.hcl")
	if !told("20260306-120000-0000") {
		t.Error("not told, with other runs since")
	}
	writeRun(t, "20260305-120000-0000", "0.2.0", "plan.hcl")
	if told("20260306-120000-0000") {
		t.Error("told again after a run by this version")
	}
}
