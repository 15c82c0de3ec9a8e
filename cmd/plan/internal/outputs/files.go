// Package outputs writes a run where a command line or a plan asks for it besides the
// terminal: reports, the requests of loads, the lines of the journal, the summary of a
// step. It knows nothing of how a run is run or printed for people.
package outputs

import (
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"plan/cmd/plan/internal/oneof"
	"plan/internal/english"
	"plan/internal/envfile"
	"plan/plans"
	"plan/report/formats"
	"plan/report/html"
	"plan/runner"
	"plan/runner/journal"
)

// Formats are all forms in which a run is written.
func Formats() []formats.Format { return slices.Concat(formats.All(), html.Formats()) }

// Names are those of all forms.
func Names() []string {
	var names []string
	for _, f := range Formats() {
		names = append(names, f.Name)
	}
	return names
}

// JournalFormats are those that are made from the journal alone.
func JournalFormats() []formats.Format {
	return slices.DeleteFunc(Formats(), func(f formats.Format) bool { return f.Live })
}

// File is a report of a run or of a comparison that was asked for.
type File[T any] struct {
	Format formats.FormatOf[T]
	Place  string
}

// AddFlag adds --report, which asks for files of the accepted formats.
func AddFlag[T any](cmd *cobra.Command, accepted []formats.FormatOf[T]) {
	var forms, offers []string
	for _, f := range accepted {
		forms = append(forms, fmt.Sprintf("%s (%s)", f.Form(), f.Doc))
		offers = append(offers, cobra.CompletionWithDesc(f.Name+"=", f.Doc))
	}
	cmd.Flags().StringArray("report", nil, "also write a report to `FORMAT=PATH`: "+english.Or(forms)+"; may be repeated")
	oneof.Complete(cmd, "report", offers...)
}

// Planned returns the reports that a plan asks for, and an error for files
// that cannot be written.
func Planned(p *plans.Plan) ([]File[journal.Run], error) {
	var files []File[journal.Run]
	for _, r := range p.Reports {
		i := slices.IndexFunc(Formats(), func(f formats.Format) bool { return f.Name == r.Format })
		f := File[journal.Run]{Formats()[i], r.Path} // package lang refuses other names
		if err := f.Format.Writable(f.Place); err != nil {
			return nil, fmt.Errorf("report %q: %w", r.Format, err)
		}
		files = append(files, f)
	}
	return files, nil
}

// Asked reads format=place of --report, and tries whether the files can be written.
func Asked[T any](cmd *cobra.Command, accepted []formats.FormatOf[T]) ([]File[T], error) {
	asked, _ := cmd.Flags().GetStringArray("report")
	var names, forms []string
	for _, f := range accepted {
		names = append(names, f.Name)
		forms = append(forms, f.Form())
	}
	var files []File[T]
	for _, text := range asked {
		name, place, _ := strings.Cut(text, "=")
		i := slices.Index(names, name)
		if i < 0 || place == "" {
			return nil, oneof.Unknown("report", text, name, names, forms)
		}
		f := File[T]{accepted[i], place}
		if err := f.Format.Writable(place); err != nil {
			return nil, fmt.Errorf("--report %s: %w", text, err)
		}
		files = append(files, f)
	}
	return files, nil
}

// Write writes the reports, and returns ExitEnvironment where one could not be written.
func Write[T any](stderr io.Writer, record T, files []File[T]) int {
	code := runner.ExitMet
	for _, f := range files {
		if f.Format.Live { // it is written already
			continue
		}
		if err := f.Format.Save(f.Place, record); err != nil {
			fmt.Fprintf(stderr, "plan: the report was not written: %v\n", err)
			code = runner.ExitEnvironment
		}
	}
	return code
}

// Printed prints why results could not be printed, and returns the exit code of a report
// that was not written; ExitMet without an error.
func Printed(stderr io.Writer, err error) int {
	if err == nil {
		return runner.ExitMet
	}
	fmt.Fprintf(stderr, "plan: the results could not be printed: %v\n", err)
	return runner.ExitEnvironment
}

// Summary appends to the summary of the step of a GitHub workflow, if the environment is
// that of one.
func Summary(stderr io.Writer, environ []string, write func(*os.File) error) {
	path, _ := envfile.Lookup(environ, "GITHUB_STEP_SUMMARY")
	if path == "" {
		return
	}
	file, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_APPEND, 0o644)
	if err == nil {
		err = errors.Join(write(file), file.Close())
	}
	if err != nil {
		fmt.Fprintf(stderr, "plan: the summary of the step was not written: %v\n", err)
	}
}
