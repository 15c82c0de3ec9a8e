package main

import (
	"context"
	"io"

	"github.com/spf13/cobra"

	"plan/containers"
	"plan/containers/docker"
	"plan/plans"
	"plan/plans/check"
	"plan/plans/diag"
	"plan/runner"
)

// readyEngine finds the engine, removes the resources of dead runs, and checks the
// plan against the engine and the host.
func readyEngine(ctx context.Context, cmd *cobra.Command, env environment, plan *plans.Plan, id, lockPath string) (*docker.Docker, docker.Facts, error) {
	engine, err := docker.New(ctx, docker.Options{Run: id, Lock: lockPath})
	if err != nil {
		return nil, docker.Facts{}, err
	}
	removed, err := engine.CleanRuns(ctx)
	printRemoved(env.stderr, removed)
	if err != nil {
		return nil, docker.Facts{}, err
	}
	facts, host, err := hostFacts(ctx, engine, plan)
	if err != nil {
		return nil, docker.Facts{}, err
	}
	diags := host.Check(plan)
	if err := printDiagnostics(cmd, env, env.stderr, diags, "human"); err != nil {
		return nil, docker.Facts{}, err
	}
	if diags.HasErrors() {
		return nil, docker.Facts{}, exit(runner.ExitEnvironment)
	}
	return engine, facts, nil
}

// checkEngine returns the diagnostics of the engine and the host; without an engine
// one warning that names the checks that were left out.
func checkEngine(ctx context.Context, plan *plans.Plan) diag.List {
	engine, err := docker.New(ctx, docker.Options{})
	if err != nil {
		return check.Unchecked(plan, err)
	}
	defer engine.Close()
	_, host, err := hostFacts(ctx, engine, plan)
	if err != nil {
		return check.Unchecked(plan, err)
	}
	return host.Check(plan)
}

// runtime is the engine as the runner sees it.
type runtime struct{ *docker.Docker }

func (r runtime) Push(ctx context.Context, source, name string, progress func(string)) (runner.ImageInfo, error) {
	image, err := r.Docker.Images.Push(ctx, source, name, progress)
	return runner.ImageInfo(image), err
}

func (r runtime) Image(ctx context.Context, reference string, pull containers.Pull, progress func(string)) (runner.ImageInfo, error) {
	image, err := r.Docker.Images.Ensure(ctx, reference, pull, progress)
	return runner.ImageInfo(image), err
}

func (r runtime) Agent(ctx context.Context, networks []string) (io.ReadWriteCloser, error) {
	return r.Docker.Agent(ctx, networks)
}

func (r runtime) ContainerStats(ctx context.Context) (runner.ContainerStats, error) {
	beside, err := r.Docker.Monitor(ctx)
	if err != nil {
		return nil, err
	}
	return beside, nil
}

func (r runtime) Start(ctx context.Context, spec containers.Spec) (runner.Instance, error) {
	instance, err := r.Docker.Start(ctx, spec)
	if err != nil {
		return nil, err
	}
	return instance, nil
}
