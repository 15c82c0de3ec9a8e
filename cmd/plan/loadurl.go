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

	"plan/cmd/plan/internal/interrupt"
	"plan/cmd/plan/internal/loadurl"
	"plan/engine"
	"plan/internal/tty"
	"plan/report/load"
	"plan/runner"
	"plan/runner/journal"
)

func loadCommand(env environment) *cobra.Command {
	cmd := &cobra.Command{
		Use: "load URL", Short: "Load-test a URL and print the results",
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) != 1 {
				return fmt.Errorf("plan load takes one URL, not %d: plan load URL", len(args))
			}
			return nil
		},
		Long: `load runs the load engine on this machine, without a plan or a container.

A user sends a request, waits for the response, pauses, and sends the next one.
With --arrival-rate requests start on a schedule instead, whether or not earlier
ones have ended, and their latency counts from the intended start.

Ctrl-C stops the load at once and prints the figures so far.

Exit codes:
    0  all responses were OK
    1  requests failed, none was OK, or the service stopped responding
    2  the command line is wrong
    5  the driver was saturated: the figures say little about the service
  130  interrupted`,
		Example: `  plan load localhost:8000/health
  plan load localhost:8000/predict --body @body.json --users 100 --think-time 1s-3s --runtime 30s
  plan load https://example.com/ --yes-load example.com --arrival-rate 50/s --runtime 1m --format json`,
		ValidArgsFunction: cobra.NoFileCompletions,
	}
	elsewhere := map[string]string{ // short flags of other load generators
		"c": "--users", "d": "--runtime", "z": "--runtime", "n": "--runtime", "q": "--arrival-rate", "R": "--arrival-rate",
		"H": "--header", "m": "--method", "T": `--header "Content-Type: …"`, "t": "--threads or --timeout",
	}
	cmd.SetFlagErrorFunc(func(cmd *cobra.Command, err error) error {
		hint := ""
		var unknown *pflag.NotExistError
		if errors.As(err, &unknown) && elsewhere[unknown.GetSpecifiedName()] != "" {
			hint = ": write " + elsewhere[unknown.GetSpecifiedName()]
		}
		return fmt.Errorf("%w%s (see `plan load --help`)", err, hint)
	})
	asked := loadurl.New(cmd)
	cmd.RunE = func(cmd *cobra.Command, args []string) error { return loadURL(cmd, env, asked, args[0]) }
	return cmd
}

func loadURL(cmd *cobra.Command, env environment, asked *loadurl.Flags, text string) error {
	color, err := colored(cmd, env, env.stdout)
	if err != nil {
		return err
	}
	l, err := asked.Of(cmd.Context(), text, env.stdin)
	if err != nil {
		return err
	}
	result, interrupted, err := runLoad(cmd.Context(), env, l, asked.JSON(), nil)
	if err != nil {
		return err
	}
	if asked.JSON() {
		source := journal.Source{Driver: journal.OwnEngine, Way: journal.FromHost}
		err = json.NewEncoder(env.stdout).Encode(journal.LoadOf(result, source)) // one line, as in the JSON report
	} else {
		summary := load.Summary{URL: l.URL, Load: l.Load, Result: result, Interrupted: interrupted}
		err = summary.Print(env.stdout, tty.Options{Color: color, Width: width(env.stdout)})
	}
	if code := loadCode(result, interrupted); code != runner.ExitMet {
		return exit(code) // the code matters more than a failed write
	}
	return err
}

// runLoad runs the load. It returns an error where the load cannot
// start or its JSON lines cannot be written; after an interruption the latter is
// no error, since Ctrl-C also ends the reader. until, which may be nil, ends the load
// after a second by its error, which is returned with the result.
func runLoad(
	ctx context.Context, env environment, l loadurl.Load, lines bool, until func(engine.Window) error,
) (_ engine.Result, interrupted bool, _ error) {
	log.SetOutput(io.Discard) // results have what net/http logs, such as unsolicited responses
	ctx, interrupts := interrupt.Handle(ctx)
	defer interrupts.Stop()
	interrupts.OnSecond(env.stoppedWith("the load on "+l.URL, nil))
	ctx, stop := context.WithCancelCause(ctx)
	defer stop(nil)
	watch := &loadWatch{stop: stop, until: until}
	if lines {
		watch.lines = env.stdout
	}
	if isTerminal(env.stderr) && !(lines && isTerminal(env.stdout)) {
		watch.live = load.NewLive(env.stderr, l.Runtime, func() int { return width(env.stderr) })
		defer watch.live.Close()
	}
	result, err := engine.Run(ctx, l.Load, []string{l.Address}, watch)
	interrupted = context.Cause(ctx) == context.Canceled
	if ctx.Err() != nil && !interrupted {
		err = context.Cause(ctx)
	}
	return result, interrupted, err
}

// loadCode returns the exit code of a load. Failures count even where the rate was
// not reached: more load would not have had fewer.
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
