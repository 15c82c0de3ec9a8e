package main

import (
	"cmp"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"github.com/spf13/cobra"

	"plan/cmd/plan/internal/draft"
	"plan/cmd/plan/internal/platform"
	"plan/internal/atomicfile"
	"plan/internal/host"
	"plan/internal/printable"
	"plan/internal/units"
	"plan/plans/compose"
	"plan/plans/lang"
	"plan/plans/request"
	"plan/runner"
)

func initCommand(env environment) *cobra.Command {
	cmd := &cobra.Command{
		Use: "init", Short: "Write a first plan, from a Compose file and requests", Args: cobra.NoArgs,
		Long: `init turns a Compose file into a plan that searches for the least memory of the
API and ramps its users. It lists what it left out and why, on the terminal and in
comments. It reads the file as Compose does: variables come from the environment
and from .env, or the file of --env-file. A secret becomes a variable; its value is
not written. Files of env_file are read when the plan runs.

Without --from it reads the compose.yaml, compose.yml, docker-compose.yml or
docker-compose.yaml of this folder, with its override file, as Compose does. If
there is none, or with --from "", it writes a small plan to fill in. Without
--probe it uses no engine and no network.

--from also reads what users ask, and writes it as the scenario of the plan: an
OpenAPI document, curl command lines (a file, or the text itself), a HAR file, or a
k6 script. The script is not run; init lists what it cannot translate. A Compose file
has no requests: without one of these, and without --probe, the scenario is a guess.

--probe starts the API of a Compose file and its helpers once, on the engine. It
requests an OpenAPI document (/openapi.json, /docs), then the paths of KServe (/v2)
and of MLflow (/ping, /invocations). It removes everything afterwards. It builds the
images first that the Compose file builds. If the probe fails, the plan is written with
the guess.`,
		Example: "  plan init --from compose.yaml --service api\n  plan init --from compose.yaml --from openapi.json\n" +
			"  plan init --from \"curl http://localhost:8000/predict --json '{\\\"x\\\": 1}'\"\n  plan init --output - > " +
			"plan.hcl",
		RunE: func(cmd *cobra.Command, _ []string) error {
			output, _ := cmd.Flags().GetString("output")
			force, _ := cmd.Flags().GetBool("force")
			service, _ := cmd.Flags().GetString("service")
			variables, _ := cmd.Flags().GetString("env-file")
			asked, _ := cmd.Flags().GetBool("probe")
			var files []string
			if !cmd.Flags().Changed("from") {
				files = compose.Find(".")
			} else if files, _ = cmd.Flags().GetStringArray("from"); len(files) == 1 && files[0] == "" {
				files = nil
			}
			if _, missing := os.Stat(output); output != draft.StandardOutput && !force && missing == nil {
				return fmt.Errorf("%s already exists: name another file with --output, or overwrite it with --force", output)
			}
			sources, err := draft.Read(files)
			switch {
			case err != nil:
				return err
			case len(sources.Compose) == 0 && service != "":
				return errors.New("--service names a service of a Compose file, and there is none here: name one with --from")
			case len(sources.Compose) == 0 && variables != "":
				return errors.New("--env-file names variables of a Compose file, and there is none here: name one with --from")
			case asked && sources.Requests != nil:
				return fmt.Errorf("--probe asks the API for its requests, and --from %s gives them: remove one of them",
					sources.Requests.From)
			case asked && len(sources.Compose) == 0:
				return errors.New("--probe starts the API of a Compose file, and there is none here: name one with --from")
			case len(sources.Compose) == 0:
				made, err := draft.Starter(sources.Requests)
				if err != nil {
					return err
				}
				return writeDraft(cmd, env, output, made)
			}
			var memory units.Bytes // of this machine; 0 where it cannot be read
			if reader, err := host.NewReader(); err == nil {
				if figures, err := reader.Read(); err == nil {
					memory = units.Bytes(figures.MemoryTotal)
				}
			}
			options := compose.Options{
				Files: sources.Compose, Environ: env.environ, EnvFile: variables, Service: service, Output: output,
				HostMemory: memory,
			}
			made, err := draft.Convert(cmd.Context(), options, sources.Requests)
			if err != nil {
				return err
			}
			if !asked {
				return writeDraft(cmd, env, output, made)
			}
			plan, err := draftPlan(cmd, env, made, output)
			if err != nil {
				return err
			}
			var p probed
			var failed error
			if made.Builds() {
				failed = buildImages(cmd.Context(), env, plan)
			}
			if failed == nil {
				p, failed = startAndProbe(cmd, env, plan)
			}
			if errors.Is(failed, exit(runner.ExitInterrupted)) {
				return failed
			}
			if failed != nil {
				p.unknown = errors.New("the probe failed")
			}
			if stay := requestsStay(made.Driven(), p.requests, p.unknown); stay != "" {
				fmt.Fprintf(env.stderr, "plan: the requests stay %s\n", printable.Text(stay))
			} else if made, err = draft.Convert(cmd.Context(), options, p.requests); err != nil {
				return err
			}
			return cmp.Or(writeDraft(cmd, env, output, made), failed)
		},
	}
	flags := cmd.Flags()
	flags.StringArray("from", nil,
		"Compose `FILE` (several are merged) or Dockerfile; or requests: OpenAPI, curl, HAR, k6")
	flags.String("output", "plan.hcl", "`FILE` to write, or - for the standard output")
	flags.String("service", "", "`NAME` of the API in the Compose file")
	flags.String("env-file", "", "`FILE` of variables of the Compose file, instead of .env beside it")
	flags.Bool("probe", false, "start the API and its helpers once, to find its requests")
	flags.Bool("force", false, "overwrite an existing file")
	_ = cmd.MarkFlagFilename("from", "yaml", "yml", "json", "har", "js", "sh") // the flags are there
	_ = cmd.MarkFlagFilename("output", "hcl")
	return cmd
}

