package main

import (
	"fmt"
	"slices"

	"github.com/spf13/cobra"

	"plan/cmd/plan/internal/oneof"
	"plan/cmd/plan/internal/platform"
	"plan/plans/diag"
	"plan/runner"
)

func validateCommand(env environment) *cobra.Command {
	cmd := &cobra.Command{
		Use: "validate FILE", Short: "Check a plan, the engine and the host", Args: usage(cobra.ExactArgs(1)),
		Long: `validate prints all diagnostics of a plan at once, each with its position and a
remedy. Unless --offline is set, it also checks the engine and the host, and
changes nothing there.

Exit codes:
    0  no errors; there may be warnings and notes
    2  the plan is wrong
    3  the engine or the host is not ready for the plan`,
		RunE: func(cmd *cobra.Command, args []string) error { return validate(cmd, env, args[0]) },
	}
	variableFlags(cmd)
	platform.AddFlags(cmd)
	cmd.Flags().Bool("offline", false, "do not check the engine and the host")
	cmd.Flags().Bool("strict", false, "treat warnings as errors")
	cmd.Flags().String("format", "human", "human, line or json")
	oneof.Complete(cmd, "format", diag.Formats()...)
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
	plan, diags, err := loadPlan(cmd, env, path, true)
	if err != nil {
		return err
	}
	diags = judged(diags)
	code := runner.ExitMet
	if diags.HasErrors() {
		code = runner.ExitUsage
	} else if !offline {
		host := judged(platform.Check(cmd.Context(), plan))
		if host.HasErrors() {
			code = runner.ExitEnvironment
		}
		diags = append(diags, host...)
	}
	if err := printDiagnostics(cmd, env, cmd.OutOrStdout(), diags, format); err != nil {
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
