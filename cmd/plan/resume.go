package main

import (
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"plan/cmd/plan/internal/runs"
	"plan/internal/english"
	"plan/plans"
	"plan/runner/journal"
)

func resumeFlag(cmd *cobra.Command) {
	cmd.Flags().String("resume", "",
		"continue `RUN` of this file, which was killed, was interrupted or lost its engine; without RUN the newest")
	cmd.Flags().Lookup("resume").NoOptDefVal = runs.Newest
	complete := func(*cobra.Command, []string, string) ([]string, cobra.ShellCompDirective) {
		return runs.IDs(), cobra.ShellCompDirectiveNoFileComp
	}
	_ = cmd.RegisterFlagCompletionFunc("resume", complete) // the flag is there
}

// resumedRun returns the run that --resume names; nil without the flag. It returns an
// error where the run cannot be resumed with this plan.
func resumedRun(cmd *cobra.Command, plan *plans.Plan) (*runs.Earlier, error) {
	asked, _ := cmd.Flags().GetString("resume")
	if asked == "" {
		return nil, nil
	}
	earlier, err := runs.Find(asked, plan.File)
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

// printResumeNote prints how to resume the last run of a plan, where it was cut off
// and another run begins instead.
func printResumeNote(env environment, file, run string) {
	for id := range runs.Of(file) {
		if id == run {
			continue
		}
		if earlier, err := runs.CutOff(id, file); err == nil && id < run { // a run that is resumed may have newer ones
			trials := 0
			for _, s := range earlier.Run.Stages {
				trials += len(s.Trials)
			}
			fmt.Fprintf(env.stderr, "The last run of this plan stopped after %s. Resume it: %s\n",
				english.Count(trials, "trial"), earlier.Run.ResumeCommand())
		}
		return
	}
}
