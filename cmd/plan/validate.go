package main

import (
	"fmt"
	"slices"

	"github.com/spf13/cobra"

	"plan/plans/diag"
	"plan/runner"
)

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
	offer(cmd, "format", diag.Formats()...)
	return cmd
}

func validate(cmd *cobra.Command, env environment, path string) error {
	format, _ := cmd.Flags().GetString("format")
	offline, _ := cmd.Flags().GetBool("offline")
	strict, _ := cmd.Flags().GetBool("strict")
	if !slices.Contains(diag.Formats(), format) {
		return fmt.Errorf("--format %q is not known: write human, line or json", format)
	}
	judged := func(diags diag.List) diag.List {
		if strict {
			return diags.Strict()
		}
		return diags
	}
	plan, diags := loadPlan(cmd, env, path, true)
	diags = judged(diags)
	code := runner.ExitMet
	if diags.HasErrors() {
		code = runner.ExitUsage
	} else if !offline {
		host := judged(checkEngine(cmd.Context(), plan))
		if host.HasErrors() {
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
