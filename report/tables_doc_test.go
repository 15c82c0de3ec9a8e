package report

import (
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// TestEveryColumnIsExplained: docs/report.md has a row for each column of a
// ramp's table but the first, which is what the table is about.
func TestEveryColumnIsExplained(t *testing.T) {
	text, err := os.ReadFile("../docs/report.md")
	if err != nil {
		t.Fatal(err)
	}
	_, rows, found := strings.Cut(string(text), "| column | meaning |\n|---|---|\n")
	if !found {
		t.Fatal("docs/report.md has no table of columns")
	}
	rows, _, _ = strings.Cut(rows, "\n\n")
	var explained []string
	for row := range strings.Lines(rows) {
		explained = append(explained, strings.Fields(strings.Split(row, "|")[1])...)
	}
	var heads []string
	for _, c := range loadColumns()[1:] {
		heads = append(heads, c.head)
		if !slices.Contains(explained, c.head) && !strings.Contains(rows, "| "+c.head+" |") {
			t.Errorf("docs/report.md does not explain the column %s", c.head)
		}
	}
	for _, spare := range spareColumns {
		if !slices.Contains(heads, spare) {
			t.Errorf("%s may give way on a narrow terminal, and is no column", spare)
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
				if !strings.Contains(string(table), "Write: "+f.Name.Name+"}") {
					t.Errorf("%s has no row in formats.go", f.Name.Name)
				}
			}
		}
	}
	if found != len(formats) {
		t.Errorf("%d functions are called …Report, and there are %d formats: call each writer NAMEReport", found, len(formats))
	}
}
