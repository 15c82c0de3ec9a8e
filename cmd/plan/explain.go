package main

import (
	"fmt"

	"github.com/spf13/cobra"

	"plan/plans/diag"
	"plan/plans/lang"
)

func explainCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use: "explain CODE", Short: "Explain a diagnostic code such as P0412", Args: usage(cobra.ExactArgs(1)),
		RunE: func(cmd *cobra.Command, args []string) error {
			text, known := lang.Explain(args[0])
			if !known {
				return fmt.Errorf("%s is not a code: write one that plan validate prints, such as P0412; "+
					"docs/language.md lists all", args[0])
			}
			fmt.Fprintln(cmd.OutOrStdout(), text)
			return nil
		},
	}
	cmd.ValidArgsFunction = func(*cobra.Command, []string, string) ([]string, cobra.ShellCompDirective) {
		return diag.Codes(), cobra.ShellCompDirectiveNoFileComp
	}
	return cmd
}
