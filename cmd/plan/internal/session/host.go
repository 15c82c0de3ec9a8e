package session

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"strings"

	"plan/cmd/plan/internal/platform"
	"plan/cmd/plan/internal/runs"
	"plan/containers"
	"plan/containers/owner"
	"plan/internal/printable"
	"plan/plans"
	"plan/runner/journal"
)

// readyEngine removes the resources of dead runs, waits for other runs where that is
// asked for, and checks the plan against the engine and the host. Runs that use the
// engine too are named. It returns the machine, and what one replica can have of it where
// that is less.
func readyEngine(ctx context.Context, plan *plans.Plan, engine platform.Platform, o Options) (
	journal.Host, plans.Limits, error,
) {
	clean := func() error { // what dead runs have left stands in the way of no other run
		removed, err := engine.CleanRuns(ctx)
		PrintRemoved(o.Stderr, removed)
		if gone, is := errors.AsType[*containers.Error](err); is && gone.Kind == containers.EngineGone {
			return err
		}
		if err != nil {
			fmt.Fprintf(o.Stderr, "plan: some leftovers of dead runs could not be removed: %s\n", printable.Text(err.Error()))
		}
		return nil
	}
	if err := clean(); err != nil {
		return journal.Host{}, plans.Limits{}, err
	}
	if o.Wait {
		engine.ShowLife() // the lock alone does not show it everywhere
		err := engine.Queue(ctx, func(ahead []owner.Leftover) {
			for _, other := range ahead {
				fmt.Fprintf(o.Stderr, "waiting for %s\n", otherRun(other))
			}
		})
		if err == nil {
			err = clean() // what died meanwhile
		}
		if err != nil {
			return journal.Host{}, plans.Limits{}, err
		}
	}
	others, err := engine.Others(ctx)
	if err != nil {
		return journal.Host{}, plans.Limits{}, err
	}
	for _, other := range others {
		fmt.Fprintf(o.Stderr, "%s uses this engine too: each run disturbs the figures of the other; "+
			"to start after it has ended, add --wait\n", otherRun(other))
	}
	machine, host, err := engine.HostOf(ctx, plan)
	if err != nil {
		return journal.Host{}, plans.Limits{}, err
	}
	if err := o.Check(host.Check(plan)); err != nil {
		return journal.Host{}, plans.Limits{}, err
	}
	engine.ShowLife()
	return machine, host.MostOfOne(), nil
}

// otherRun names another run on the engine, with its folder or its machine. Its labels may
// have any characters.
func otherRun(l owner.Leftover) string { return printable.Text(whereItIs(l)) }

func whereItIs(l owner.Leftover) string {
	if l.Life == owner.Unknown {
		machine, _, _ := strings.Cut(l.Host, "/")
		return fmt.Sprintf("the run %s of the machine %s", l.Run, cmp.Or(machine, "another one"))
	}
	folder := strings.TrimSuffix(l.Lock, filepath.Join("/", runs.Folder, l.Run, "lock"))
	return fmt.Sprintf("the run %s of %s", l.Run, folder)
}

// PrintRemoved prints each resource that was removed.
func PrintRemoved(w io.Writer, runs []owner.Leftover) {
	for _, run := range runs {
		for _, thing := range run.Resources {
			fmt.Fprintf(w, "removed: %s, left by run %s\n", printable.Text(thing), printable.Text(run.Run))
		}
	}
}
