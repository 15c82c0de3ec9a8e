package main

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"

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
		RunE: func(cmd *cobra.Command, args []string) error { return reportRun(cmd, env, args) },
	}
	cmd.Flags().Bool("html", false, "write a page with pictures beside the journal, and print where")
	reportFlag(cmd)
	cmd.ValidArgsFunction = completeRuns
	return cmd
}

func reportRun(cmd *cobra.Command, env environment, args []string) error {
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
	page, err := pageFile(cmd, args)
	if err != nil {
		return err
	}
	if page == nil {
		err = report.Tables(env.stdout, record, tty.Options{Color: color, Width: width(env.stdout)})
	}
	if code := writeReports(env, record, slices.Concat(page, files)); code != runner.ExitMet {
		return exit(code) // it tells more than that nobody reads the tables
	}
	for _, f := range page {
		_, err = fmt.Fprintln(env.stdout, f.place)
	}
	return err
}

// pageName is that of the page beside the journal of a run.
const pageName = "report.html"

// pageFile is the page that --html asks for; none without it.
func pageFile(cmd *cobra.Command, args []string) ([]reportFile, error) {
	if asked, _ := cmd.Flags().GetBool("html"); !asked {
		return nil, nil
	}
	id, err := chosenRun(args)
	if err != nil {
		return nil, err
	}
	return []reportFile{{html.Formats()[0], filepath.Join(runsFolder, id, pageName)}}, nil
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

// chosenRun returns the named run, else the newest.
func chosenRun(args []string) (string, error) {
	if len(args) > 0 {
		return args[0], nil
	}
	ids := runs()
	if len(ids) == 0 {
		return "", fmt.Errorf("there is no run in %s", runsFolder)
	}
	return ids[len(ids)-1], nil
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
