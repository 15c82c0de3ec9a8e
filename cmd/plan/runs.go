package main

import (
	"bufio"
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"plan/cmd/plan/internal/runs"
	"plan/internal/english"
	"plan/internal/lock"
	"plan/internal/tty"
	"plan/internal/units"
	"plan/report"
	"plan/runner/journal"
)

func runsCommand(env environment) *cobra.Command {
	cmd := &cobra.Command{
		Use: "runs", Short: "List the runs of this folder, and remove old ones", Args: cobra.NoArgs,
		Long: `runs lists the runs under .plan/runs, the newest last: when, plan, answers, exit
code and size.

With --prune it removes runs, after a question. It keeps the newest runs (--keep)
and runs younger than an age (--older). It never removes a run that still runs,
that was killed or interrupted, that lost its engine, or whose journal cannot be
read.`,
		Example: "  plan runs --prune --keep 20\n  plan runs --prune --older 30d --yes",
		RunE:    func(cmd *cobra.Command, _ []string) error { return listRuns(cmd, env) },
	}
	flags := cmd.Flags()
	flags.Bool("prune", false, "remove runs, after a question")
	flags.Int("keep", 0, "with --prune: keep the newest `N` runs")
	flags.String("older", "", "with --prune: keep runs younger than an `AGE`, such as 30d or 12h")
	flags.Bool("yes", false, "with --prune: do not ask")
	return cmd
}

func listRuns(cmd *cobra.Command, env environment) error {
	flags := cmd.Flags()
	prune, _ := flags.GetBool("prune")
	newest, _ := flags.GetInt("keep")
	age, _ := flags.GetString("older")
	sure, _ := flags.GetBool("yes")
	var before time.Time
	switch {
	case !prune && (flags.Changed("keep") || flags.Changed("older") || flags.Changed("yes")):
		return errors.New("--keep, --older and --yes are for --prune")
	case prune && !flags.Changed("keep") && !flags.Changed("older"):
		return errors.New("--prune requires --keep N or --older AGE")
	case newest < 0:
		return fmt.Errorf("--keep %d: write 0 or more", newest)
	case flags.Changed("older"):
		d, err := units.ParseAge(age)
		if err != nil {
			return fmt.Errorf("--older %q: %w: write an age such as 30d or 12h", age, err)
		}
		before = time.Now().Add(-d)
	}
	color, err := colored(cmd, env, env.stdout)
	if err != nil {
		return err
	}
	var all []report.Kept
	for _, id := range runs.IDs() {
		all = append(all, keptRun(id))
	}
	if len(all) == 0 {
		return runs.ErrNone
	}
	shown := all
	if prune {
		if shown = report.Prunable(all, newest, before); len(shown) == 0 {
			fmt.Fprintln(env.stdout, "No run to remove.")
			return nil
		}
	}
	err = report.RunsTable(env.stdout, shown, tty.Options{Color: color, Width: width(env.stdout)})
	if err != nil || !prune {
		return err
	}
	if !sure && !confirmed(env, fmt.Sprintf("Remove %s?", english.Count(len(shown), "run"))) {
		fmt.Fprintln(env.stdout, "Nothing was removed.")
		return nil
	}
	var errs []error
	for _, k := range shown {
		errs = append(errs, runs.Remove(k.ID))
	}
	if err := errors.Join(errs...); err != nil {
		return err
	}
	fmt.Fprintf(env.stdout, "Removed %s.\n", english.Count(len(shown), "run"))
	return nil
}

// confirmed asks a question, and reports whether the answer is yes. No answer is no.
func confirmed(env environment, question string) bool {
	fmt.Fprint(env.stdout, question+" [y/N] ")
	answer, _ := bufio.NewReader(env.stdin).ReadString('\n')
	if !strings.HasSuffix(answer, "\n") {
		fmt.Fprintln(env.stdout)
	}
	return slices.Contains([]string{"y", "yes"}, strings.ToLower(strings.TrimSpace(answer)))
}

// keptRun reads what a list of runs prints of a run.
func keptRun(id string) report.Kept {
	k := report.Kept{ID: id}
	k.Run, k.Problem = journal.Read(runs.JournalPath(id))
	k.Alive, _ = lock.Held(runs.LockPath(id)) // it is not alive if the file cannot be read
	_ = filepath.WalkDir(filepath.Join(runs.Folder, id), func(_ string, entry fs.DirEntry, err error) error {
		if err != nil || !entry.Type().IsRegular() {
			return err
		}
		if info, err := entry.Info(); err == nil {
			k.Size += info.Size()
		}
		return nil
	})
	return k
}
