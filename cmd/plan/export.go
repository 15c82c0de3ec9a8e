package main

import (
	"fmt"
	"io"
	"regexp"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"plan/internal/english"
	"plan/report"
	"plan/report/export"
	"plan/runner"
	"plan/runner/journal"
)

func exportCommand(env environment) *cobra.Command {
	cmd := &cobra.Command{
		Use: "export [RUN]", Short: "Write the proved limits of a run for Compose, Docker or Kubernetes", Args: cobra.MaximumNArgs(1),
		Long: `export writes the limits that a run proved, and the trials that prove them as
comments. The formats are an override file for docker compose and
docker-compose, docker update commands, and a patch for Kubernetes with requests
and limits. Without RUN it exports the newest run under .plan/runs.

Exit code 1: the run proved no limits, or a trial contradicts them.`,
		Example: "  plan export --format compose --output limits.yaml\n  docker compose -f compose.yaml -f limits.yaml up -d",
		RunE:    func(cmd *cobra.Command, args []string) error { return exportRun(cmd, env, args) },
	}
	cmd.ValidArgsFunction = completeRuns
	flags := cmd.Flags()
	var offers []string
	for _, f := range export.Formats() {
		offers = append(offers, cobra.CompletionWithDesc(f.Name, f.Doc))
	}
	flags.String("format", "", strings.Join(exportNames(export.Formats()), ", "))
	completeWith(cmd, "format", offers...)
	flags.String("limits", choices()[0], "limits of a search: "+english.Or(choices()))
	completeWith(cmd, "limits", choices()...)
	flags.String("service", "", "`NAME` of the service to export (default all)")
	flags.String("container", "", "`NAME` of the container, for "+withContainers(" and ")+" (default the name of the service)")
	flags.String("output", "", "`FILE` to write (default the standard output)")
	return cmd
}

func exportRun(cmd *cobra.Command, env environment, args []string) error {
	formatIndex, err := flagWord(cmd, "format", exportNames(export.Formats()))
	if err != nil {
		return err
	}
	choiceIndex, err := flagWord(cmd, "limits", choices())
	if err != nil {
		return err
	}
	format, choice := export.Formats()[formatIndex], export.Choices()[choiceIndex]
	run, err := readRun(args)
	if err != nil {
		return err
	}
	services := export.ProvenLimits(run, choice)
	service, _ := cmd.Flags().GetString("service")
	if service != "" {
		asked := func(s journal.Stage) bool { return export.NameOf(s.Service) == export.NameOf(service) }
		if !slices.ContainsFunc(run.Stages, asked) {
			return fmt.Errorf("--service %q: no stage of the run %s asked about it", service, run.Run.ID)
		}
		services = slices.DeleteFunc(services, func(s export.Service) bool { return s.Name != export.NameOf(service) })
	}
	if i := slices.IndexFunc(services, func(s export.Service) bool { return s.Refusal != "" }); i >= 0 {
		fmt.Fprintf(env.stderr, "plan: no limits are written, as those of %s do not hold: %s\n", services[i].Name, services[i].Refusal)
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
	container, _ := cmd.Flags().GetString("container")
	switch {
	case container == "":
	case !format.Containers:
		return fmt.Errorf("--container is for %s: a file for %s names services", withContainers(" and "), format.Name)
	case len(services) > 1:
		return fmt.Errorf("--container names one container, and the run proved limits of %d services: choose one with --service", len(services))
	case !containerName.MatchString(container):
		return fmt.Errorf("--container %q is no name of a container", container)
	}
	write := func(w io.Writer) error { return format.Write(w, run, services, container) }
	if path, _ := cmd.Flags().GetString("output"); path != "" {
		return report.WriteFile(path, write)
	}
	return write(env.stdout)
}

// flagWord returns the index of a flag's value among the known words.
func flagWord(cmd *cobra.Command, flag string, known []string) (int, error) {
	given, _ := cmd.Flags().GetString(flag)
	i := slices.Index(known, given)
	switch {
	case i >= 0:
		return i, nil
	case given == "":
		return 0, fmt.Errorf("--%s is missing: write %s", flag, english.Or(known))
	}
	return 0, unknownWordError(flag, given, given, known, known)
}

// unknownWordError returns the error of a flag's unknown value, with the most similar word
// and all forms.
func unknownWordError(flag, given, word string, words, forms []string) error {
	help := "write " + english.Or(forms)
	if near := english.Near(word, words); near != "" && near != word {
		help = fmt.Sprintf("did you mean %q? %s", near, help)
	}
	return fmt.Errorf("--%s %q is not known: %s", flag, given, help)
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
