package main

import (
	"context"
	"fmt"

	"github.com/spf13/cobra"

	"plan/cmd/plan/internal/interrupt"
	"plan/cmd/plan/internal/platform"
	"plan/cmd/plan/internal/session"
	"plan/runner"
)

func cleanCommand(env environment) *cobra.Command {
	cmd := &cobra.Command{
		Use: "clean [RUN]", Short: "Remove leftovers of dead runs from the engine", Args: usage(cobra.MaximumNArgs(1)),
		Long: `clean removes the containers, networks, volumes and control groups of dead runs.
It never removes those of a live run. It removes those of a run of another machine
only if you name that run. With --platform kubernetes it removes the pods, Services
and Secrets of dead runs in a namespace.`,
		RunE: func(cmd *cobra.Command, args []string) error { return clean(cmd, env, args) },
	}
	platform.AddFlags(cmd)
	cmd.Flags().Bool("all", false, "also remove the images of the agent")
	return cmd
}

func clean(cmd *cobra.Command, env environment, runs []string) error {
	ctx, interrupts := interrupt.Handle(cmd.Context())
	defer interrupts.Stop()
	where, err := platform.Chosen(cmd, nil)
	if err != nil {
		return err
	}
	engine, err := platform.New(ctx, where, platform.Run{})
	if err != nil {
		return err
	}
	defer engine.Close()
	interrupts.OnSecond(env.stoppedWith("leftovers of dead runs are removed", engine))
	all, _ := cmd.Flags().GetBool("all")
	removed, err := engine.CleanRuns(ctx, runs...)
	session.PrintRemoved(cmd.OutOrStdout(), removed)
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
	images, has := engine.(interface {
		RemoveAgentImages(context.Context) (removed, kept []string, err error)
	})
	if !has { // its nodes remove images that they do not use
		return nil
	}
	gone, left, err := images.RemoveAgentImages(ctx)
	for _, image := range gone {
		fmt.Fprintf(cmd.OutOrStdout(), "removed: image %s\n", image)
	}
	for _, image := range left {
		fmt.Fprintf(cmd.OutOrStdout(), "left: image %s\n", image)
	}
	return err
}
