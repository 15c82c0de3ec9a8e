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
		fmt.Fprint(env.stderr, `Plan 0.1 made the last run of this plan. Answers may now be higher, and trials that passed may be inconclusive:
each trial now pays for the files that it reads, checks readiness more strictly, and needs enough samples for a
percentile. See CHANGELOG.md.
`)
		return
	}
}
