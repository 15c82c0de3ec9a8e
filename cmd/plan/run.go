package main

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"fmt"
	"io"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"plan/agent"
	"plan/containers/docker"
	"plan/internal/host"
	"plan/internal/lock"
	"plan/plans"
	"plan/report"
	"plan/runner"
	"plan/runner/journal"
)

func runCommand(env environment) *cobra.Command {
	cmd := &cobra.Command{
		Use: "run FILE", Short: "Carry a plan out", Args: cobra.ExactArgs(1),
		Long: `run carries a plan out on the Docker engine that the docker command would use,
and ends in a table for each stage, an answer with its proof, and a summary.

The first Ctrl-C stops the load, removes what was made and reports what was
done; the second stops at once and lists what is left.

Exit codes: 0 all found and met, 1 an objective was not met or no answer exists
in the range, 2 command line or file wrong, 3 the environment is not ready
(engine, network, image, preflight, push), 4 stopped by the guard without an
answer, 5 no verdict could be given, 130 interrupted.`,
		RunE: func(cmd *cobra.Command, args []string) error { return runPlan(cmd, env, args[0]) },
	}
	variableFlags(cmd)
	cmd.Flags().StringArray("report", nil, "also write a report, as json=PATH (may be repeated)")
	return cmd
}

func runPlan(cmd *cobra.Command, env environment, path string) error {
	color, err := colored(cmd, env, env.stdout)
	if err != nil {
		return err
	}
	asked, _ := cmd.Flags().GetStringArray("report")
	reports, err := reportPaths(asked)
	if err != nil {
		return err
	}
	plan, err := usable(cmd, env, path)
	if err != nil {
		return err
	}
	record, err := carryOut(cmd, env, plan, reports)
	if err != nil {
		return err
	}
	if err := report.Tables(env.stdout, record, report.Options{Color: color, Width: width(env.stdout)}); err != nil {
		return err
	}
	if record.Run.ExitCode != runner.ExitMet {
		return exit(record.Run.ExitCode)
	}
	return nil
}

// carryOut runs the plan and writes the reports; the error is one of what
// stood before the first stage.
func carryOut(cmd *cobra.Command, env environment, plan *plans.Plan, reports []string) (journal.Run, error) {
	ctx, interrupts := interruptible(cmd.Context())
	defer interrupts.stop()
	id := runID()
	dir := filepath.Join(".plan", "runs", id)
	lockPath, err := filepath.Abs(filepath.Join(dir, "lock"))
	if err != nil {
		return journal.Run{}, err
	}
	engine, facts, err := readyEngine(ctx, cmd, env, plan, id, lockPath)
	if err != nil {
		return journal.Run{}, err
	}
	defer engine.Close()
	// As long as the lock is held the run is alive, and nobody clears what it made.
	held, err := lock.Take(lockPath)
	if err != nil {
		return journal.Run{}, err
	}
	defer held.Release()
	interrupts.onSecond(func() { stopNow(env, engine, id) })
	file, err := journal.Create(dir, plan.Secrets)
	if err != nil {
		return journal.Run{}, err
	}
	defer file.Close()
	color, err := colored(cmd, env, env.stderr)
	if err != nil {
		return journal.Run{}, err
	}
	live := report.NewLive(env.stderr, report.LiveOptions{Terminal: isTerminal(env.stderr), Color: color, Width: func() int { return width(env.stderr) }})
	figures, err := host.NewReader()
	if err != nil {
		return journal.Run{}, err
	}
	r := runner.Runner{
		Plan: plan, Runtime: runtime{engine}, Dial: dial, Direct: figures.Read, Journal: file, Observer: live,
		Header: journal.Header{ID: id, Started: time.Now(), Host: hostOf(facts)}, Seed: uint64(time.Now().UnixNano()),
	}
	record := r.Run(ctx)
	live.Close()
	for _, path := range reports {
		if err := report.WriteFile(path, func(w io.Writer) error { return report.JSON(w, record) }); err != nil {
			return record, err
		}
	}
	fmt.Fprintf(env.stderr, "journal: %s\n", file.Path())
	return record, nil
}

// dial speaks the agent's protocol over its container's streams.
func dial(ctx context.Context, conn io.ReadWriteCloser) (runner.Agent, error) {
	client, err := agent.Dial(ctx, conn)
	if err != nil {
		return nil, err
	}
	return client, nil
}

// runID is unique, sorts by time, and fits into a container's name.
func runID() string {
	var random [2]byte
	rand.Read(random[:])
	return time.Now().Format("20060102-150405-") + hex.EncodeToString(random[:])
}

// reportPaths reads kind=path, and tries whether the files can be written.
func reportPaths(asked []string) ([]string, error) {
	var paths []string
	for _, text := range asked {
		kind, path, ok := strings.Cut(text, "=")
		if !ok || path == "" || kind != "json" {
			return nil, fmt.Errorf("--report %q is not known: write json=PATH", text)
		}
		if err := report.Writable(path); err != nil {
			return nil, fmt.Errorf("--report %s: %w", text, err)
		}
		paths = append(paths, path)
	}
	return paths, nil
}

func hostOf(f docker.Facts) journal.Host {
	return journal.Host{
		Name: f.Name, Memory: int64(f.Memory), CPUs: float64(f.CPUs), OS: f.OS, Kernel: f.Kernel,
		Engine: f.Version, CgroupVersion: strconv.Itoa(f.CgroupVersion),
	}
}
