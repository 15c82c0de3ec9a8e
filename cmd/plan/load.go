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
func loadPlan(cmd *cobra.Command, env environment, path string, lenient bool) (*plans.Plan, diag.List) {
	vars, _ := cmd.Flags().GetStringArray("var")
	files, _ := cmd.Flags().GetStringArray("var-file")
	return lang.Load(path, lang.Options{Vars: vars, VarFiles: files, Environ: env.environ, Version: version, Lenient: lenient})
}

// usable loads a plan that is to be used: faults and warnings go to the
// standard error, faults end the command.
func usable(cmd *cobra.Command, env environment, path string) (*plans.Plan, error) {
	plan, diags := loadPlan(cmd, env, path, false)
	diags = slices.DeleteFunc(diags, func(d diag.Diagnostic) bool { return d.Severity == diag.Note })
	if err := tell(cmd, env, env.stderr, diags, "human"); err != nil {
		return nil, err
	}
	if diags.HasErrors() {
		return nil, exit(runner.ExitUsage)
	}
	return plan, nil
}

// tell writes diagnostics in a format.
func tell(cmd *cobra.Command, env environment, w io.Writer, diags diag.List, format string) error {
	color, err := colored(cmd, env, w)
	if err != nil {
		return err
	}
	return diags.Write(w, format, color)
}
