package main

import (
	"github.com/spf13/cobra"

	"plan/agent"
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