// requestsStay returns which requests a plan keeps after a probe, and why; "" where those that
// were found replace them.
func requestsStay(driven bool, found *request.Source, unknown error) string {
	which := map[bool]string{false: "a guess: ", true: "those of the locustfile: "}[driven]
	switch {
	case found == nil:
		return which + unknown.Error()
	case !replaces(found, driven) && found.Refused != "":
		return which + "the API does not answer those of " + found.From + ": " + found.Refused
	case !replaces(found, driven):
		return which + "those of " + found.From + " are a guess"
	}
	return ""
}

// replaces reports whether requests that a probe found replace those of a plan, which is
// driven by a locustfile or not: neither a guess nor what the API does not answer replaces what users do.
func replaces(found *request.Source, driven bool) bool {
	return !driven || found.Guess == "" && found.Refused == ""
}

// writeDraft writes the plan and prints what it is. A plan that is not valid, since
// the Compose file is not, is written too, with its diagnostics on standard error.
func writeDraft(cmd *cobra.Command, env environment, output string, d *draft.Draft) error {
	say := &draft.Printer{
		Out: env.stdout, NotesTo: env.stderr, Width: width(env.stderr), Output: output,
		FromFolder: !cmd.Flags().Changed("from"),
	}
	if output == draft.StandardOutput {
		say.Out = env.stderr
	}
	color, err := colored(cmd, env, say.NotesTo)
	if err != nil {
		return err
	}
	say.Bold = func(text string) string {
		if !color {
			return text
		}
		return "\x1b[1m" + text + "\x1b[0m"
	}
	if err := os.MkdirAll(filepath.Dir(output), 0o777); err != nil {
		return err
	}
	_, diags := lang.LoadText(output, d.Text, lang.Options{
		Environ: env.environ, Version: version, Lenient: true, Logins: platform.Logins(),
	})
	name := output
	if output == draft.StandardOutput {
		name = "the plan"
		_, err = env.stdout.Write(d.Text)
	} else {
		err = atomicfile.Write(output, func(w io.Writer) error { _, err := w.Write(d.Text); return err })
	}
	if err != nil {
		return err
	}
	say.Draft(d)
	if diags.HasErrors() {
		fmt.Fprintf(env.stderr, "\n%s is written, but it is not valid yet:\n", name)
		return refuse(cmd, env, diags, runner.ExitUsage)
	}
	if output != draft.StandardOutput {
		say.Next(d)
	}
	return nil
}
