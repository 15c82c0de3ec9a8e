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
	"plan/report/html"
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
finished. With --html it writes a page with pictures beside the journal instead,
and prints where.`,
		RunE: func(cmd *cobra.Command, args []string) error {
			color, err := colored(cmd, env, env.stdout)
			if err != nil {
				return err
			}
			files, err := reportFiles(cmd)
			if err != nil {
				return err
			}
			id, err := chosenRun(args)
			if err != nil {
				return err
			}
			record, err := readRun(args)
			if err != nil {
				return err
			}
			page := filepath.Join(runsFolder, id, "report.html") // beside the journal
			asked, _ := cmd.Flags().GetBool("html")
			if asked {
				files = append(files, reportFile{html.Formats()[0], page})
			} else {
				err = report.Tables(env.stdout, record, tty.Options{Color: color, Width: width(env.stdout)})
			}
			if code := writeReports(env, record, files); code != runner.ExitMet {
				return exit(code) // the code matters more than a failed write
			}
			if asked {
				_, err = fmt.Fprintln(env.stdout, page)
			}
			return err
		},
	}
	cmd.Flags().Bool("html", false, "write a page with pictures beside the journal, and print where")
	reportFlag(cmd)
	cmd.ValidArgsFunction = completeRuns
	return cmd
}

// readRun reads the journal of the named run, else of the newest.
func readRun(args []string) (journal.Run, error) {
	id, err := chosenRun(args)
	if err != nil {
		return journal.Run{}, err
	}
	record, err := journal.Read(filepath.Join(runsFolder, id, journal.FileName))
	if errors.Is(err, fs.ErrNotExist) {
		return journal.Run{}, fmt.Errorf("there is no journal of a run %s in %s", id, runsFolder)
	}
	return record, err
}

// chosenRun returns the ID of the named run, else of the newest.
func chosenRun(args []string) (string, error) {
	if len(args) == 0 {
		args = runs()
	}
	if len(args) == 0 {
		return "", fmt.Errorf("there is no run in %s", runsFolder)
	}
	return args[len(args)-1], nil // the named one: no command takes two
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
