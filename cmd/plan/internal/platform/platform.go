// Package platform is where plans run: Docker, or a namespace of a Kubernetes cluster. It
// is the only part of the command that chooses between them.
package platform

import (
	"context"
	"time"

	"plan/containers/docker"
	"plan/containers/owner"
	"plan/plans"
	"plan/plans/check"
	"plan/plans/diag"
	"plan/runner"
	"plan/runner/journal"
)

// Platform is where a plan runs: what the runner needs of it, and what the command does
// before and after a run.
type Platform interface {
	runner.Platform
	// HostOf returns its machine, and what the checks of a plan need to know.
	HostOf(ctx context.Context, plan *plans.Plan) (journal.Host, check.Host, error)
	// CleanRuns removes the resources of runs, and returns the runs: the named ones, or
	// without names all that are dead.
	CleanRuns(ctx context.Context, names ...string) ([]owner.Leftover, error)
	// Others returns the other runs that use it now.
	Others(ctx context.Context) ([]owner.Leftover, error)
	// Queue waits until no other run uses it.
	Queue(ctx context.Context, ahead func([]owner.Leftover)) error
	// ShowLife begins to show that this run lives, until Clean or Close.
	ShowLife()
	// WaitWhileAway makes calls wait for a platform that cannot be reached, for that long;
	// say gets a note for people.
	WaitWhileAway(wait time.Duration, say func(string))
	// Resources returns what carries the label of this run, for people.
	Resources(ctx context.Context) ([]string, error)
	// Calls returns the requests that wait for an answer, and for how long.
	Calls() []string
	Close() error
}

// Run is the run that uses a platform: its id, its lock, and what it must not print.
type Run struct {
	ID, Lock string
	Secrets  []string
}

// New connects to the platform of a plan: nil is Docker.
func New(ctx context.Context, where *plans.Platform, run Run) (Platform, error) {
	if where == nil {
		engine, err := docker.New(ctx, docker.Options{Run: run.ID, Lock: run.Lock, Secrets: run.Secrets})
		if err != nil {
			return nil, err
		}
		return onDocker{engine}, nil
	}
	return onCluster(ctx, where, run)
}

// Logins returns the registries that `docker login` was called for. No engine is asked.
func Logins() []string { return docker.Logins() }

// Check returns the diagnostics of the platform of a plan; if it does not answer, one
// warning that names the checks that were left out.
func Check(ctx context.Context, plan *plans.Plan) diag.List {
	p, err := New(ctx, plan.Platform, Run{})
	if err != nil {
		return check.Unchecked(plan, err)
	}
	defer p.Close()
	_, host, err := p.HostOf(ctx, plan)
	if err != nil {
		return check.Unchecked(plan, err)
	}
	return host.Check(plan)
}
