// Package inside has the commands that run inside the containers of the agent's image.
// The runner and the engine start them; they are hidden from people. It knows nothing of
// plans.
package inside

import (
	"encoding/json"
	"fmt"
	"io"
	"log"
	"time"

	"github.com/spf13/cobra"

	"plan/agent"
	"plan/containers"
	"plan/containers/docker"
)

// Commands returns all of them.
func Commands() []*cobra.Command {
	job := &cobra.Command{
		Use: "agent", Short: "Run jobs from the standard input",
		RunE: func(cmd *cobra.Command, _ []string) error {
			log.SetOutput(io.Discard) // results have what net/http logs, such as unsolicited responses
			if await, _ := cmd.Flags().GetBool("await-input"); await {
				if err := awaitInput(cmd.InOrStdin()); err != nil {
					return err
				}
			}
			return agent.Serve(cmd.Context(), cmd.InOrStdin(), cmd.OutOrStdout())
		},
	}
	job.Flags().Bool("await-input", false, "write only after the first byte of the standard input")
	all := []*cobra.Command{
		job,
		{ // it shows that the command which holds its standard input still runs
			Use: docker.LifeCommand, Short: "Wait for the end of the standard input",
			RunE: func(cmd *cobra.Command, _ []string) error {
				_, err := io.Copy(io.Discard, cmd.InOrStdin())
				return err
			},
		},
		{
			Use: docker.CopyCommand, Short: "Copy one volume to another",
			RunE: func(cmd *cobra.Command, _ []string) error {
				result, err := docker.CopyVolume(docker.CopyFrom, docker.CopyTo, containers.VolumeCopyLimit)
				if err != nil {
					return err
				}
				return json.NewEncoder(cmd.OutOrStdout()).Encode(result)
			},
		},
		{
			Use: docker.ResidentCommand, Short: "Print the bytes of files that other processes map",
			RunE: func(cmd *cobra.Command, _ []string) error {
				resident, err := docker.ResidentOfOthers()
				if err != nil {
					return err
				}
				_, err = fmt.Fprintln(cmd.OutOrStdout(), int64(resident))
				return err
			},
		},
		{
			Use: docker.ProcessesCommand, Short: "Print the other processes and their sockets as JSON",
			RunE: func(cmd *cobra.Command, _ []string) error {
				processes, err := docker.OtherProcesses()
				if err != nil {
					return err
				}
				return json.NewEncoder(cmd.OutOrStdout()).Encode(processes)
			},
		},
	}
	for _, cmd := range all {
		cmd.Hidden, cmd.Args = true, cobra.NoArgs
	}
	return all
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
