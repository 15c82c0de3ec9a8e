package main

import (
	"errors"
	"fmt"
	"os"
	"os/signal"
	"strings"
	"syscall"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"plan/containers/docker"
	"plan/containers/docker/images"
	"plan/inference/sample"
)

func sampleCommand(env environment) *cobra.Command {
	cmd := &cobra.Command{
		Use: "sample", Short: "Serve the bundled inference API, with known needs", Args: cobra.NoArgs,
		Long: `sample is an inference API to try plan with. Flags set the memory and CPU that it
needs. It serves /health, /predict, /openapi.json and /stats.`,
	}
	config := sample.Flags(cmd.Flags())
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		ctx, stop := signal.NotifyContext(cmd.Context(), syscall.SIGINT, syscall.SIGTERM)
		defer stop()
		err := sample.Serve(ctx, *config, env.stdout)
		var ended *sample.Exit
		if errors.As(err, &ended) {
			return exit(ended.Code)
		}
		return err
	}
	cmd.AddCommand(sampleImageCommand())
	return cmd
}

func sampleImageCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use: "image NAME [-- FLAGS]", Short: "Build an image of the sample on the engine", Args: usage(cobra.MinimumNArgs(1)),
		Long: `image builds an image of the sample on the engine. The flags after -- are those of
plan sample. A container of the image uses them unless it has another command.`,
		Example: "  plan sample image fast-api:latest -- --memory 300M --cpu-time 5ms",
		RunE: func(cmd *cobra.Command, args []string) error {
			flags := pflag.NewFlagSet("sample", pflag.ContinueOnError)
			sample.Flags(flags)
			if err := flags.Parse(args[1:]); err != nil {
				return fmt.Errorf("these are not flags of plan sample: %w", err)
			}
			binary, err := os.Executable()
			if err != nil {
				return err
			}
			engine, err := docker.New(cmd.Context(), docker.Options{})
			if err != nil {
				return err
			}
			defer engine.Close()
			err = engine.Images.Build(cmd.Context(), images.Scratch{
				Reference: args[0], Binary: binary, Entrypoint: []string{"/plan", "sample"}, Command: args[1:], Expose: []int{8000},
			})
			if err != nil {
				return err
			}
			fmt.Fprintf(cmd.OutOrStdout(), "made the image %s\n", args[0])
			return nil
		},
	}
	cmd.SetFlagErrorFunc(func(_ *cobra.Command, err error) error {
		return fmt.Errorf("%w: write the flags of plan sample after --: %s", err, strings.TrimSpace(cmd.Example))
	})
	return cmd
}
