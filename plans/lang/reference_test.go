package lang

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"plan/internal/golden"
	"plan/plans/diag"
)

const manual = "../../docs/language.md"

func TestManualIsCurrent(t *testing.T) {
	head, err := os.ReadFile("reference_head.md")
	if err != nil {
		t.Fatal(err)
	}
	golden.Compare(t, manual, []byte(string(head)+Reference()))
}

func TestBlocksOfTheManualLoad(t *testing.T) {
	text, err := os.ReadFile(manual)
	if err != nil {
		t.Fatal(err)
	}
	sources, files := shown(string(text), "hcl"), map[string]string{"cat.png": "\x89PNG"}
	for language, name := range map[string]string{"python": "locustfile.py", "csv": "users.csv", "jsonl": "items.jsonl"} {
		blocks := shown(string(text), language)
		if len(blocks) != 1 || len(sources) < 7 {
			t.Fatalf("the manual shows %d plans and %d of %s", len(sources), len(blocks), name)
		}
		files[name] = blocks[0]
	}
	for i, source := range sources {
		file := writePlan(t, source)
		for name, content := range files {
			if err := os.WriteFile(filepath.Join(filepath.Dir(file), name), []byte(content), 0o644); err != nil {
				t.Fatal(err)
			}
		}
		loadsClean(t, file, i)
	}
}

// shown lists the blocks of a language that a text in Markdown shows.
func shown(text, language string) []string {
	var list []string
	for _, block := range strings.Split(text, "```"+language+"\n")[1:] {
		source, _, _ := strings.Cut(block, "```")
		list = append(list, source)
	}
	return list
}

func TestExamplesLoad(t *testing.T) {
	for _, file := range []string{"../minimal-resources.hcl", "../smoke.hcl"} {
		loadsClean(t, file, file)
	}
}

// loadsClean holds a plan to having neither errors nor warnings, and to being
// in its one format.
func loadsClean(t *testing.T, file string, name any) {
	t.Helper()
	p, diags := Load(file, Options{Version: "0.1.0"})
	if p == nil {
		t.Fatalf("%v does not load:\n%v", name, diags)
	}
	for _, d := range diags {
		if d.Severity != diag.Note {
			t.Errorf("%v: %v", name, d)
		}
	}
	source, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	formatted, diags := Format(source, file)
	if diags.HasErrors() || string(formatted) != string(source) {
		t.Errorf("%v is not in its format: %v", name, diags)
	}
}

func writePlan(t *testing.T, source string) string {
	t.Helper()
	file := filepath.Join(t.TempDir(), "plan.hcl")
	if err := os.WriteFile(file, []byte(source), 0o644); err != nil {
		t.Fatal(err)
	}
	return file
}

func BenchmarkLoad(b *testing.B) {
	for b.Loop() {
		Load("../minimal-resources.hcl", Options{})
	}
}
