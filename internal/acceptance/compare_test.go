package acceptance

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"
)

// TestCompareRuns: five runs of one service are no regression, whichever two of them are
// compared, and one that needs a step of 100M more is.
func TestCompareRuns(t *testing.T) {
	needEngine(t)
	t.Parallel()
	dir, image := t.TempDir(), ownSample(t)
	runs := func() []string {
		folders, _ := filepath.Glob(filepath.Join(dir, ".plan", "runs", "*"))
		for i, f := range folders {
			folders[i] = filepath.Base(f)
		}
		return folders
	}
	for range 5 {
		if r := run(t, dir, searchArgs(t, dir, "image="+image, `command=["--memory", "540M"]`, "runtime=2s", "from=400M", "to=900M")...); r.code != 0 {
			t.Fatalf("exit %d\n%s%s", r.code, r.stdout, r.stderr)
		}
	}
	equal := runs()
	pairs := 0
	for i, first := range equal {
		for _, second := range equal[i+1:] {
			pairs++
			if r := run(t, dir, "compare", first, second); r.code != 0 || !strings.Contains(r.stdout, "no stage is worse") {
				t.Errorf("exit %d\n%s%s", r.code, r.stdout, r.stderr)
			}
		}
	}
	if pairs != 10 {
		t.Errorf("%d pairs", pairs)
	}
	if r := run(t, dir, searchArgs(t, dir, "image="+image, `command=["--memory", "640M"]`, "runtime=2s", "from=400M", "to=900M")...); r.code != 0 {
		t.Fatalf("exit %d\n%s%s", r.code, r.stdout, r.stderr)
	}
	worse := runs()[5]
	for _, first := range equal {
		if r := run(t, dir, "compare", first, worse); r.code != 1 || !strings.Contains(r.stdout, "Worse: 1 of 1 stage.") {
			t.Errorf("exit %d\n%s%s", r.code, r.stdout, r.stderr)
		}
	}
}

// TestMachineFormats: the lines on the standard output and those of requests are valid by
// their schemas, and there is a line for each request.
func TestMachineFormats(t *testing.T) {
	needEngine(t)
	t.Parallel()
	dir := t.TempDir()
	args := append(searchArgs(t, dir, "image="+sample(t), `command=["--memory", "540M"]`), "--json", "--report", "requests=requests.jsonl", "--report", "locust-csv=load", "--report", "html=page.html")
	r := run(t, dir, args...)
	read := readReport(t, dir, r)
	if r.code != 0 || !strings.Contains(r.stderr, "is the least") {
		t.Fatalf("exit %d\n%s%s", r.code, r.stdout, r.stderr)
	}
	lines := validLines(t, "lines.schema.json", r.stdout)
	if again := run(t, dir, "report", "--json"); again.stdout != r.stdout {
		t.Errorf("the journal gives other lines:\n%s\n%s", again.stdout, r.stdout)
	}
	text, err := os.ReadFile(filepath.Join(dir, "requests.jsonl"))
	if err != nil {
		t.Fatal(err)
	}
	requests := validLines(t, "requests.schema.json", string(text))
	sent := 0
	for _, line := range lines {
		var l struct {
			Trial struct {
				Load struct{ Requests int } `json:"load"`
			} `json:"trial"`
		}
		if err := json.Unmarshal(line, &l); err != nil {
			t.Fatal(err)
		}
		sent += l.Trial.Load.Requests
	}
	if len(requests) != sent || sent == 0 {
		t.Errorf("%d lines of %d requests", len(requests), sent)
	}
	if files, _ := filepath.Glob(filepath.Join(dir, "load-search.memory-*_stats.csv")); len(files) == 0 || len(files) > len(read.Stages[0].Trials) {
		t.Errorf("files of Locust: %v", files)
	}
}

// validLines checks each line against a schema in docs.
func validLines(t *testing.T, schema, text string) [][]byte {
	t.Helper()
	compiled, err := jsonschema.NewCompiler().Compile(filepath.Join("..", "..", "docs", schema))
	if err != nil {
		t.Fatal(err)
	}
	lines := bytes.Split(bytes.TrimSuffix([]byte(text), []byte("\n")), []byte("\n"))
	for _, line := range lines {
		value, err := jsonschema.UnmarshalJSON(bytes.NewReader(line))
		if err == nil {
			err = compiled.Validate(value)
		}
		if err != nil {
			t.Errorf("%s: %v\n%s", schema, err, line)
		}
	}
	return lines
}
