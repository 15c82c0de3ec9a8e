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
	"cmd/plan/main.go main":                                 "stderr: the Writer of execute. stdout: see the functions that write there",
	"cmd/plan/command.go execute":                           "what the functions below write; of cobra the help, which has no values",
	"cmd/plan/command.go command":                           "the version",
	"cmd/plan/internal/inside/inside.go Commands":           "the protocol: the Mask of the agent; the copy of a volume, which is as secret as the volume; numbers of the kernel",
	"cmd/plan/clean.go clean":                               "names on the engine, where values of secrets are not written",
	"cmd/plan/compare.go compareCommand":                    "values of journals",
	"cmd/plan/explain.go explainCommand":                    "the list of codes",
	"cmd/plan/export.go exportRun":                          "values of the journal",
	"cmd/plan/fmt.go formatFile":                            "the plan, which has no values of secrets",
	"cmd/plan/init.go writeDraft":                           "as atomicfile Write",
	"cmd/plan/loadurl.go loadURL":                           "a load without a plan has no secrets",
	"cmd/plan/loadurl.go runLoad":                           "a load without a plan has no secrets",
	"cmd/plan/quick_address.go address":                     "a load without a plan has no secrets",
	"cmd/plan/report.go reportCommand":                      "values of the journal",
	"cmd/plan/report.go verifyRun":                          "values of the journal",
	"cmd/plan/run.go runAndReport":                          "values of the journal",
	"cmd/plan/runs.go confirmed":                            "a question",
	"cmd/plan/runs.go listRuns":                             "values of journals",
	"cmd/plan/sample.go sampleCommand":                      "the service's own log, in its container",
	"cmd/plan/sample.go sampleImageCommand":                 "the name of an image of the command",
	"cmd/plan/show.go showCommand":                          "journal.Filter in report/show",
	"cmd/plan/validate.go validate":                         "Finish in plans/diag",
	"cmd/plan/internal/outputs/files.go Summary":            "values of the journal",
	"cmd/plan/internal/outputs/requests.go Open":            "journal.Filter in RecordExchanges",
	"runner/journal/write.go Create":                        "journal.Filter in Append",
	"runner/journal/read.go open":                           "for Open: journal.Filter in Append",
	"internal/atomicfile/atomicfile.go Write":               "values of the journal; a plan of init, which has no values of secrets",
	"internal/atomicfile/atomicfile.go Writable":            "as Write",
	"internal/lock/lock.go Take":                            "writes nothing",
	"containers/docker/copytree.go file":                    "the copy of a volume, which is as secret as the volume",
	"containers/cgroup/make.go Make":                        "words of the kernel",
	"containers/cgroup/make.go Reclaim":                     "words of the kernel",
	"containers/cgroup/oom.go watchChild":                   "words of the kernel",
	"containers/cgroup/kernellog.go OpenKernelLog":          "reads",
	"containers/docker/evict.go evict":                      "reads",
	"containers/docker/evict.go evictBelow":                 "reads",
	"containers/docker/images/dockerfile.go buildByCommand": "Mask.Stream in front of what it shows; its arguments in the environment are the values",
	"inference/sample/memory.go writeShared":                "zeros",
	"inference/sample/worker.go startWorker":                "the service's own log, in its container",
	"inference/sample/processes.go supervise":               "the service's own log, in its container",
}

// outputs are the names of what opens or is something to write to: those of packages, and with "" those of any value,
// such as the standard output of the command or of one that it runs. The standard error is the Writer of execute.
var outputs = map[string][]string{
	"os":   {"Create", "OpenFile", "WriteFile", "CreateTemp", "Stdout", "Stderr"},
	"unix": {"Open", "Openat", "Openat2"},
	"":     {"stdout", "Stdout", "OutOrStdout"},
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
			x, _ := s.X.(*ast.Ident)
			if slices.Contains(outputs[""], s.Sel.Name) || x != nil && slices.Contains(outputs[x.Name], s.Sel.Name) {
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
	for _, root := range []string{"agent", "cmd", "containers", "engine", "inference", "internal", "plans", "quick", "report", "runner"} {
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
