package main

import (
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"plan/internal/english"
	"plan/plans"
	"plan/report"
	"plan/report/html"
	"plan/runner"
	"plan/runner/journal"
)

// formats are all forms in which a run is written.
func formats() []report.Format { return slices.Concat(report.Formats(), html.Formats()) }

// reportFile is a report that was asked for.
type reportFile struct {
	format report.Format
	place  string
}

func reportFlag(cmd *cobra.Command) {
	var forms, offers []string
	for _, f := range formats() {
		forms = append(forms, fmt.Sprintf("%s (%s)", f.Form(), f.Doc))
		offers = append(offers, cobra.CompletionWithDesc(f.Name+"=", f.Doc))
	}
	cmd.Flags().StringArray("report", nil, "also write a report to `FORMAT=PATH`: "+english.Or(forms)+"; may be repeated")
	completeWith(cmd, "report", offers...)
}

// plannedReports returns the reports that a plan asks for, and an error for files
// that cannot be written.
func plannedReports(p *plans.Plan) ([]reportFile, error) {
	var files []reportFile
	for _, r := range p.Reports {
		i := slices.IndexFunc(formats(), func(f report.Format) bool { return f.Name == r.Format })
		f := reportFile{formats()[i], r.Path} // package lang refuses other names
		if err := f.format.Writable(f.place); err != nil {
			return nil, fmt.Errorf("report %q: %w", r.Format, err)
		}
		files = append(files, f)
	}
	return files, nil
}

// reportFiles reads format=place, and tries whether the files can be written.
func reportFiles(cmd *cobra.Command) ([]reportFile, error) {
	asked, _ := cmd.Flags().GetStringArray("report")
	var names, forms []string
	for _, f := range formats() {
		names = append(names, f.Name)
		forms = append(forms, f.Form())
	}
	var files []reportFile
	for _, text := range asked {
		name, place, _ := strings.Cut(text, "=")
		i := slices.Index(names, name)
		if i < 0 || place == "" {
			return nil, unknownWordError("report", text, name, names, forms)
		}
		f := reportFile{formats()[i], place}
		if err := f.format.Writable(place); err != nil {
			return nil, fmt.Errorf("--report %s: %w", text, err)
		}
		files = append(files, f)
	}
	return files, nil
}

// writeReports gives the exit code of a run whose reports could not be written.
func writeReports(env environment, record journal.Run, files []reportFile) int {
	code := runner.ExitMet
	for _, f := range files {
		if err := f.format.Save(f.place, record); err != nil {
			fmt.Fprintf(env.stderr, "plan: the report was not written: %v\n", err)
			code = runner.ExitEnvironment
		}
	}
	return code
}

// appendSummary appends the Markdown of a run to a file of a GitHub workflow; "" is
// no file.
func appendSummary(path string, record journal.Run) (err error) {
	if path == "" {
		return nil
	}
	file, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_APPEND, 0o644)
	if err != nil {
		return err
	}
	return errors.Join(report.Markdown(file, record), file.Close())
}
