package acceptance

import (
	"bytes"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/santhosh-tekuri/jsonschema/v6"
)

// TestEveryKindOfStage runs a search of CPUs, a ramp and a check on an external
// network with a preflight.
//
// The truth is known: a prediction takes 60 ms of CPU, and a quota gives its
// share of each period of 100 ms. With 0.05 CPU it gets 5 ms of each of twelve
// periods, and takes more than 1 s, on whatever machine; 0.55 CPU give almost
// all that it needs in one, and a busy machine may take fifteen times as long
// before that is above 0.9 s. 20 users who think for 0.4 s ask for some 40
// predictions a second, and 0.55 CPU do 9: they are too many.
func TestEveryKindOfStage(t *testing.T) {
	needEngine(t)
	t.Parallel()
	net := network(t)
	container(t, "--network", net, "--network-alias", "model", sample(t), "--memory", "10M")
	dir := t.TempDir()
	r := run(t, dir, planArgs(t, dir, "testdata/whole.hcl", "image="+sample(t), "network="+net)...)
	read := readReport(t, dir, r)
	if r.code != 0 || len(read.Stages) != 3 {
		t.Fatalf("exit %d\n%s%s", r.code, r.stdout, r.stderr)
	}
	if want := map[string]any{"cpus": 0.55, "users": 1.0}; !cmp.Equal(read.Outputs, want) {
		t.Errorf("outputs %v, want %v\n%s", read.Outputs, want, r.stdout)
	}
	for _, want := range []string{
		"0.55 CPU is the least: 0.55 passed, 0.05 failed.", "1 user held: 1 passed, 20 failed",
		"USERS REQUESTS OK/S", "STAGE", "check.starts",
	} {
		if !strings.Contains(r.stdout, want) {
			t.Errorf("%q is not printed:\n%s", want, r.stdout)
		}
	}
	docker(t, "network", "inspect", net)
}

// holdsToSchema checks a report against the schema in docs.
func holdsToSchema(t *testing.T, report []byte) {
	t.Helper()
	schema, err := jsonschema.NewCompiler().Compile(filepath.Join("..", "..", "docs", "report.schema.json"))
	if err != nil {
		t.Fatal(err)
	}
	document, err := jsonschema.UnmarshalJSON(bytes.NewReader(report))
	if err == nil {
		err = schema.Validate(document)
	}
	if err != nil {
		t.Errorf("the report is not as docs/report.schema.json says: %v", err)
	}
}
