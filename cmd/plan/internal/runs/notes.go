package runs

import (
	"fmt"
	"io"

	"plan/internal/english"
	"plan/runner/journal"
)

// PrintVersionNote prints a note where the last run of a plan's file was by a version
// whose answers may differ. It is printed once: the next time this run is the last.
func PrintVersionNote(w io.Writer, file, run string) {
	if id, last := lastBut(run, file); id == "" || last.Version != "" {
		return
	}
	fmt.Fprint(w, `Plan 0.1 made the last run of this plan. Answers may now be higher, and trials that passed may be inconclusive:
each trial now pays for the files that it reads, checks readiness more strictly, and needs enough samples for a
percentile. See CHANGELOG.md.
`)
}

// PrintResumeNote prints how to resume the last run of a plan's file, where it was cut off
// and another run begins instead.
func PrintResumeNote(w io.Writer, file, run string) {
	id, _ := lastBut(run, file)
	if id == "" || id >= run { // a run that is resumed may have newer ones
		return
	}
	earlier, err := CutOff(id, file)
	if err != nil {
		return
	}
	trials := 0
	for _, s := range earlier.Run.Stages {
		trials += len(s.Trials)
	}
	fmt.Fprintf(w, "The last run of this plan stopped after %s. Resume it: %s\n",
		english.Count(trials, "trial"), earlier.Run.ResumeCommand())
}

// lastBut returns the newest run of a file besides one; "" where there is none.
func lastBut(run, file string) (string, journal.Header) {
	for id, header := range Of(file) {
		if id != run {
			return id, header
		}
	}
	return "", journal.Header{}
}
