package main

import (
	"fmt"
	"io"
	"regexp"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"plan/report"
	"plan/report/export"
	"plan/runner"
	"plan/runner/journal"
)

func exportCommand(env environment) *cobra.Command {
	cmd := &cobra.Command{
		Use: "export [RUN]", Short: "Write the limits that a run proved, for Compose, Docker or Kubernetes", Args: cobra.MaximumNArgs(1),
		Long: `export writes the limits that a run proved, with the trials that prove them as
comments: an override file for docker compose and docker-compose, a docker
update line, or a patch for Kubernetes with requests and limits. Without a name
the run is the newest under .plan/runs.

Exit code 1: the run proved no limits.`,
		Example: "  plan export --format compose --output limits.yaml\n  docker compose -f compose.yaml -f limits.yaml up -d",
		RunE:    func(cmd *cobra.Command, args []string) error { return exportRun(cmd, env, args) },
	}
	cmd.ValidArgsFunction = completeRuns
	flags := cmd.Flags()
	flags.String("format", "", joined(export.Formats(), ", "))
	offer(cmd, "format", words(export.Formats())...)
	flags.String("limits", string(export.Choices()[0]), "of a search: "+joined(export.Choices(), " or "))
	offer(cmd, "limits", words(export.Choices())...)
	flags.String("service", "", "only the limits of this service")
	flags.String("container", "", "name of its container, for docker-update and kubernetes (default: that of the service)")
	flags.String("output", "", "file to write (default: the standard output)")
	return cmd
}

func exportRun(cmd *cobra.Command, env environment, args []string) error {
	format, choice, err := exportForm(cmd)
	if err != nil {
		return err
	}
	run, err := readRun(args)
	if err != nil {
		return err
	}
	services, err := exported(cmd, run, choice)
	if err != nil {
		return err
	}
	if len(services) == 0 {
		fmt.Fprintf(env.stderr, "plan: the run %s proved no limits%s (`plan report %[1]s` shows what it found)\n", run.Run.ID, ofService(cmd))
		return exit(runner.ExitNotMet)
	}
	container, err := exportContainer(cmd, format, services)
	if err != nil {
		return err
	}
	write := func(w io.Writer) error { return export.Write(w, format, run, services, container) }
	if path, _ := cmd.Flags().GetString("output"); path != "" {
		return report.WriteFile(path, write)
	}
	return write(env.stdout)
}

// exportForm reads what is to be written.
func exportForm(cmd *cobra.Command) (export.Format, export.Choice, error) {
	format, err := oneOf(cmd, "format", export.Formats())
	if err != nil {
		return "", "", err
	}
	choice, err := oneOf(cmd, "limits", export.Choices())
	return format, choice, err
}

// oneOf reads a flag that takes one of some words.
func oneOf[T ~string](cmd *cobra.Command, flag string, known []T) (T, error) {
	given, _ := cmd.Flags().GetString(flag)
	switch {
	case slices.Contains(known, T(given)):
		return T(given), nil
	case given == "":
		return "", fmt.Errorf("--%s is missing: write %s", flag, joined(known, " or "))
	}
	return "", fmt.Errorf("--%s %q is not known: write %s", flag, given, joined(known, " or "))
}

func words[T ~string](list []T) []string {
	texts := make([]string, len(list))
	for i, word := range list {
		texts[i] = string(word)
	}
	return texts
}

func joined[T ~string](list []T, separator string) string {
	return strings.Join(words(list), separator)
}

// exported are the services that the run has limits for and the command asks for.
func exported(cmd *cobra.Command, run journal.Run, choice export.Choice) ([]export.Service, error) {
	services := export.Proven(run, choice)
	name, _ := cmd.Flags().GetString("service")
	if name == "" {
		return services, nil
	}
	asked := func(s journal.Stage) bool { return export.NameOf(s.Service) == export.NameOf(name) }
	if !slices.ContainsFunc(run.Stages, asked) {
		return nil, fmt.Errorf("--service %q: no stage of the run %s asked about it", name, run.Run.ID)
	}
	return slices.DeleteFunc(services, func(s export.Service) bool { return s.Name != export.NameOf(name) }), nil
}

func ofService(cmd *cobra.Command) string {
	if name, _ := cmd.Flags().GetString("service"); name != "" {
		return " of " + name
	}
	return ""
}

// containerName is what Docker takes as one.
var containerName = regexp.MustCompile(`^[a-zA-Z0-9][a-zA-Z0-9_.-]*$`)

// exportContainer reads the name of the one service's container.
func exportContainer(cmd *cobra.Command, format export.Format, services []export.Service) (string, error) {
	name, _ := cmd.Flags().GetString("container")
	switch {
	case name == "":
		return "", nil
	case format == export.Compose:
		return "", fmt.Errorf("--container is for docker-update and kubernetes: a Compose file names services")
	case len(services) > 1:
		return "", fmt.Errorf("--container names one container, and the run proved limits of %d services: choose one with --service", len(services))
	case !containerName.MatchString(name):
		return "", fmt.Errorf("--container %q is no name of a container", name)
	}
	return name, nil
}
