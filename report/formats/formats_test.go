package formats

import (
	"bytes"
	"errors"
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"plan/internal/golden"
	"plan/report/fixture"
)

type full struct{}

func (full) Write([]byte) (int, error) { return 0, errors.New("no space left on device") }

func TestEveryFormatReportsWhatWasNotWritten(t *testing.T) {
	seen := map[string]bool{}
	for _, f := range All() {
		if f.Name == "" || strings.ContainsAny(f.Name, "= ") || seen[f.Name] || f.Doc == "" || (f.Write == nil && !f.Live) == (f.Files == nil) {
			t.Fatalf("the row of %q in the table of formats is not whole, or its name is taken", f.Name)
		}
		seen[f.Name] = true
		if f.Write == nil {
			continue
		}
		if err := f.Write(full{}, fixture.Whole()); err == nil {
			t.Errorf("%s: nothing was written, and no error", f.Name)
		}
	}
}

// TestEveryReportHasARow: a function that writes a run as a report is one of the
// formats.
func TestEveryReportHasARow(t *testing.T) {
	table, err := os.ReadFile("formats.go")
	if err != nil {
		t.Fatal(err)
	}
	files, err := filepath.Glob("*.go")
	if err != nil {
		t.Fatal(err)
	}
	found := 0
	for _, name := range files {
		if strings.HasSuffix(name, "_test.go") {
			continue
		}
		file, err := parser.ParseFile(token.NewFileSet(), name, nil, 0)
		if err != nil {
			t.Fatal(err)
		}
		for _, d := range file.Decls {
			if f, is := d.(*ast.FuncDecl); is && f.Recv == nil && !f.Name.IsExported() && strings.HasSuffix(f.Name.Name, "Report") {
				found++
				if !strings.Contains(string(table), ": "+f.Name.Name+"}") {
					t.Errorf("%s has no row in formats.go", f.Name.Name)
				}
			}
		}
	}
	if found != len(formats)-1 {
		t.Errorf("%d functions are called …Report, and there are %d formats besides that of requests: call each writer NAMEReport", found, len(formats)-1)
	}
}

// TestEveryFormatIsShown: each format that a run is written in is a golden file and has
// its lines in the manual of reports.
func TestEveryFormatIsShown(t *testing.T) {
	manual, err := os.ReadFile("../../docs/report.md")
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range formats {
		if !strings.Contains(string(manual), "--report "+f.Form()) {
			t.Errorf("docs/report.md does not describe --report %s", f.Form())
		}
		if f.Write == nil {
			continue
		}
		var b bytes.Buffer
		if err := f.Write(&b, fixture.Whole()); err != nil {
			t.Fatal(err)
		}
		golden.Compare(t, "testdata/whole."+f.Name, b.Bytes())
	}
}
