package compose_test

import (
	"bytes"
	"cmp"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	gocmp "github.com/google/go-cmp/cmp"

	"plan/internal/golden"
	"plan/internal/units"
	"plan/plans/compose"
	"plan/plans/diag"
	"plan/plans/lang"
)

// stacks are the folders of testdata, each with a Compose file as it is written
// for real, and the plan and notes that come of it.
var stacks = []struct {
	folder, file, service string
	environ               []string
	secrets               []string // texts that must not be in the plan or the notes
	lenient               bool     // a value must be given that has a form
}{
	{folder: "workshop"},
	{folder: "workshop-no-locustfile"},
	{folder: "postgres-redis", environ: []string{"SECRET_KEY=dont-tell"}, secrets: []string{"dont-tell", "hunter2", "sk_test_nobody"}},
	{folder: "mlflow-stack", file: "docker-compose.yml", secrets: []string{"minio123", "mlflow:mlflow@"}},
	{folder: "old-flask", file: "docker-compose.yml"},
	{folder: "gpu"},
	{folder: "replicas"},
	{folder: "host-mode", file: "compose.yml"},
	{folder: "extends"},
	{folder: "secrets", service: "api", secrets: []string{"abcdef123456", "letmein", "root-of-all", "another-token", "zyx987"}},
	{folder: "odd-names", service: "1st.model_api"},
	{folder: "profiles"},
	{folder: "urls", service: "api"},
	{folder: "variables", environ: []string{"HOME=/home/user", "PASSED=on", "HF_TOKEN=hf_nobody"}, secrets: []string{"hf_nobody"}, lenient: true},
}

func TestRealFiles(t *testing.T) {
	for _, s := range stacks {
		t.Run(s.folder, func(t *testing.T) {
			folder := filepath.Join("testdata", s.folder)
			draft, err := compose.Convert(t.Context(), compose.Options{
				Files: []string{filepath.Join(folder, cmp.Or(s.file, "compose.yaml"))}, Environ: s.environ, Service: s.service,
				Output: filepath.Join(folder, "plan.hcl"), HostMemory: 24 * units.GiB,
			})
			if err != nil {
				t.Fatal(err)
			}
			golden.Compare(t, filepath.Join(folder, "plan.hcl"), draft.Text)
			golden.Compare(t, filepath.Join(folder, "plan.notes"), []byte(notes(draft)))
			valid(t, filepath.Join(folder, "plan.hcl"), draft, s.environ, s.lenient)
			for _, secret := range s.secrets {
				if bytes.Contains(draft.Text, []byte(secret)) || strings.Contains(notes(draft), secret) {
					t.Errorf("%q is told", secret)
				}
			}
		})
	}
}

// notes prints what a draft says besides its text.
func notes(d *compose.Draft) string {
	var b strings.Builder
	fmt.Fprintf(&b, "services: %s\nvalues: %s\n", strings.Join(d.Services, " "), strings.Join(d.Values, " "))
	for _, n := range d.Notes {
		fmt.Fprintf(&b, "%s|%s|%s\n", n.Service, n.Word, n.Text)
	}
	return b.String()
}

// valid holds a plan to what a new user would do with it: validate, fmt, and,
// with a value for each variable, run. It may be warned of what is allowed, and of the
// short secrets of the Compose files here.
func valid(t *testing.T, path string, draft *compose.Draft, environ []string, lenient bool, allowed ...string) {
	t.Helper()
	formatted, diags := lang.Format(draft.Text, path)
	if diags.HasErrors() || !bytes.Equal(formatted, draft.Text) {
		t.Errorf("plan fmt changes it: %v\n%s", diags, gocmp.Diff(string(draft.Text), string(formatted)))
	}
	environ = slices.Clone(environ)
	for _, name := range draft.Values {
		environ = append(environ, "PLAN_VAR_"+name+"=given-value")
	}
	for _, o := range []lang.Options{{Lenient: true}, {Environ: environ, Lenient: lenient}} {
		plan, diags := lang.Load(path, o)
		for _, d := range diags {
			if d.Severity == diag.Error || d.Severity == diag.Warning && !slices.Contains(append(allowed, "P0207", "P0213", "P0438"), d.Code) {
				t.Errorf("%s[%s] %d: %s (%s)", d.Severity, d.Code, d.Start.Line, d.Summary, d.Help)
			}
		}
		stages := 2 + bytes.Count(draft.Text, []byte("\ncheck \"")) // a check has the load that Locust sets itself
		if plan != nil && (len(plan.Services) != len(draft.Services) || len(plan.Stages) != stages) {
			t.Errorf("%d services and %d stages of %v", len(plan.Services), len(plan.Stages), draft.Services)
		}
	}
}
