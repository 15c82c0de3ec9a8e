package main

import (
	"fmt"
	"io"

	"github.com/spf13/cobra"

	"plan/containers/docker"
	"plan/runner"
)

func cleanCommand(env environment) *cobra.Command {
	cmd := &cobra.Command{
		Use: "clean [RUN]", Short: "Remove leftovers of dead runs from the engine", Args: cobra.MaximumNArgs(1),
		Long: `clean removes the containers, networks, volumes and control groups of dead runs.
It never removes those of a live run. To clean up after a run of another machine
on the same engine, name that run.`,
		RunE: func(cmd *cobra.Command, args []string) error { return clean(cmd, args) },
	}
	cmd.Flags().Bool("all", false, "also remove the images of the agent")
	return cmd
}

func clean(cmd *cobra.Command, runs []string) error {
	ctx, interrupts := interruptible(cmd.Context())
	defer interrupts.stop()
	engine, err := docker.New(ctx, docker.Options{})
	if err != nil {
		return err
	}
	defer engine.Close()
	all, _ := cmd.Flags().GetBool("all")
	removed, err := engine.CleanRuns(ctx, runs...)
	printRemoved(cmd.OutOrStdout(), removed)
	switch {
	case ctx.Err() != nil:
		return exit(runner.ExitInterrupted)
	case err == nil && len(removed) == 0 && len(runs) == 0:
		fmt.Fprintln(cmd.OutOrStdout(), "no dead run has left anything")
	case err == nil && len(removed) == 0:
		fmt.Fprintln(cmd.OutOrStdout(), "run "+runs[0]+" has left nothing")
	}
	if err != nil || !all {
		return err
	}
	gone, left, err := engine.RemoveAgentImages(ctx)
	for _, image := range gone {
		fmt.Fprintf(cmd.OutOrStdout(), "removed: image %s\n", image)
	}
	for _, image := range left {
		fmt.Fprintf(cmd.OutOrStdout(), "left: image %s\n", image)
	}
	return err
}

// printRemoved prints each resource that was removed.
func printRemoved(w io.Writer, runs []docker.Leftover) {
	for _, run := range runs {
		for _, thing := range run.Resources {
			fmt.Fprintf(w, "removed: %s, left by run %s\n", thing, run.Run)
		}
	}
}
