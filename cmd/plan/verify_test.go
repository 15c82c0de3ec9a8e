package main

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"

	"plan/cmd/plan/internal/runs"
	"plan/runner/journal"
)

// TestExitCodesOfVerify: 0 where all holds, 1 where something does not or a line is damaged, 2 where the
// journal cannot be read.
func TestExitCodesOfVerify(t *testing.T) {
	t.Chdir(t.TempDir())
	const begin = `{"type":"run","run":{"format_version":1,"run":{"id":"r1"}}}` + "\n"
	for text, want := range map[string]int{
		begin: 0,
		begin + `{"type":"end","end":{"exit_code":0}}` + "\n": 0,
		begin + `{"type":"end","end":{"exit_code":4}}` + "\n": 1,
		begin + "{\n": 1,
		"{\n":         2,
		"":            2,
	} {
		dir := filepath.Join(runs.Folder, "r1")
		if err := os.MkdirAll(dir, 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(dir, journal.FileName), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		var stdout, stderr bytes.Buffer
		if got := execute(t.Context(), []string{"report", "--verify"}, environment{stdout: &stdout, stderr: &stderr}); got != want {
			t.Errorf("%q: exit %d, want %d: %s%s", text, got, want, stdout.String(), stderr.String())
		}
	}
}
