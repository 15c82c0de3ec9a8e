package main

import (
	"fmt"
	"path/filepath"
	"slices"

	"plan/runner/journal"
)

// tellOfOlder says, where the last run of a plan was one of a version whose
// answers may be others, that they may. The journal of the run that begins is the
// newest from then on: it is said once.
func tellOfOlder(env environment, file, run string) {
	if last, ok := lastRunOf(file, run); ok && last.Version == "" {
		fmt.Fprint(env.stderr, `This plan was last run by plan 0.1. Answers may be higher now, and some passes inconclusive: each trial reads
its own files, readiness is the service's own, a percentile needs enough samples. CHANGELOG.md says why.
`)
	}
}

// lastRunOf is the newest run of a plan's file in this folder, but for one; false
// where there is none. A journal that cannot be read counts for none.
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

// samePath compares paths that were given in this folder.
func samePath(a, b string) bool {
	one, err := filepath.Abs(a)
	other, err2 := filepath.Abs(b)
	return err == nil && err2 == nil && one == other
}
