package main

import (
	"fmt"
	"io"
	"os"

	"github.com/rogpeppe/go-internal/diff"
	"github.com/spf13/cobra"

	"plan/internal/atomicfile"
	"plan/plans/lang"
	"plan/runner"
)

func fmtCommand(env environment) *cobra.Command {
	cmd := &cobra.Command{
		Use: "fmt FILE...", Short: "Format plan files", Args: usage(cobra.MinimumNArgs(1)),
		Long:              "fmt rewrites plan files in the standard format and prints the names of the\nfiles that it changed.",
		ValidArgsFunction: planFiles,
		RunE: func(cmd *cobra.Command, paths []string) error {
			worst := runner.ExitMet
			for _, path := range paths { // also after a file that cannot be read
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
		},
	}
	cmd.Flags().Bool("check", false, "change nothing; exit 1 if a file is not formatted")
	cmd.Flags().Bool("diff", false, "print the changes")
	return cmd
}

// formatFile returns exit code 1 for a file that is only checked and not formatted,
// 2 for a file that cannot be formatted.
func formatFile(cmd *cobra.Command, env environment, path string) (int, error) {
	check, _ := cmd.Flags().GetBool("check")
	changes, _ := cmd.Flags().GetBool("diff")
	src, err := os.ReadFile(path)
	if err != nil {
		return runner.ExitUsage, err
	}
	formatted, diags := lang.Format(src, path)
	switch {
	case diags.HasErrors():
		return runner.ExitUsage, printDiagnostics(cmd, env, env.stderr, diags, "human")
	case string(formatted) == string(src):
		return runner.ExitMet, nil
	}
	fmt.Fprintln(cmd.OutOrStdout(), path)
	if changes {
		if _, err := cmd.OutOrStdout().Write(diff.Diff(path, src, path+" (formatted)", formatted)); err != nil {
			return runner.ExitUsage, err
		}
	}
	if check {
		return runner.ExitNotMet, nil
	}
	if err := atomicfile.Write(path, func(w io.Writer) error { _, err := w.Write(formatted); return err }); err != nil {
		return runner.ExitUsage, err
	}
	return runner.ExitMet, nil
}
