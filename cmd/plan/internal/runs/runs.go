// Package runs finds the runs of this folder, by their IDs and by the file of their plan.
package runs

import (
	"errors"
	"fmt"
	"io/fs"
	"iter"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"plan/internal/lock"
	"plan/runner/journal"
)

// Folder has a folder for each run. It is relative to the working folder.
var Folder = filepath.Join(".plan", "runs")

// ErrNone is the error of a folder without runs.
var ErrNone = fmt.Errorf("there is no run in %s: change to the folder in which plan run was started", Folder)

// LockPath returns the file that a run holds a lock on while it is alive.
func LockPath(id string) string { return filepath.Join(Folder, id, "lock") }

// Remove removes the folder of a run. It holds the run's lock meanwhile.
func Remove(id string) error {
	held, err := lock.Take(LockPath(id))
	if err != nil {
		return fmt.Errorf("run %s: %w", id, err)
	}
	return errors.Join(os.RemoveAll(filepath.Join(Folder, id)), held.Release())
}

// IDs returns the runs of this folder, the newest last: their names begin with
// their time.
func IDs() []string {
	entries, _ := os.ReadDir(Folder) // none when it is not there
	var ids []string
	for _, entry := range entries {
		if entry.IsDir() {
			ids = append(ids, entry.Name())
		}
	}
	return ids
}

// NoJournal returns the error of a journal that cannot be opened: where there is
// none, one that says so.
func NoJournal(id string, err error) error {
	switch {
	case errors.Is(err, fs.ErrNotExist) && JournalPath(id) == id:
		return fmt.Errorf("there is no journal at %s", id)
	case errors.Is(err, fs.ErrNotExist):
		return fmt.Errorf("there is no journal of a run %q in %s: plan runs lists the runs", id, Folder)
	}
	return err
}

// JournalPath returns the path of the journal of a run. A text with a separator, and the
// name of a file in the working folder that no run has, is a path already.
func JournalPath(id string) string {
	if strings.ContainsRune(id, filepath.Separator) {
		return id
	}
	if _, err := os.Stat(filepath.Join(Folder, id)); errors.Is(err, fs.ErrNotExist) {
		if info, err := os.Stat(id); err == nil && info.Mode().IsRegular() {
			return id
		}
	}
	return filepath.Join(Folder, id, journal.FileName)
}

// Chosen returns the named run, else the ID of the newest.
func Chosen(args []string) (string, error) {
	if len(args) == 0 {
		args = IDs()
	}
	if len(args) == 0 {
		return "", ErrNone
	}
	return args[len(args)-1], nil // the named one: no command takes two
}

// Of returns the runs of a plan's file by their IDs, the newest first, without
// those whose journal cannot be read.
func Of(file string) iter.Seq2[string, journal.Header] {
	return func(yield func(string, journal.Header) bool) {
		for _, id := range slices.Backward(IDs()) {
			run, err := journal.ReadBeginning(JournalPath(id))
			if err == nil && sameFile(run.Plan.File, file) && !yield(id, run.Run) {
				return
			}
		}
	}
}

// sameFile reports whether two paths, relative to this folder, are of one file.
func sameFile(a, b string) bool {
	one, err := filepath.Abs(a)
	other, wrong := filepath.Abs(b)
	return err == nil && wrong == nil && one == other
}
