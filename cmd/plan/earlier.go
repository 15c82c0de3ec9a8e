package main

import (
	"fmt"
	"path/filepath"
	"slices"

	"plan/runner/journal"
)

// printVersionNote prints a note where the last run of a plan was by a version whose
// answers may differ. It is printed once: the next time this run is the last.
func printVersionNote(env environment, file, run string) {
	if last, ok := lastRunOf(file, run); ok && last.Version == "" {
		fmt.Fprint(env.stderr, `This plan was last run by plan 0.1. Answers may be higher now, and some passes inconclusive: each trial reads
its own files, readiness is the service's own, a percentile needs enough samples. CHANGELOG.md says why.
`)
	}
}

// lastRunOf returns the newest run of a plan's file in this folder, except one; false
// where there is none. It skips journals that cannot be read.
func lastRunOf(file, but string) (journal.Header, bool) {
	for _, id := range slices.Backward(runs()) {
		if id == but {
			continue
		}
		run, err := journal.ReadBeginning(filepath.Join(runsFolder, id, journal.FileName))
		if err == nil && samePath(run.Plan.File, file) {
			return run.Run, true
		}
	}
	return journal.Header{}, false
}

// samePath reports whether two paths, relative to this folder, are the same.
func samePath(a, b string) bool {
	one, err := filepath.Abs(a)
	other, err2 := filepath.Abs(b)
	return err == nil && err2 == nil && one == other
}
