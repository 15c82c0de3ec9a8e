package main

import (
	"fmt"
	"io"
	"regexp"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"plan/cmd/plan/internal/oneof"
	"plan/cmd/plan/internal/runs"
	"plan/internal/atomicfile"
	"plan/internal/english"
	"plan/report/export"
	"plan/runner"
	"plan/runner/journal"
)

func exportCommand(env environment) *cobra.Command {
	cmd := &cobra.Command{
		Use: "export [RUN]", Short: "Write the proved limits of a run for Compose, Docker or " +
			"Kubernetes", Args: usage(cobra.MaximumNArgs(1)),
		Long: `export writes the limits that a run proved. Comments name the trials that prove
them. Without RUN it exports the newest run under .plan/runs.

Formats:
  compose        an override file for docker compose and docker-compose
  docker-update  docker update commands
  kubernetes     a patch with requests and limits

Exit code 1: the run proved no limits, or a trial contradicts them.`,
		Example: "  plan export --format compose --output limits.yaml\n  docker compose -f compose.yaml -f limits.yaml up -d",
		RunE:    func(cmd *cobra.Command, args []string) error { return exportRun(cmd, env, args) },
	}
	cmd.ValidArgsFunction = completeRuns(1)
	flags := cmd.Flags()
	var offers []string
	for _, f := range export.Formats() {
		offers = append(offers, cobra.CompletionWithDesc(f.Name, f.Doc))
	}
	flags.String("format", "", strings.Join(exportNames(export.Formats()), ", "))
	oneof.Complete(cmd, "format", offers...)
	flags.String("limits", choices()[0], "limits of a search: "+english.Or(choices()))
	oneof.Complete(cmd, "limits", choices()...)
	flags.String("service", "", "`NAME` of the service to export (default all)")
	flags.String("container", "", "`NAME` of the container, for "+withContainers(" and ")+" (default the name of the service)")
	flags.Bool("helpers", false, "also write proposed limits of helpers, which are observed and not proven")
	flags.String("output", "", "`FILE` to write (default the standard output)")
	return cmd
}

func exportRun(cmd *cobra.Command, env environment, args []string) error {
	formatIndex, err := oneof.Index(cmd, "format", exportNames(export.Formats()))
	if err != nil {
		return err
	}
	choiceIndex, err := oneof.Index(cmd, "limits", choices())
	if err != nil {
		return err
	}
	format, choice := export.Formats()[formatIndex], export.Choices()[choiceIndex]
	id, err := runs.Chosen(args)
	if err != nil {
		return err
	}
	run, err := readRun(env, id)
	if err != nil {
		return err
	}
	services := export.ProvenLimits(run, choice)
	service, _ := cmd.Flags().GetString("service")
	if service != "" {
		asked := func(s journal.Stage) bool { return export.NameOf(s.Service) == export.NameOf(service) }
		if !slices.ContainsFunc(run.Stages, asked) {
			return fmt.Errorf("--service %q: no stage of the run %s tested it", service, run.Run.ID)
		}
		services = slices.DeleteFunc(services, func(s export.Service) bool { return s.Name != export.NameOf(service) })
	}
	if i := slices.IndexFunc(services, func(s export.Service) bool { return s.Refusal != "" }); i >= 0 {
		fmt.Fprintf(env.stderr, "plan: no limits are written, because those of %s do not hold: %s\n",
			services[i].Name, services[i].Refusal)
		return exit(runner.ExitNotMet)
	}
	if len(services) == 0 {
		of := ""
		if service != "" {
			of = " of " + service
		}
		fmt.Fprintf(env.stderr, "plan: the run %s proved no limits%s (`plan report %[1]s` shows what it found)\n", run.Run.ID, of)
		return exit(runner.ExitNotMet)
	}
	if helpers, _ := cmd.Flags().GetBool("helpers"); helpers {
		services = append(services, export.Observed(run)...)
	}
	container, _ := cmd.Flags().GetString("container")
	switch {
	case container == "":
	case !format.Containers:
		return fmt.Errorf("--container is for %s: leave it out, because a file for %s names services",
			withContainers(" and "), format.Name)
	case len(services) > 1:
		return fmt.Errorf("--container names one container, and the run proved limits of %d services: choose one with --service", len(services))
	case !containerName.MatchString(container):
		return fmt.Errorf("--container %q is not a name of a container", container)
	}
	write := func(w io.Writer) error { return format.Write(w, run, services, container) }
	if path, _ := cmd.Flags().GetString("output"); path != "" {
		return atomicfile.Write(path, write)
	}
	return write(env.stdout)
}

func exportNames(formats []export.Format) []string {
	var names []string
	for _, f := range formats {
		names = append(names, f.Name)
	}
	return names
}

// withContainers returns the names of the formats that name containers.
func withContainers(separator string) string {
	some := slices.DeleteFunc(export.Formats(), func(f export.Format) bool { return !f.Containers })
	return strings.Join(exportNames(some), separator)
}

func choices() []string {
	var words []string
	for _, c := range export.Choices() {
		words = append(words, string(c))
	}
	return words
}

// containerName matches the names that Docker accepts.
var containerName = regexp.MustCompile(`^[a-zA-Z0-9][a-zA-Z0-9_.-]*$`)
