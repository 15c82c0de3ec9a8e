package main

import (
	"fmt"
	"io"
	"os"

	"github.com/rogpeppe/go-internal/diff"
	"github.com/spf13/cobra"

	"plan/plans/lang"
	"plan/report"
	"plan/runner"
)

func fmtCommand(env environment) *cobra.Command {
	cmd := &cobra.Command{
		Use: "fmt FILE...", Short: "Write plan files in their one format", Args: cobra.MinimumNArgs(1),
		Long:              "fmt rewrites plan files in their one format and names those that it changed.",
		ValidArgsFunction: planFiles,
		RunE:              func(cmd *cobra.Command, args []string) error { return formatFiles(cmd, env, args) },
	}
	cmd.Flags().Bool("check", false, "change nothing; exit 1 if a file is not in its format")
	cmd.Flags().Bool("diff", false, "print what changes")
	return cmd
}

// formatFiles goes on after a file that cannot be read.
func formatFiles(cmd *cobra.Command, env environment, paths []string) error {
	worst := runner.ExitMet
	for _, path := range paths {
		code, err := formatFile(cmd, env, path)
		if err != nil {
			fmt.Fprintf(env.stderr, "plan: %v\n", err)
		}
		worst = max(worst, code)
	}
	if worst != runner.ExitMet {
		return exit(worst)
	}
	return nil
}

// formatFile gives 1 for a file that is only checked and not in its format, 2
// for one that cannot be formatted.
func formatFile(cmd *cobra.Command, env environment, path string) (int, error) {
	check, _ := cmd.Flags().GetBool("check")
	diff, _ := cmd.Flags().GetBool("diff")
	src, err := os.ReadFile(path)
	if err != nil {
		return runner.ExitUsage, err
	}
	formatted, diags := lang.Format(src, path)
	switch {
	case diags.HasErrors():
		return runner.ExitUsage, tell(cmd, env, env.stderr, diags, "human")
	case string(formatted) == string(src):
		return runner.ExitMet, nil
	}
	if err := showFormatted(cmd.OutOrStdout(), path, src, formatted, check, diff); err != nil {
		return runner.ExitUsage, err
	}
	if check {
		return runner.ExitNotMet, nil
	}
	return runner.ExitMet, nil
}

// showFormatted names a file that is not in its format, prints what changes if
// asked, and writes the file unless it is only checked.
func showFormatted(w io.Writer, path string, src, formatted []byte, check, diffs bool) error {
	fmt.Fprintln(w, path)
	if diffs {
		if _, err := w.Write(diff.Diff(path, src, path+" (formatted)", formatted)); err != nil {
			return err
		}
	}
	if check {
		return nil
	}
	return report.WriteFile(path, func(w io.Writer) error { _, err := w.Write(formatted); return err })
}
