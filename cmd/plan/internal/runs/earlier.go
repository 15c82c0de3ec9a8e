package runs

import (
	"fmt"
	"strings"

	"plan/internal/lock"
	"plan/plans"
	"plan/runner"
	"plan/runner/journal"
	"plan/runner/record"
)

// Newest is the value of --resume without a run.
const Newest = "newest"

// Earlier is a run that is to be resumed.
type Earlier struct {
	ID  string
	Run journal.Run
}

// Find returns the run of an ID, or the newest one of the plan's file that was cut off. It
// returns an error where the run cannot be resumed with this plan.
func Find(asked string, plan *plans.Plan) (*Earlier, error) {
	earlier, err := found(asked, plan.File)
	if err != nil {
		return nil, err
	}
	inputs := journal.InputsOf(plan, earlier.ID, 0)
	now := journal.NewFilter(plan.Secrets).Line(journal.Line{ // as the journal has it
		Run: &journal.Run{Plan: journal.Plan{File: plan.File, SHA256: plan.SHA256}}, Inputs: &inputs,
	})
	if changed := earlier.Run.Changes(now.Run.Plan, *now.Inputs); len(changed) > 0 {
		return nil, fmt.Errorf("the run %s cannot be resumed: %s; undo these changes, or start a new run without --resume",
			earlier.ID, strings.Join(changed, "; "))
	}
	return earlier, nil
}

// found returns the run of an ID, or the newest one of a file that can be resumed.
func found(asked, file string) (*Earlier, error) {
	if asked != Newest {
		return CutOff(asked, file)
	}
	for id := range Of(file) {
		if earlier, err := CutOff(id, file); err == nil {
			return earlier, nil
		}
	}
	return nil, fmt.Errorf("no run of %s can be resumed: start a new run, without --resume", file)
}

// CutOff returns a run of a file that can be resumed, or the error that says why it
// cannot.
func CutOff(id, file string) (*Earlier, error) {
	run, err := journal.Read(JournalPath(id))
	if err != nil {
		return nil, NoJournal(id, err)
	}
	held, err := lock.Held(LockPath(id))
	switch {
	case err != nil:
		return nil, err
	case held:
		return nil, fmt.Errorf("the run %s still runs: it cannot be resumed", id)
	case !sameFile(run.Plan.File, file):
		return nil, fmt.Errorf("the run %s is a run of %s: it cannot be resumed with %s", id, run.Plan.File, file)
	case !run.Run.Resumable():
		return nil, fmt.Errorf("the run %s has ended, with exit code %d: there is nothing to resume", id, run.Run.ExitCode)
	}
	return &Earlier{id, run}, nil
}

// Resume makes a new run the earlier one. It returns an error where the command, the
// engine or its machine is another one.
func (e *Earlier) Resume(r *runner.Runner) error {
	changed := e.Run.Run.Host.Changes(r.Header.Host)
	if e.Run.Run.Version != r.Header.Version {
		changed = append(changed, fmt.Sprintf("the version of plan was %s, and is now %s",
			e.Run.Run.Version, r.Header.Version))
	}
	if len(changed) > 0 {
		return record.NotResumable(e.ID, strings.Join(changed, "; "))
	}
	r.Header.Started, r.Header.Seconds = e.Run.Run.Started, e.Run.Run.Seconds
	if e.Run.Inputs != nil {
		r.Seed = e.Run.Inputs.Seed
	}
	return nil
}

// HasTrial reports whether a run that is resumed takes a trial from its journal; false of
// no run, and of a trial that was stopped: it runs again.
func (e *Earlier) HasTrial(id string) bool {
	if e == nil {
		return false
	}
	for _, s := range e.Run.Stages {
		for _, t := range s.Trials {
			if t.ID == id {
				return t.Reason == nil || *t.Reason != journal.User && *t.Reason != journal.EngineLost
			}
		}
	}
	return false
}
