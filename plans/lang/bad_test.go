package lang

import (
	"bytes"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/txtar"

	"plan/internal/golden"
	"plan/internal/units"
	"plan/plans/check"
	"plan/plans/diag"
)

// testHost is the machine that host checks are tried on.
var testHost = check.Host{
	Memory: 24 * units.GiB, CPUs: 2000, MemoryLimit: true, SwapLimit: true,
	Networks:     []string{"bridge", "host", "none", "proyecto-2_default"},
	Volumes:      []string{"proyecto-2_models", "proyecto-2_rows"},
	Images:       []string{"fast-api-mlflow:latest", "redis:7.2", "redis:7.4", "sha256:" + strings.Repeat("ab", 32)},
	Missing:      []string{"/srv/models", "/srv/api", "/srv/model/Dockerfile"},
	Ports:        map[int]string{8000: "the container web", 5000: ""},
	Registries:   []string{"ghcr.io"},
	Healthchecks: map[string]time.Duration{"redis:7.2": 90 * time.Second, "redis:7.4": 30 * time.Second},
	OpenFiles:    1024, LocalPorts: 28232,
}

// testCase is what a plan is loaded with.
type testCase struct {
	options Options
	host    *check.Host
}

// readCase reads lines such as "# with: --var users=5" at the head of a plan.
func readCase(t *testing.T, source []byte) testCase {
	t.Helper()
	c := testCase{options: Options{Version: "0.1.0", Reports: []string{"json", "html"}}}
	for line := range bytes.Lines(source) {
		with, ok := strings.CutPrefix(string(line), "# with: ")
		if !ok {
			break
		}
		c.apply(t, strings.TrimSpace(with))
	}
	return c
}

func (c *testCase) apply(t *testing.T, with string) {
	t.Helper()
	word, rest, _ := strings.Cut(with, " ")
	switch host := testHost; {
	case word == "--var":
		c.options.Vars = append(c.options.Vars, rest)
	case word == "--var-file":
		c.options.VarFiles = append(c.options.VarFiles, rest)
	case word == "lenient":
		c.options.Lenient = true
	case strings.Contains(word, "="):
		c.options.Environ = append(c.options.Environ, with)
	case word == "host":
		c.host = &host
	case word == "old-host":
		host.MemoryLimit, host.Leftovers = false, []string{"container plan-k3x-api-1", "network plan-k3x"}
		c.host = &host
	case word == "swap-host":
		host.SwapLimit = false
		c.host = &host
	default:
		t.Fatalf("%q is nothing to load a plan with", with)
	}
}

// diagnose loads the plan of an archive as it asks for, with the other files
// beside it. The note on trials and time is left out where it is not the point.
func diagnose(t *testing.T, archive string) diag.List {
	t.Helper()
	files, err := txtar.ParseFile(archive)
	if err != nil {
		t.Fatal(err)
	}
	home, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	t.Chdir(t.TempDir())
	defer t.Chdir(home)
	for _, f := range files.Files {
		if err := os.WriteFile(f.Name, f.Data, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	c := readCase(t, files.Files[0].Data)
	p, diags := Load("plan.hcl", c.options)
	if c.host != nil {
		if p == nil {
			t.Fatalf("the plan does not load: %v", diags)
		}
		diags = append(diags, c.host.Check(p)...)
	}
	return slices.DeleteFunc(diags, func(d diag.Diagnostic) bool {
		return d.Code == "P0601" && codeOf(archive) != "P0601"
	})
}

// codeOf is the code that a wrong plan is there for: the name of its folder.
func codeOf(archive string) string { return filepath.Base(filepath.Dir(archive)) }

// expect is an archive with another text in the place of what is expected.
func expect(t *testing.T, archive string, text []byte) []byte {
	t.Helper()
	files, err := txtar.ParseFile(archive)
	if err != nil {
		t.Fatal(err)
	}
	files.Files[len(files.Files)-1].Data = text
	return txtar.Format(files)
}

// TestWrongPlans: each archive of testdata/bad has a plan.hcl, the files beside
// it, and last what is expected to be said of it.
func TestWrongPlans(t *testing.T) {
	archives, err := filepath.Glob("testdata/bad/P*/*.txtar")
	if err != nil || len(archives) < 300 {
		t.Fatalf("there are %d wrong plans, %v", len(archives), err)
	}
	seen := map[string]bool{}
	for _, archive := range archives {
		t.Run(strings.TrimPrefix(archive, "testdata/bad/"), func(t *testing.T) {
			diags := diagnose(t, archive)
			if !slices.ContainsFunc(diags, func(d diag.Diagnostic) bool { return d.Code == codeOf(archive) }) {
				t.Errorf("it does not show %s: %v", codeOf(archive), diags)
			}
			var text bytes.Buffer
			if err := diags.Write(&text, "human", false); err != nil {
				t.Fatal(err)
			}
			golden.Compare(t, archive, expect(t, archive, text.Bytes()))
			for _, d := range diags {
				seen[d.Code] = true
			}
		})
	}
	for _, code := range diag.Codes() {
		if !seen[code] && code != "P0500" { // that one needs an error, not a file
			t.Errorf("no wrong plan shows %s", code)
		}
	}
}

func TestEveryCodeIsExplained(t *testing.T) {
	files, err := filepath.Glob("*.go")
	if err != nil {
		t.Fatal(err)
	}
	checks, err := filepath.Glob("../check/*.go")
	if err != nil {
		t.Fatal(err)
	}
	files = append(files, checks...)
	codes := diag.Codes()
	if !slices.IsSorted(codes) {
		t.Errorf("the codes are not in order: %v", codes)
	}
	used := map[string]bool{}
	for _, file := range files {
		source, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		for part := range strings.SplitSeq(string(source), `"P0`) {
			if !strings.HasSuffix(file, "_test.go") && len(part) > 3 && part[3] == '"' {
				used["P0"+part[:3]] = true
			}
		}
	}
	for code := range used {
		if text, ok := diag.Explain(code); !ok || strings.Count(text, "\n") < 3 {
			t.Errorf("%s is not explained: %q", code, text)
		}
	}
	for _, code := range codes {
		if !used[code] {
			t.Errorf("%s is explained, but nothing reports it", code)
		}
	}
}
