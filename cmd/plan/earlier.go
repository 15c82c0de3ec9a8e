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
	for _, id := range slices.Backward(runs()) {
		if id == run {
			continue
		}
		last, err := journal.ReadBeginning(filepath.Join(runsFolder, id, journal.FileName))
		if err != nil {
			continue // a journal that cannot be read
		}
		its, err := filepath.Abs(last.Plan.File) // both are relative to this folder
		ours, wrong := filepath.Abs(file)
		if err != nil || wrong != nil || its != ours {
			continue
		}
		if last.Run.Version != "" {
			return
		}
		fmt.Fprint(env.stderr, `This plan was last run by plan 0.1. Answers may be higher now, and some passes inconclusive: each trial reads
its own files, readiness is the service's own, a percentile needs enough samples. CHANGELOG.md says why.
`)
		return
	}
}
