package main

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"github.com/spf13/cobra"

	"plan/cmd/plan/internal/outputs"
	"plan/cmd/plan/internal/runs"
	"plan/internal/tty"
	"plan/report"
	"plan/report/formats"
	"plan/report/html"
	"plan/report/verify"
	"plan/runner"
	"plan/runner/journal"
)

func reportCommand(env environment) *cobra.Command {
	cmd := &cobra.Command{
		Use: "report [RUN]", Short: "Print a run again from its journal", Args: usage(cobra.MaximumNArgs(1)),
		Long: `report prints the tables of a run from its journal under .plan/runs; without RUN,
those of the newest run. For a run that was killed it prints the trials that had
finished. With --html it writes a page with pictures beside the journal instead,
and prints where.

With --verify it checks the journal instead. Separate code decides each trial again,
from the histograms, counters, thresholds and limits in the journal, and each answer
from the trials.

Exit codes of --verify:
    0  every verdict and every answer holds
    1  one of them does not hold, or a line is damaged
    2  the journal cannot be read, or lacks data that the check needs`,
		RunE: func(cmd *cobra.Command, args []string) error {
			people := env.stdout // what people read goes there
			lines, _ := cmd.Flags().GetBool("json")
			if lines {
				people = env.stderr
			}
			color, err := colored(cmd, env, people)
			if err != nil {
				return err
			}
			files, err := outputs.Asked(cmd, outputs.JournalFormats())
			if err != nil {
				return err
			}
			id, err := runs.Chosen(args)
			if err != nil {
				return err
			}
			if check, _ := cmd.Flags().GetBool("verify"); check {
				return verifyRun(env, id)
			}
			record, err := readRun(env, id)
			if err != nil {
				return err
			}
			page := filepath.Join(filepath.Dir(runs.JournalPath(id)), "report.html")
			asked, _ := cmd.Flags().GetBool("html")
			if asked {
				files = append(files, outputs.File[journal.Run]{Format: html.Formats()[0], Place: page})
			} else {
				err = report.Tables(people, record, tty.Options{Color: color, Width: width(people)})
			}
			if lines {
				write := func(l journal.Line) error { return formats.JSONLine(env.stdout, l, false) }
				err = errors.Join(err, journal.Lines(runs.JournalPath(id), write))
			}
			code := outputs.Write(env.stderr, record, files)
			if asked && code == runner.ExitMet {
				_, unprinted := fmt.Fprintln(people, page)
				err = errors.Join(err, unprinted)
			}
			if code = runner.Worse(code, outputs.Printed(env.stderr, err)); code != runner.ExitMet {
				return exit(code)
			}
			return nil
		},
	}
	cmd.Flags().Bool("html", false, "write a page with pictures beside the journal, and print where")
	cmd.Flags().Bool("verify", false, "check the verdicts and answers of the journal")
	jsonFlag(cmd)
	outputs.AddFlag(cmd, outputs.JournalFormats())
	for _, other := range []string{"html", "json", "report"} {
		cmd.MarkFlagsMutuallyExclusive("verify", other)
	}
	cmd.ValidArgsFunction = completeRuns(1)
	return cmd
}

// verifyRun checks the journal of a run, and prints what does not hold.
func verifyRun(env environment, id string) error {
	file, err := os.Open(runs.JournalPath(id))
	if err != nil {
		return runs.NoJournal(id, err)
	}
	defer file.Close()
	result, err := verify.Check(file)
	if err != nil {
		return fmt.Errorf("%s: %w", runs.JournalPath(id), err)
	}
	if _, err := io.WriteString(env.stdout, result.Text()); err != nil {
		return err
	}
	if len(result.Findings) > 0 {
		return exit(runner.ExitNotMet)
	}
	return nil
}

// readRun reads the journal of a run for people, by its ID or by the path of its
// journal. It prints which lines are left out.
func readRun(env environment, id string) (journal.Run, error) {
	record, err := journal.Read(runs.JournalPath(id))
	if err != nil {
		return journal.Run{}, runs.NoJournal(id, err)
	}
	for _, damage := range record.Damaged {
		fmt.Fprintf(env.stderr, "journal: %s; it is left out\n", damage)
	}
	if record.DamagedLines > len(record.Damaged) {
		fmt.Fprintf(env.stderr, "journal: %d damaged lines in all; they are left out\n", record.DamagedLines)
	}
	return journal.Printable(record), nil
}

// completeRuns completes the names of so many runs.
func completeRuns(most int) cobra.CompletionFunc {
	return func(_ *cobra.Command, given []string, _ string) ([]string, cobra.ShellCompDirective) {
		if len(given) >= most {
			return nil, cobra.ShellCompDirectiveNoFileComp
		}
		return runs.IDs(), cobra.ShellCompDirectiveNoFileComp
	}
}
