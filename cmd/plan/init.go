package main

import (
	_ "embed"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"github.com/spf13/cobra"

	"plan/internal/host"
	"plan/internal/units"
	"plan/plans/compose"
	"plan/report"
	"plan/runner"
)

// starter is the plan that init writes without a Compose file.
//
//go:embed starter.hcl
var starter []byte

// standardOutput is the value of --output for the standard output.
const standardOutput = "-"

func initCommand(env environment) *cobra.Command {
	cmd := &cobra.Command{
		Use: "init", Short: "Write a first plan, from a Compose file if there is one", Args: cobra.NoArgs,
		Long: `init turns a Compose file into a plan that searches for the least memory of the
API and ramps its users. It lists what it left out and why, on the terminal and in
comments. It reads the file as Compose does: variables come from the environment
and from .env. A secret becomes a variable; its value is not written.

Without --from it reads the compose.yaml, compose.yml, docker-compose.yml or
docker-compose.yaml of this folder, with its override file, as Compose does. If
there is none, or with --from "", it writes a small plan to fill in. It uses no
engine and no network.`,
		Example: "  plan init --from compose.yaml --service api\n  plan init --output - > plan.hcl",
		RunE: func(cmd *cobra.Command, _ []string) error {
			output, _ := cmd.Flags().GetString("output")
			force, _ := cmd.Flags().GetBool("force")
			service, _ := cmd.Flags().GetString("service")
			var files []string
			if !cmd.Flags().Changed("from") {
				files = compose.Find(".")
			} else if files, _ = cmd.Flags().GetStringArray("from"); len(files) == 1 && files[0] == "" {
				files = nil
			}
			_, missing := os.Stat(output)
			switch {
			case output != standardOutput && !force && missing == nil:
				return fmt.Errorf("%s is there already: name another file with --output, or write over it with --force", output)
			case len(files) == 0 && service != "":
				return errors.New("--service names a service of a Compose file, and there is none here: name one with --from")
			case len(files) == 0:
				return writeDraft(cmd, env, output, &draft{text: starter})
			}
			var memory units.Bytes // of this machine; 0 where it cannot be read
			if reader, err := host.NewReader(); err == nil {
				if figures, err := reader.Read(); err == nil {
					memory = units.Bytes(figures.MemoryTotal)
				}
			}
			made, err := compose.Convert(cmd.Context(), compose.Options{
				Files: files, Environ: env.environ, Service: service, Output: output, HostMemory: memory,
			})
			if err != nil {
				return err
			}
			return writeDraft(cmd, env, output, &draft{
				text: made.Text, files: made.Files, fromFolder: !cmd.Flags().Changed("from"), compose: made,
			})
		},
	}
	flags := cmd.Flags()
	flags.StringArray("from", nil, "Compose `FILE`; several are merged, as with docker compose -f")
	flags.String("output", "plan.hcl", "`FILE` to write, or - for the standard output")
	flags.String("service", "", "`NAME` of the API in the Compose file")
	flags.Bool("force", false, "overwrite an existing file")
	_ = cmd.MarkFlagFilename("from", "yaml", "yml") // the flags are there
	_ = cmd.MarkFlagFilename("output", "hcl")
	return cmd
}

// draft is a plan to be written; made is nil without a Compose file.
type draft struct {
	text       []byte
	files      []string
	fromFolder bool // the files are those of this folder
	compose    *compose.Draft
}

// writeDraft writes the plan and prints what it is. A plan that is not valid, since
// the Compose file is not, is written too, with its diagnostics on standard error.
func writeDraft(cmd *cobra.Command, env environment, output string, d *draft) error {
	say := &initPrinter{out: env.stdout, notesTo: env.stderr, output: output, width: width(env.stderr)}
	if output == standardOutput {
		say.out = env.stderr
	}
	color, err := colored(cmd, env, say.notesTo)
	if err != nil {
		return err
	}
	say.bold = func(text string) string {
		if !color {
			return text
		}
		return "\x1b[1m" + text + "\x1b[0m"
	}
	if output == standardOutput {
		if _, err := env.stdout.Write(d.text); err != nil {
			return err
		}
		say.draft(d)
		return nil
	}
	if err := os.MkdirAll(filepath.Dir(output), 0o777); err != nil {
		return err
	}
	if err := report.WriteFile(output, func(w io.Writer) error { _, err := w.Write(d.text); return err }); err != nil {
		return err
	}
	say.draft(d)
	if _, diags := loadPlan(cmd, env, output, true); diags.HasErrors() {
		fmt.Fprintf(env.stderr, "\n%s is written, but it is not valid yet:\n", output)
		if err := printDiagnostics(cmd, env, env.stderr, diags, "human"); err != nil {
			return err
		}
		return exit(runner.ExitUsage)
	}
	say.next(d)
	return nil
}
