package main

import (
	"io"
	"slices"

	"github.com/spf13/cobra"

	"plan/cmd/plan/internal/outputs"
	"plan/cmd/plan/internal/platform"
	"plan/plans"
	"plan/plans/check"
	"plan/plans/diag"
	"plan/plans/lang"
	"plan/runner"
)

// variableFlags are the flags of every command that evaluates a plan.
func variableFlags(cmd *cobra.Command) {
	cmd.Flags().StringArray("var", nil, "set a variable: `NAME=VALUE` (may be repeated)")
	cmd.Flags().Bool("untrusted", false, "refuse a plan that reaches beyond its folder (P0602)")
	cmd.Flags().StringArray("var-file", nil, "`FILE` with values of variables (may be repeated)")
	cmd.ValidArgsFunction = planFiles
}

func planFiles(cmd *cobra.Command, given []string, _ string) ([]string, cobra.ShellCompDirective) {
	if len(given) > 0 && cmd.Args(cmd, append(given, "")) != nil {
		return nil, cobra.ShellCompDirectiveNoFileComp
	}
	return []string{"hcl"}, cobra.ShellCompDirectiveFilterFileExt
}

// loadPlan reads a plan with the command's values of variables, for the platform that the
// command chooses. The error is that of the command line.
func loadPlan(cmd *cobra.Command, env environment, path string, lenient bool) (*plans.Plan, diag.List, error) {
	vars, _ := cmd.Flags().GetStringArray("var")
	files, _ := cmd.Flags().GetStringArray("var-file")
	var wrong error
	plan, diags := lang.Load(path, lang.Options{
		Vars: vars, VarFiles: files, Environ: env.environ, Version: version, Lenient: lenient, Logins: platform.Logins(),
		Reports: outputs.Names(),
		Platform: func(planned *plans.Platform) (chosen *plans.Platform) {
			chosen, wrong = platform.Chosen(cmd, planned)
			return chosen
		},
	})
	if untrusted, _ := cmd.Flags().GetBool("untrusted"); untrusted { // quick has no such flag
		for i := range diags {
			if diags[i].Code == check.Reaching {
				diags[i].Severity, diags[i].Help = diag.Error, "read the plan, and leave --untrusted out if you trust it"
			}
		}
	}
	if plan != nil {
		env.hide(plan.Secrets)
	}
	return plan, diags, wrong
}

// usablePlan loads a plan and prints its diagnostics on standard error. It returns an
// exit error where the plan has errors.
func usablePlan(cmd *cobra.Command, env environment, path string) (*plans.Plan, error) {
	plan, diags, err := loadPlan(cmd, env, path, false)
	if err != nil {
		return nil, err
	}
	diags = slices.DeleteFunc(diags, func(d diag.Diagnostic) bool { return d.Severity == diag.Note })
	if err := refuse(cmd, env, diags, runner.ExitUsage); err != nil {
		return nil, err
	}
	return plan, nil
}

// refuse prints diagnostics on standard error, and returns an exit error if there are
// errors among them.
func refuse(cmd *cobra.Command, env environment, diags diag.List, code exit) error {
	if err := printDiagnostics(cmd, env, env.stderr, diags, "human"); err != nil {
		return err
	}
	if diags.HasErrors() {
		return code
	}
	return nil
}

// printDiagnostics prints diagnostics in a format.
func printDiagnostics(cmd *cobra.Command, env environment, w io.Writer, diags diag.List, format string) error {
	color, err := colored(cmd, env, w)
	if err != nil {
		return err
	}
	return diags.Write(w, format, color)
}
