package main

import (
	"io"
	"slices"

	"github.com/spf13/cobra"

	"plan/plans"
	"plan/plans/diag"
	"plan/plans/lang"
	"plan/runner"
)

// variableFlags are the flags of every command that evaluates a plan.
func variableFlags(cmd *cobra.Command) {
	cmd.Flags().StringArray("var", nil, "`NAME=VALUE` of a variable (may be repeated)")
	cmd.Flags().StringArray("var-file", nil, "`FILE` with values of variables (may be repeated)")
	cmd.ValidArgsFunction = planFiles
}

func planFiles(cmd *cobra.Command, given []string, _ string) ([]string, cobra.ShellCompDirective) {
	if len(given) > 0 && cmd.Args(cmd, append(given, "")) != nil {
		return nil, cobra.ShellCompDirectiveNoFileComp
	}
	return []string{"hcl"}, cobra.ShellCompDirectiveFilterFileExt
}

// loadPlan reads a plan with the command's values of variables.
func loadPlan(cmd *cobra.Command, env environment, path string, lenient bool) (*plans.Plan, diag.List) {
	vars, _ := cmd.Flags().GetStringArray("var")
	files, _ := cmd.Flags().GetStringArray("var-file")
	return lang.Load(path, lang.Options{Vars: vars, VarFiles: files, Environ: env.environ, Version: version, Lenient: lenient})
}

// usablePlan loads a plan and prints its diagnostics on standard error. It returns an
// exit error where the plan has errors.
func usablePlan(cmd *cobra.Command, env environment, path string) (*plans.Plan, error) {
	plan, diags := loadPlan(cmd, env, path, false)
	diags = slices.DeleteFunc(diags, func(d diag.Diagnostic) bool { return d.Severity == diag.Note })
	if err := printDiagnostics(cmd, env, env.stderr, diags, "human"); err != nil {
		return nil, err
	}
	if diags.HasErrors() {
		return nil, exit(runner.ExitUsage)
	}
	return plan, nil
}

// printDiagnostics prints diagnostics in a format.
func printDiagnostics(cmd *cobra.Command, env environment, w io.Writer, diags diag.List, format string) error {
	color, err := colored(cmd, env, w)
	if err != nil {
		return err
	}
	return diags.Write(w, format, color)
}
