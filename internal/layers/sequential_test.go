package layers

import (
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// TestPackagesWithoutTheRaceDetector: the packages that make test runs without it start no
// goroutine.
func TestPackagesWithoutTheRaceDetector(t *testing.T) {
	makefile, err := os.ReadFile("../../Makefile")
	if err != nil {
		t.Fatal(err)
	}
	found := regexp.MustCompile(`(?m)^sequential = (.*)$`).FindSubmatch(makefile)
	if found == nil {
		t.Fatal("the Makefile has no variable sequential")
	}
	sequential := regexp.MustCompile(strings.ReplaceAll(string(found[1]), "$$", "$"))
	checked := 0
	for _, s := range list(t) {
		if !sequential.MatchString(s.ImportPath) {
			continue
		}
		files, err := filepath.Glob(filepath.Join("../..", inside(s.ImportPath), "*.go"))
		if err != nil {
			t.Fatal(err)
		}
		for _, file := range files {
			for _, place := range goroutines(t, file) {
				t.Errorf("%s starts a goroutine: take %s out of sequential in the Makefile", place, s.ImportPath)
			}
		}
		checked++
	}
	if checked < 10 {
		t.Errorf("sequential in the Makefile has %d packages", checked)
	}
	if len(goroutines(t, "../../agent/divided.go")) == 0 {
		t.Error("a goroutine is not found")
	}
}

// goroutines returns where a file starts goroutines: by go, or by a method Go.
func goroutines(t *testing.T, file string) (places []string) {
	t.Helper()
	set := token.NewFileSet()
	parsed, err := parser.ParseFile(set, file, nil, parser.SkipObjectResolution)
	if err != nil {
		t.Fatal(err)
	}
	ast.Inspect(parsed, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.GoStmt:
			places = append(places, set.Position(n.Pos()).String())
		case *ast.CallExpr:
			if method, is := n.Fun.(*ast.SelectorExpr); is && method.Sel.Name == "Go" {
				places = append(places, set.Position(n.Pos()).String())
			}
		}
		return true
	})
	return places
}
