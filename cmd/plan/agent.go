package main

import (
	"fmt"

	"github.com/spf13/cobra"

	"plan/agent"
	"plan/containers/docker"
)

// agentCommand is the other end of a run, inside a container: people have no
// use for it.
func agentCommand(env environment) *cobra.Command {
	return &cobra.Command{
		Use: "agent", Short: "Carry out jobs from the standard input", Hidden: true, Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			muteTransport()
			return agent.Serve(cmd.Context(), env.stdin, env.stdout)
		},
	}
}

// residentCommand tells, from inside a container, what the processes of a
// service map of files.
func residentCommand(env environment) *cobra.Command {
	return &cobra.Command{
		Use: docker.ResidentCommand, Short: "Print how many bytes of files other processes map", Hidden: true, Args: cobra.NoArgs,
		RunE: func(*cobra.Command, []string) error {
			resident, err := docker.ResidentOfOthers()
			if err != nil {
				return err
			}
			_, err = fmt.Fprintln(env.stdout, int64(resident))
			return err
		},
	}
}
