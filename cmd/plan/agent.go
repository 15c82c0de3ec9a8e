package main

import (
	"encoding/json"
	"fmt"
	"io"
	"time"

	"github.com/spf13/cobra"

	"plan/agent"
	"plan/containers"
	"plan/containers/docker"
)

// agentCommand is the agent inside a container. The runner starts it; it is hidden
// from people.
func agentCommand(env environment) *cobra.Command {
	cmd := &cobra.Command{
		Use: "agent", Short: "Run jobs from the standard input", Hidden: true, Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			muteTransport()
			if await, _ := cmd.Flags().GetBool("await-input"); await {
				if err := awaitInput(env.stdin); err != nil {
					return err
				}
			}
			return agent.Serve(cmd.Context(), env.stdin, env.stdout)
		},
	}
	cmd.Flags().Bool("await-input", false, "write only after the first byte of the standard input")
	return cmd
}

// inputTimeout is how long an agent waits for its first byte: a command that has ended never writes it.
const inputTimeout = time.Minute

// awaitInput reads one byte.
func awaitInput(in io.Reader) error {
	read := make(chan error, 1)
	go func() {
		_, err := io.ReadFull(in, make([]byte, 1))
		read <- err
	}()
	select {
	case err := <-read:
		return err
	case <-time.After(inputTimeout):
		return fmt.Errorf("nothing came on the standard input within %s", inputTimeout)
	}
}

// lifeCommand shows, inside a container, that the command which holds its standard
// input still runs.
func lifeCommand(env environment) *cobra.Command {
	return &cobra.Command{
		Use: docker.LifeCommand, Short: "Wait for the end of the standard input", Hidden: true, Args: cobra.NoArgs,
		RunE: func(*cobra.Command, []string) error {
			_, err := io.Copy(io.Discard, env.stdin)
			return err
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

// copyVolumeCommand copies, inside a container, one volume to another.
func copyVolumeCommand(env environment) *cobra.Command {
	return &cobra.Command{
		Use: docker.CopyCommand, Short: "Copy one volume to another", Hidden: true, Args: cobra.NoArgs,
		RunE: func(*cobra.Command, []string) error {
			result, err := docker.CopyVolume(docker.CopyFrom, docker.CopyTo, containers.VolumeCopyLimit)
			if err != nil {
				return err
			}
			return json.NewEncoder(env.stdout).Encode(result)
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
