package main

import (
	"fmt"

	"plan/cmd/plan/internal/runs"
)

// printVersionNote prints a note where the last run of a plan was by a version whose
// answers may differ. It is printed once: the next time this run is the last.
func printVersionNote(env environment, file, run string) {
	for id, last := range runs.Of(file) {
		if id == run {
			continue
		}
		if last.Version != "" {
			return
		}
		fmt.Fprint(env.stderr, `This plan was last run by plan 0.1. Answers may be higher now, and some passes inconclusive: each trial reads
its own files, readiness is the service's own, a percentile needs enough samples. CHANGELOG.md says why.
`)
		return
	}
}
