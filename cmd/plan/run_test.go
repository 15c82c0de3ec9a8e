package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestAJournalThatOthersRemoved: the end of a run does not name a journal that is no longer there.
func TestAJournalThatOthersRemoved(t *testing.T) {
	path := filepath.Join(t.TempDir(), "journal.jsonl")
	if got := whereJournal(path); !strings.Contains(got, "another program removed the journal "+path) {
		t.Error(got)
	}
	if err := os.WriteFile(path, nil, 0o666); err != nil {
		t.Fatal(err)
	}
	if got := whereJournal(path); got != "journal: "+path {
		t.Error(got)
	}
}
