package main

import (
	"context"
	"fmt"

	"plan/cmd/plan/internal/interrupt"
	"plan/containers/docker"
	"plan/containers/docker/images"
	"plan/internal/mask"
	"plan/plans"
)

// buildImages builds every image of the plan that has a build, in the order of the file,
// and shows the output of the builder.
func buildImages(ctx context.Context, env environment, plan *plans.Plan) (err error) {
	ctx, interrupts := interrupt.Handle(ctx)
	defer interrupts.Stop()
	defer func() { err = interruptedOr(ctx, err) }()
	engine, err := docker.New(ctx, docker.Options{})
	if err != nil {
		return err
	}
	defer engine.Close()
	interrupts.OnSecond(env.stoppedWith("images are built", engine))
	hidden := mask.New(plan.Secrets)
	for _, image := range plan.Images {
		if image.Build == nil {
			continue
		}
		fmt.Fprintf(env.stderr, "building %s (%s) from %s\n", image.Address, image.Source, image.Build.Context)
		err := engine.Images.BuildFrom(ctx, images.Source{
			Reference: image.Source, Context: image.Build.Context, Dockerfile: image.Build.Dockerfile,
			Args: image.Build.Args, Target: image.Build.Target, Mask: hidden,
		}, env.stderr)
		if err != nil {
			return err
		}
	}
	return nil
}
