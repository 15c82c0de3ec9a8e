package main

import (
	"fmt"

	"github.com/spf13/cobra"

	"plan/cmd/plan/internal/oneof"
	"plan/report/show"
)

func showCommand(env environment) *cobra.Command {
	cmd := &cobra.Command{
		Use: "show FILE", Short: "Print the resolved plan, all possible trials, and the longest time",
		Args: usage(cobra.ExactArgs(1)),
		Long: "show prints the plan with all values that are known, the trials that can run, and\nthe longest time. It starts nothing.",
		RunE: func(cmd *cobra.Command, args []string) error {
			format, _ := cmd.Flags().GetString("format")
			plan, err := usablePlan(cmd, env, args[0])
			switch {
			case err != nil:
				return err
			case format == "json":
				return show.JSON(cmd.OutOrStdout(), plan)
			case format != "text":
				return fmt.Errorf("--format %q is not known: write text or json", format)
			}
			return show.Text(cmd.OutOrStdout(), plan)
		},
	}
	variableFlags(cmd)
	cmd.Flags().String("format", "text", "text or json")
	oneof.Complete(cmd, "format", "text", "json")
	return cmd
}
