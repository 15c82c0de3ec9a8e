package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"golang.org/x/term"

	"plan/containers"
	"plan/runner"
)

// environment is what the command uses of its process.
type environment struct {
	stdin          io.Reader
	stdout, stderr io.Writer
	environ        []string
}

func (e environment) getenv(name string) string {
	for _, entry := range slices.Backward(e.environ) {
		if value, ok := strings.CutPrefix(entry, name+"="); ok {
			return value
		}
	}
	return ""
}

// exit is an error that ends the command with a code, without a message.
type exit int

func (e exit) Error() string { return fmt.Sprintf("exit code %d", int(e)) }

// execute runs the command line and returns its exit code.
func execute(ctx context.Context, args []string, env environment) int {
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
	fmt.Fprintf(env.stderr, "plan: %v\n", err)
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
		Long: `plan runs a test plan with real Docker containers. It pushes the image, searches
for the least limits at which the API starts and answers requests, and ramps the
users. It prints each answer with its proof: the trial that passed, and the
trial that failed one step away.`,
		SilenceUsage: true, SilenceErrors: true, Version: version,
	}
	root.PersistentFlags().String("color", "auto", "colour: auto, always or never")
	completeWith(root, "color", "auto", "always", "never")
	root.AddCommand(
		initCommand(env), runCommand(env), validateCommand(env), showCommand(env), fmtCommand(env), explainCommand(),
		reportCommand(env), exportCommand(env), loadCommand(env), cleanCommand(env), sampleCommand(env), agentCommand(env), residentCommand(env), processesCommand(env),
		&cobra.Command{
			Use: "version", Short: "Print the version", Args: cobra.NoArgs,
			Run: func(cmd *cobra.Command, _ []string) { fmt.Fprintln(cmd.OutOrStdout(), "plan "+version) },
		},
	)
	root.SetFlagErrorFunc(func(cmd *cobra.Command, err error) error {
		return fmt.Errorf("%w (see `%s --help`)", err, cmd.CommandPath())
	})
	return root
}

// completeWith registers the words that complete a flag.
func completeWith(cmd *cobra.Command, flag string, words ...string) {
	_ = cmd.RegisterFlagCompletionFunc(flag, cobra.FixedCompletions(words, cobra.ShellCompDirectiveNoFileComp)) // the flag is there
}

// oneFile returns an error unless there is one argument.
func oneFile(cmd *cobra.Command, args []string) error {
	if len(args) != 1 {
		return fmt.Errorf("plan %s takes one plan file, not %d: plan %s FILE", cmd.Name(), len(args), cmd.Name())
	}
	return nil
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

func isTerminal(w io.Writer) bool {
	f, ok := w.(*os.File)
	return ok && term.IsTerminal(int(f.Fd()))
}

// width returns the width of a terminal in cells; 0 for other writers.
func width(w io.Writer) int {
	f, ok := w.(*os.File)
	if !ok {
		return 0
	}
	columns, _, err := term.GetSize(int(f.Fd()))
	if err != nil {
		return 0
	}
	return columns
}
