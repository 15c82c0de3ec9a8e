package main

import (
	"cmp"
	"os"
	"slices"

	"github.com/spf13/cobra"

	"plan/cmd/plan/internal/outputs"
	"plan/internal/tty"
	"plan/report"
	"plan/report/formats"
	"plan/report/html"
	"plan/runner"
	"plan/runner/compare"
)

func compareCommand(env environment) *cobra.Command {
	accepted := slices.Concat(formats.ComparisonFormats(), html.ComparisonFormats())
	cmd := &cobra.Command{
		Use: "compare FIRST SECOND", Short: "Compare two runs of a plan by their proofs", Args: usage(cobra.ExactArgs(2)),
		Long: `compare reports where the second run is worse than the first one. FIRST and SECOND
are runs under .plan/runs, or paths of journals.

A stage is worse if its answer is worse by a step or more, and a trial of the second
run failed where a trial of the first run passed. Two runs of one service differ too:
the difference between these trials must be larger than that. compare also prints
metrics that changed while the answer stayed the same; they make no stage worse.

Exit codes:
    0  no stage is worse
    1  a stage is worse
    2  the command line is wrong, or a journal cannot be read
    3  no stage is worse, and a report was not written
    5  a stage may be worse: the trials do not show it clearly`,
		RunE: func(cmd *cobra.Command, args []string) error {
			color, err := colored(cmd, env, env.stdout)
			if err != nil {
				return err
			}
			files, err := outputs.Asked(cmd, accepted)
			if err != nil {
				return err
			}
			first, err := readRun(env, args[0])
			if err != nil {
				return err
			}
			second, err := readRun(env, args[1])
			if err != nil {
				return err
			}
			c := compare.Runs(first, second)
			unread := report.ComparisonTables(env.stdout, c, tty.Options{Color: color, Width: width(env.stdout)})
			outputs.Summary(env.stderr, env.environ, func(f *os.File) error { return formats.ComparisonMarkdown(f, c) })
			code := runner.ExitMet
			switch c.Change() {
			case compare.Worse:
				code = runner.ExitNotMet
			case compare.Unclear:
				code = runner.ExitInconclusive
			default:
			}
			written, printed := outputs.Write(env.stderr, c, files), outputs.Printed(env.stderr, unread)
			if code := cmp.Or(code, written, printed); code != runner.ExitMet {
				return exit(code) // a report that is not written changes no answer
			}
			return nil
		},
	}
	outputs.AddFlag(cmd, accepted)
	cmd.ValidArgsFunction = completeRuns(2)
	return cmd
}
