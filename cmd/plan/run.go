package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"plan/agent"
	"plan/internal/tty"
	"plan/plans"
	"plan/report"
	"plan/runner"
	"plan/runner/journal"
)

func runCommand(env environment) *cobra.Command {
	var exits []string
	for _, e := range runner.Exits() {
		exits = append(exits, fmt.Sprintf("  %3d  %s", e.Code, e.Meaning))
	}
	cmd := &cobra.Command{
		Use: "run FILE", Short: "Run a plan", Args: oneFile,
		Long: `run runs a plan on the Docker engine that the docker command uses. It prints a
table for each stage, each answer with its proof, and a summary.

The first Ctrl-C stops the load, removes what the run made, and prints the
results so far. The second one stops at once and lists what is left.

Exit codes:
` + strings.Join(exits, "\n"),
		RunE: func(cmd *cobra.Command, args []string) error {
			color, err := colored(cmd, env, env.stdout)
			if err != nil {
				return err
			}
			reports, err := reportFiles(cmd)
			if err != nil {
				return err
			}
			plan, err := usablePlan(cmd, env, args[0])
			if err != nil {
				return err
			}
			planned, err := plannedReports(plan)
			if err != nil {
				return err
			}
			record, journalPath, err := runAndRecord(cmd, env, plan)
			if err != nil {
				return err
			}
			unread := report.Tables(env.stdout, record, tty.Options{Color: color, Width: width(env.stdout)})
			fmt.Fprintf(env.stderr, "journal: %s\n", journalPath)
			if err := appendSummary(os.Getenv("GITHUB_STEP_SUMMARY"), record); err != nil {
				fmt.Fprintf(env.stderr, "plan: the summary of the step was not written: %v\n", err)
			}
			written := writeReports(env, record, slices.Concat(planned, reports))
			if code := runner.Worse(record.Run.ExitCode, written); code != runner.ExitMet {
				return exit(code) // the code matters more than a failed write
			}
			return unread
		},
	}
	variableFlags(cmd)
	reportFlag(cmd)
	return cmd
}

// listTime is how long the engine may take to list the resources of a run.
const listTime = 3 * time.Second

// runAndRecord runs the plan. It returns the record of the run and the path of its
// journal, or an error where the run cannot start.
func runAndRecord(cmd *cobra.Command, env environment, plan *plans.Plan) (journal.Run, string, error) {
	ctx, interrupts := interruptible(cmd.Context())
	defer interrupts.stop()
	color, err := colored(cmd, env, env.stderr)
	if err != nil {
		return journal.Run{}, "", err
	}
	s, err := newSession(ctx, cmd, env, plan)
	if ctx.Err() != nil {
		err = exit(runner.ExitInterrupted)
	}
	if err != nil {
		return journal.Run{}, "", err
	}
	defer s.close()
	printVersionNote(env, plan.File, s.id)
	interrupts.onSecond(func() { // print the resources that the run leaves when it is stopped at once
		ctx, cancel := context.WithTimeout(context.Background(), listTime)
		defer cancel()
		left, err := s.engine.Resources(ctx)
		fmt.Fprintln(env.stderr, "\nstopped at once")
		if err != nil {
			fmt.Fprintf(env.stderr, "what is left could not be listed: %v\n", err)
		}
		for _, thing := range left {
			fmt.Fprintf(env.stderr, "left: %s\n", thing)
		}
		fmt.Fprintf(env.stderr, "remove what is left with: plan clean %s\n", s.id)
	})
	live := report.NewLive(env.stderr, report.LiveOptions{Terminal: isTerminal(env.stderr), Color: color, Width: func() int { return width(env.stderr) }})
	defer live.Close()
	// dial connects to the agent over the streams of its container.
	dial := func(ctx context.Context, conn io.ReadWriteCloser) (runner.Agent, error) {
		client, err := agent.Dial(ctx, conn)
		if err != nil {
			return nil, err
		}
		return client, nil
	}
	f := s.facts
	r := runner.Runner{
		Plan: plan, Runtime: runtime{s.engine}, Dial: dial, Direct: s.figures.Read, Journal: s.journal, Observer: live,
		Header: journal.Header{ID: s.id, Version: version, Started: time.Now(), Host: journal.Host{
			Name: f.Name, Memory: int64(f.Memory), CPUs: float64(f.CPUs), OS: f.OS, Kernel: f.Kernel,
			Engine: f.Version, CgroupVersion: strconv.Itoa(f.CgroupVersion),
		}},
		Seed: uint64(time.Now().UnixNano()),
	}
	return r.Run(ctx), s.journal.Path(), nil
}
