package outputs

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"plan/plans"
	"plan/report/formats"
	"plan/runner/journal"
)

// TestEveryFormatCanBePlanned: a plan can ask for each format of the command line.
func TestEveryFormatCanBePlanned(t *testing.T) {
	for _, f := range Formats() {
		files, err := Planned(&plans.Plan{Reports: []plans.Report{{Format: f.Name, Path: filepath.Join(t.TempDir(), "r")}}})
		if err != nil || len(files) != 1 || files[0].Format.Name != f.Name {
			t.Errorf("%s: %v, %v", f.Name, files, err)
		}
	}
	if _, err := Planned(&plans.Plan{Reports: []plans.Report{{Format: "html", Path: "no/such/folder/r.html"}}}); err == nil {
		t.Error("a path that cannot be written is no error")
	}
}

func TestTheManualDescribesEveryFormat(t *testing.T) {
	manual, err := os.ReadFile("../../../../docs/report.md")
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range Formats() {
		if flag := "`plan run --report " + f.Form() + "`"; !strings.Contains(string(manual), flag) {
			t.Errorf("docs/report.md has no %s", flag)
		}
	}
}

func TestTheSummaryOfAStepIsAppended(t *testing.T) {
	path := filepath.Join(t.TempDir(), "summary.md")
	var stderr strings.Builder
	write := func(environ ...string) {
		Summary(&stderr, environ, func(f *os.File) error { return formats.Markdown(f, journal.Run{Plan: journal.Plan{Name: "least"}}) })
	}
	for range 2 {
		write("GITHUB_STEP_SUMMARY=" + path)
	}
	write()
	if stderr.Len() > 0 {
		t.Error(stderr.String())
	}
	text, err := os.ReadFile(path)
	if err != nil || strings.Count(string(text), "## least\n") != 2 {
		t.Errorf("%v\n%s", err, text)
	}
	write("GITHUB_STEP_SUMMARY=" + filepath.Join(path, "nowhere"))
	if !strings.Contains(stderr.String(), "the summary of the step was not written") {
		t.Errorf("a file that cannot be written: %q", stderr.String())
	}
}
