package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"

	"github.com/spf13/cobra"
	"golang.org/x/term"

	"plan/cmd/plan/internal/inside"
	"plan/cmd/plan/internal/oneof"
	"plan/containers"
	"plan/internal/english"
	"plan/internal/envfile"
	"plan/internal/mask"
	"plan/internal/printable"
	"plan/runner"
)

// environment is what the command uses of its process.
type environment struct {
	stdin          io.Reader
	stdout, stderr io.Writer
	environ        []string
	hide           func(secrets []string) // from now on stderr masks them
}

func (e environment) getenv(name string) string {
	value, _ := envfile.Lookup(e.environ, name)
	return value
}

// exit is an error that ends the command with a code, without a message.
type exit int

func (e exit) Error() string { return fmt.Sprintf("exit code %d", int(e)) }

// interruptedOr returns the exit of an interrupted command where a signal has ended ctx, else the error.
func interruptedOr(ctx context.Context, err error) error {
	if ctx.Err() != nil {
		return exit(runner.ExitInterrupted)
	}
	return err
}

// execute runs the command line and returns its exit code.
func execute(ctx context.Context, args []string, env environment) int {
	hidden := &mask.Writer{Under: env.stderr}
	env.stderr = hidden
	env.hide = hidden.Hide
	root := command(env)
	root.SetArgs(args)
	root.SetIn(env.stdin)
	root.SetOut(env.stdout)
	root.SetErr(env.stderr)
	err := root.ExecuteContext(ctx)
	var code exit
	switch {
	case err == nil:
		return runner.ExitMet
	case errors.As(err, &code):
		return int(code)
	}
	fmt.Fprintf(env.stderr, "plan: %s\n", printable.Text(err.Error())) // engines and registries may write anything
	var environment *containers.Error
	if errors.As(err, &environment) {
		return runner.ExitEnvironment
	}
	return runner.ExitUsage
}

func command(env environment) *cobra.Command {
	root := &cobra.Command{
		Use:   "plan",
		Short: "Find and prove the least memory and CPU of an inference API",
		Long: `plan runs a test plan with Docker, or on Kubernetes. It searches for the least
limits at which the API starts and responds to requests, and ramps the users. If
the plan has push = true, it first pushes the image. It prints each answer with its
proof: the trial that passed, and the trial that failed one step away.`,
		SilenceUsage: true, SilenceErrors: true, Version: version,
	}
	root.PersistentFlags().String("color", "auto", "colour: auto, always or never")
	oneof.Complete(root, "color", "auto", "always", "never")
	root.AddCommand(
		quickCommand(env), initCommand(env), runCommand(env), validateCommand(env), showCommand(env), fmtCommand(env), explainCommand(),
		runsCommand(env), reportCommand(env), compareCommand(env), exportCommand(env), loadCommand(env),
		cleanCommand(env), sampleCommand(env),
		&cobra.Command{
			Use: "version", Short: "Print the version", Args: cobra.NoArgs,
			Run: func(cmd *cobra.Command, _ []string) { fmt.Fprintln(cmd.OutOrStdout(), "plan "+version) },
		},
	)
	root.AddCommand(inside.Commands()...)
	root.SetFlagErrorFunc(func(cmd *cobra.Command, err error) error {
		return fmt.Errorf("%w (see `%s --help`)", err, cmd.CommandPath())
	})
	return root
}

// usage is a check of the number of arguments whose error shows how to write the command.
func usage(check cobra.PositionalArgs) cobra.PositionalArgs {
	return func(cmd *cobra.Command, args []string) error {
		if check(cmd, args) != nil {
			return fmt.Errorf("%s does not take %s: write %s %s", cmd.CommandPath(), english.Count(len(args), "argument"),
				cmd.Parent().CommandPath(), cmd.Use)
		}
		return nil
	}
}

// colored reports whether a stream gets color: by --color, else where it is a
// terminal and neither NO_COLOR nor TERM=dumb is set.
func colored(cmd *cobra.Command, env environment, w io.Writer) (bool, error) {
	switch asked, _ := cmd.Flags().GetString("color"); asked {
	case "always":
		return true, nil
	case "never":
		return false, nil
	case "auto":
		return isTerminal(w) && env.getenv("NO_COLOR") == "" && env.getenv("TERM") != "dumb", nil
	default:
		return false, fmt.Errorf("--color %q is not known: write auto, always or never", asked)
	}
}

// file returns the file that a writer writes to, if there is one.
func file(w io.Writer) (*os.File, bool) {
	if m, ok := w.(*mask.Writer); ok {
		w = m.Under
	}
	f, ok := w.(*os.File)
	return f, ok
}

func isTerminal(w io.Writer) bool {
	f, ok := file(w)
	return ok && term.IsTerminal(int(f.Fd()))
}

// width returns the width of a terminal in cells; 0 for other writers.
func width(w io.Writer) int {
	f, ok := file(w)
	if !ok {
		return 0
	}
	columns, _, err := term.GetSize(int(f.Fd()))
	if err != nil {
		return 0
	}
	return columns
}
