package main

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/spf13/cobra"

	"plan/internal/tty"
	"plan/report"
	"plan/runner"
	"plan/runner/journal"
)

// runsFolder has a folder for each run. It is relative to the working folder.
var runsFolder = filepath.Join(".plan", "runs")

func reportCommand(env environment) *cobra.Command {
	cmd := &cobra.Command{
		Use: "report [RUN]", Short: "Print a run again from its journal", Args: cobra.MaximumNArgs(1),
		Long: `report prints the tables of a run from its journal under .plan/runs; without RUN,
those of the newest run. For a run that was killed it prints the trials that had
finished.`,
		RunE: func(cmd *cobra.Command, args []string) error {
			color, err := colored(cmd, env, env.stdout)
			if err != nil {
				return err
			}
			files, err := reportFiles(cmd)
			if err != nil {
				return err
			}
			record, err := readRun(args)
			if err != nil {
				return err
			}
			if err := report.Tables(env.stdout, record, tty.Options{Color: color, Width: width(env.stdout)}); err != nil {
				return err
			}
			if code := writeReports(env, record, files); code != runner.ExitMet {
				return exit(code)
			}
			return nil
		},
	}
	reportFlag(cmd)
	cmd.ValidArgsFunction = completeRuns
	return cmd
}

// readRun reads the journal of the named run, else of the newest.
func readRun(args []string) (journal.Run, error) {
	if len(args) == 0 {
		args = runs()
	}
	if len(args) == 0 {
		return journal.Run{}, fmt.Errorf("there is no run in %s", runsFolder)
	}
	id := args[len(args)-1] // the named one: no command takes two
	record, err := journal.Read(filepath.Join(runsFolder, id, journal.FileName))
	if errors.Is(err, fs.ErrNotExist) {
		return journal.Run{}, fmt.Errorf("there is no journal of a run %s in %s", id, runsFolder)
	}
	return record, err
}

// completeRuns completes the name of a run.
func completeRuns(_ *cobra.Command, given []string, _ string) ([]string, cobra.ShellCompDirective) {
	if len(given) > 0 {
		return nil, cobra.ShellCompDirectiveNoFileComp
	}
	return runs(), cobra.ShellCompDirectiveNoFileComp
}

// runs returns the runs of this folder, the newest last: their names begin with
// their time.
func runs() []string {
	entries, _ := os.ReadDir(runsFolder) // none when it is not there
	var ids []string
	for _, entry := range entries {
		ids = append(ids, entry.Name())
	}
	return ids
}
