package mask

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// writers are all functions that open something to write to, and by what the texts written there are masked.
var writers = map[string]string{
	"cmd/plan/main.go main": "stderr: the Writer of execute. stdout: values of the journal, of plan show and of " +
		"diagnostics, masked when they are made",
	"cmd/plan/internal/outputs/files.go Summary": "values of the journal",
	"cmd/plan/internal/outputs/requests.go Open": "journal.Filter in RecordExchanges",
	"runner/journal/write.go Create":             "journal.Filter in Append",
	"runner/journal/read.go open":                "for Open: journal.Filter in Append",
	"internal/atomicfile/atomicfile.go Write":    "values of the journal; a plan of init, which has no values of secrets",
	"internal/atomicfile/atomicfile.go Writable": "as Write",
	"internal/lock/lock.go Take":                 "writes nothing",
	"containers/docker/copytree.go file":         "the copy of a volume, which is as secret as the volume",
	"containers/cgroup/make.go Make":             "words of the kernel",
	"containers/cgroup/make.go Reclaim":          "words of the kernel",
	"containers/cgroup/oom.go watchChild":        "words of the kernel",
	"inference/sample/memory.go writeShared":     "zeros",
	"inference/sample/worker.go startWorker":     "the service's own log, in its container",
	"inference/sample/processes.go supervise":    "the service's own log, in its container",
}

// TestWritersAreListed: a new way out of the program needs a row with what masks it.
func TestWritersAreListed(t *testing.T) {
	found := map[string]bool{}
	eachFunction(t, func(name string, f *ast.FuncDecl) {
		ast.Inspect(f, func(n ast.Node) bool {
			s, ok := n.(*ast.SelectorExpr)
			if !ok {
				return true
			}
			if x, ok := s.X.(*ast.Ident); ok && x.Name == "os" && slices.Contains(
				[]string{"Create", "OpenFile", "WriteFile", "CreateTemp", "Stdout", "Stderr"}, s.Sel.Name) {
				found[name] = true
			}
			return true
		})
	})
	for name := range found {
		if writers[name] == "" {
			t.Errorf("%s writes: add a row with what masks its texts", name)
		}
	}
	for name := range writers {
		if !found[name] {
			t.Errorf("%s writes nothing: remove its row", name)
		}
	}
}

// onlyTests are packages that no part of the command imports.
var onlyTests = []string{
	"internal/acceptance", "internal/bench", "internal/conformance", "internal/filled", "internal/golden", "internal/layers",
	"internal/mutants", "internal/referee", "internal/sbom", "internal/truth", "report/fixture",
}

// eachFunction calls f with every function of the command and the packages below it.
func eachFunction(t *testing.T, f func(name string, of *ast.FuncDecl)) {
	t.Helper()
	for _, root := range []string{"agent", "cmd", "containers", "engine", "inference", "internal", "plans", "report", "runner"} {
		err := filepath.WalkDir("../../"+root, func(path string, entry fs.DirEntry, err error) error {
			if err != nil {
				return err
			}
			name := strings.TrimPrefix(filepath.ToSlash(path), "../../")
			switch {
			case entry.IsDir() && (entry.Name() == "testdata" || slices.Contains(onlyTests, name)):
				return filepath.SkipDir
			case entry.IsDir() || !strings.HasSuffix(name, ".go") || strings.HasSuffix(name, "_test.go"):
				return nil
			}
			file, err := parser.ParseFile(token.NewFileSet(), path, nil, parser.SkipObjectResolution)
			if err != nil {
				return err
			}
			for _, d := range file.Decls {
				if fn, ok := d.(*ast.FuncDecl); ok {
					f(fmt.Sprintf("%s %s", name, fn.Name.Name), fn)
				}
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	}
}
