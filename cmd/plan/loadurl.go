package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"plan/engine"
	"plan/report"
	"plan/runner"
	"plan/runner/journal"
)

func loadCommand(env environment) *cobra.Command {
	cmd := &cobra.Command{
		Use: "load URL", Short: "Put a load on a URL, and tell what it showed", Args: oneURL,
		Long: `load is the load engine alone, from the machine that it is run on.

Users ask, wait for the answer, think, and ask again. With --arrival-rate
requests begin on a schedule instead, whatever became of those before, and
their latency counts from when they were to begin.

Ctrl-C ends the load at once and tells what was measured.

Exit codes: 0 all answers were OK, 1 requests failed, none was OK, or the
service stopped answering, 2 command line wrong, 5 the load generator was the
limit: the figures say little of the service, 130 interrupted.`,
		Example: `  plan load localhost:8000/health
  plan load localhost:8000/predict --body @body.json --users 100 --think-time 1s-3s --runtime 30s
  plan load https://example.com/ --arrival-rate 50/s --runtime 1m --format json`,
		ValidArgsFunction: cobra.NoFileCompletions,
	}
	cmd.SetFlagErrorFunc(func(cmd *cobra.Command, err error) error {
		return fmt.Errorf("%w%s (see `plan load --help`)", err, called(err))
	})
	asked := newLoadAsked(cmd)
	cmd.RunE = func(cmd *cobra.Command, args []string) error { return loadURL(cmd, env, asked, args[0]) }
	return cmd
}

// called says how a short flag of other load generators is called here.
func called(err error) string {
	names := map[string]string{
		"c": "--users", "d": "--runtime", "z": "--runtime", "n": "--runtime", "q": "--arrival-rate", "R": "--arrival-rate",
		"H": "--header", "m": "--method", "T": `--header "Content-Type: …"`, "t": "--threads or --timeout",
	}
	var unknown *pflag.NotExistError
	if errors.As(err, &unknown) && names[unknown.GetSpecifiedName()] != "" {
		return ": write " + names[unknown.GetSpecifiedName()]
	}
	return ""
}

func oneURL(_ *cobra.Command, args []string) error {
	if len(args) != 1 {
		return fmt.Errorf("plan load takes one URL, not %d: plan load URL", len(args))
	}
	return nil
}

func loadURL(cmd *cobra.Command, env environment, asked *loadAsked, text string) error {
	color, err := colored(cmd, env, env.stdout)
	if err != nil {
		return err
	}
	u, err := target(text)
	if err != nil {
		return err
	}
	load, err := asked.load(u, env.stdin)
	if err != nil {
		return err
	}
	result, interrupted, err := carryLoad(cmd.Context(), env, load, address(u), asked.format == "json")
	if err != nil {
		return err
	}
	if asked.format == "json" {
		err = loadJSON(env.stdout, result)
	} else {
		shown := report.Loaded{URL: bare(u), Load: load, Result: result, Interrupted: interrupted}
		err = report.Load(env.stdout, shown, report.Options{Color: color, Width: width(env.stdout)})
	}
	if code := loadCode(result, interrupted); code != runner.ExitMet {
		return exit(code) // it tells more than that nobody reads
	}
	return err
}

// muteTransport keeps net/http from writing to the standard error what results
// tell, such as answers that nobody asked for.
func muteTransport() { log.SetOutput(io.Discard) }

// carryLoad puts the load on an address. The error is one of what stood before
// it, or of lines that nobody reads: after an interruption that is none, as
// Ctrl-C ends readers too.
func carryLoad(ctx context.Context, env environment, load engine.Load, address string, lines bool) (_ engine.Result, interrupted bool, _ error) {
	muteTransport()
	ctx, interrupts := interruptible(ctx)
	defer interrupts.stop()
	ctx, stop := context.WithCancelCause(ctx)
	defer stop(nil)
	watch := newLoadWatch(env, load, lines, stop)
	defer watch.close()
	result, err := engine.Run(ctx, load, []string{address}, watch)
	interrupted = context.Cause(ctx) == context.Canceled
	if ctx.Err() != nil && !interrupted {
		err = context.Cause(ctx)
	}
	return result, interrupted, err
}

// loadJSON writes the load as a report has it, in one line.
func loadJSON(w io.Writer, result engine.Result) error {
	return json.NewEncoder(w).Encode(journal.LoadOf(result, journal.Source{Driver: journal.OwnEngine, Way: journal.FromHost}))
}

// loadCode is the exit code of a load. A rate that was not reached does not
// hide failures: more load would have done no better.
func loadCode(r engine.Result, interrupted bool) int {
	hidden := false
	for _, limit := range r.Saturated {
		hidden = hidden || limit.Kind != engine.SaturationRate
	}
	switch {
	case interrupted:
		return runner.ExitInterrupted
	case hidden:
		return runner.ExitInconclusive
	case r.Total.Failed > 0 || r.Total.OK == 0 || r.Hung:
		return runner.ExitNotMet
	case len(r.Saturated) > 0:
		return runner.ExitInconclusive
	}
	return runner.ExitMet
}
