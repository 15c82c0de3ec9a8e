package main

import (
	"fmt"
	"io"
	"os"
	"slices"

	"github.com/spf13/cobra"

	"plan/plans"
	"plan/runner"
)

// variableFlags are the flags of every command that evaluates a plan.
func variableFlags(cmd *cobra.Command) {
	cmd.Flags().StringArray("var", nil, "value of a variable, as name=value (may be repeated)")
	cmd.Flags().StringArray("var-file", nil, "file with values of variables (may be repeated)")
	cmd.ValidArgsFunction = planFiles
}

func planFiles(cmd *cobra.Command, given []string, _ string) ([]string, cobra.ShellCompDirective) {
	if len(given) > 0 && cmd.Args(cmd, append(given, "")) != nil {
		return nil, cobra.ShellCompDirectiveNoFileComp
	}
	return []string{"hcl"}, cobra.ShellCompDirectiveFilterFileExt
}

// loadPlan reads the plan that the command names, with the command's values.
func loadPlan(cmd *cobra.Command, env environment, path string, lenient bool) (*plans.Plan, plans.Diagnostics) {
	vars, _ := cmd.Flags().GetStringArray("var")
	files, _ := cmd.Flags().GetStringArray("var-file")
	return plans.Load(path, plans.Options{Vars: vars, VarFiles: files, Environ: env.environ, Version: version, Lenient: lenient})
}

// usable loads a plan that is to be used: faults and warnings go to the
// standard error, faults end the command.
func usable(cmd *cobra.Command, env environment, path string) (*plans.Plan, error) {
	plan, diags := loadPlan(cmd, env, path, false)
	diags = slices.DeleteFunc(diags, func(d plans.Diagnostic) bool { return d.Severity == plans.Note })
	if err := tell(cmd, env, env.stderr, diags, "human"); err != nil {
		return nil, err
	}
	if diags.HasErrors() {
		return nil, exit(runner.ExitUsage)
	}
	return plan, nil
}

// tell writes diagnostics in a format.
func tell(cmd *cobra.Command, env environment, w io.Writer, diags plans.Diagnostics, format string) error {
	color, err := colored(cmd, env, w)
	if err != nil {
		return err
	}
	return diags.Write(w, format, color)
}

func validateCommand(env environment) *cobra.Command {
	cmd := &cobra.Command{
		Use: "validate FILE", Short: "Check a plan, and whether the engine and the host are fit for it", Args: oneFile,
		Long: `validate tells every fault of a plan at once, each with its place and what to
do. It asks the engine and the host too, but changes nothing; --offline leaves
that out.

Exit codes: 0 nothing wrong (warnings and notes may stand), 2 the plan is wrong,
3 the engine or the host is not ready for it.`,
		RunE: func(cmd *cobra.Command, args []string) error { return validate(cmd, env, args[0]) },
	}
	variableFlags(cmd)
	cmd.Flags().Bool("offline", false, "do not ask the engine or the host")
	cmd.Flags().Bool("strict", false, "warnings are errors")
	cmd.Flags().String("format", "human", "human, line or json")
	offer(cmd, "format", "human", "line", "json")
	return cmd
}

func validate(cmd *cobra.Command, env environment, path string) error {
	format, _ := cmd.Flags().GetString("format")
	offline, _ := cmd.Flags().GetBool("offline")
	strict, _ := cmd.Flags().GetBool("strict")
	if !slices.Contains([]string{"human", "line", "json"}, format) {
		return fmt.Errorf("--format %q is not known: write human, line or json", format)
	}
	plan, diags := loadPlan(cmd, env, path, true)
	code := runner.ExitMet
	if diags.HasErrors() || (strict && hasWarnings(diags)) {
		code = runner.ExitUsage
	} else if !offline {
		host := checkEngine(cmd.Context(), plan)
		if host.HasErrors() || (strict && hasWarnings(host)) {
			code = runner.ExitEnvironment
		}
		diags = append(diags, host...)
	}
	if err := tell(cmd, env, cmd.OutOrStdout(), diags, format); err != nil {
		return err
	}
	if code != runner.ExitMet {
		return exit(code)
	}
	if format == "human" {
		fmt.Fprintf(cmd.OutOrStdout(), "%s is a valid plan.\n", path)
	}
	return nil
}

func hasWarnings(diags plans.Diagnostics) bool {
	return slices.ContainsFunc(diags, func(d plans.Diagnostic) bool { return d.Severity == plans.Warning })
}

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
	formatted, diags := plans.Format(src, path)
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

func explainCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use: "explain CODE", Short: "Tell more about a code such as P0412", Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			text, known := plans.Explain(args[0])
			if !known {
				return fmt.Errorf("%s is not a code; the codes are %v", args[0], plans.Codes())
			}
			fmt.Fprintln(cmd.OutOrStdout(), text)
			return nil
		},
	}
	cmd.ValidArgsFunction = func(*cobra.Command, []string, string) ([]string, cobra.ShellCompDirective) {
		return plans.Codes(), cobra.ShellCompDirectiveNoFileComp
	}
	return cmd
}
