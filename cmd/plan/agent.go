package main

import (
	"encoding/json"
	"fmt"

	"github.com/spf13/cobra"

	"plan/agent"
	"plan/containers/docker"
)

// agentCommand is the agent inside a container. The runner starts it; it is hidden
// from people.
func agentCommand(env environment) *cobra.Command {
	return &cobra.Command{
		Use: "agent", Short: "Run jobs from the standard input", Hidden: true, Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			muteTransport()
			return agent.Serve(cmd.Context(), env.stdin, env.stdout)
		},
	}
}

// processesCommand prints, inside a container, the processes of a service and their
// TCP sockets.
func processesCommand(env environment) *cobra.Command {
	return &cobra.Command{
		Use: docker.ProcessesCommand, Short: "Print the other processes and their sockets as JSON", Hidden: true, Args: cobra.NoArgs,
		RunE: func(*cobra.Command, []string) error {
			processes, err := docker.OtherProcesses()
			if err != nil {
				return err
			}
			return json.NewEncoder(env.stdout).Encode(processes)
		},
	}
}

// residentCommand prints, inside a container, the bytes of files that the processes
// of a service map.
func residentCommand(env environment) *cobra.Command {
	return &cobra.Command{
		Use: docker.ResidentCommand, Short: "Print the bytes of files that other processes map", Hidden: true, Args: cobra.NoArgs,
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
