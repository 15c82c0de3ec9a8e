package journal

import (
	"encoding/json"
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"

	"plan/internal/metrics"
)

// constants of a type of words.go, by their values.
func constants(t *testing.T, of string) []string {
	t.Helper()
	file, err := parser.ParseFile(token.NewFileSet(), "words.go", nil, 0)
	if err != nil {
		t.Fatal(err)
	}
	var values []string
	ast.Inspect(file, func(n ast.Node) bool {
		spec, is := n.(*ast.ValueSpec)
		if !is || len(spec.Values) != 1 {
			return true
		}
		name, is := spec.Type.(*ast.Ident)
		literal, isLiteral := spec.Values[0].(*ast.BasicLit)
		if is && isLiteral && name.Name == of {
			value, err := strconv.Unquote(literal.Value)
			if err != nil {
				t.Fatal(err)
			}
			values = append(values, value)
		}
		return true
	})
	return values
}

// schema gives the words that docs/report.schema.json lists for a property of one of
// its definitions; null is none.
func schema(t *testing.T, definition, property string) []string {
	t.Helper()
	text, err := os.ReadFile("../../docs/report.schema.json")
	if err != nil {
		t.Fatal(err)
	}
	var document struct {
		Definitions map[string]struct {
			Properties map[string]struct{ Enum []*string }
		} `json:"$defs"`
	}
	if err := json.Unmarshal(text, &document); err != nil {
		t.Fatal(err)
	}
	var words []string
	for _, word := range document.Definitions[definition].Properties[property].Enum {
		if word != nil {
			words = append(words, *word)
		}
	}
	return words
}

// TestEveryReasonIsExplained: each has one row, one verdict and a line in the
// schema and in docs/report.md; two have a second one.
func TestEveryReasonIsExplained(t *testing.T) {
	var rows []string
	for _, e := range Explanations {
		if e.Reason == Killed && e.Verdict == Failed || e.Reason == Leak && e.Verdict == Inconclusive {
			continue
		}
		rows = append(rows, string(e.Reason))
		if e.Reason.Explain() != e {
			t.Errorf("%s has two rows", e.Reason)
		}
		if !slices.Contains([]Verdict{Failed, Inconclusive, Invalid, Aborted}, e.Verdict) {
			t.Errorf("%s is the reason of a trial that is %q", e.Reason, e.Verdict)
		}
		if e.Doc == "" || e.Example == "" || e.OOM != strings.HasPrefix(string(e.Reason), "oom_") {
			t.Errorf("%+v", e)
		}
	}
	if declared := constants(t, "Reason"); !slices.Equal(rows, declared) {
		t.Errorf("the rows of Explanations are %v, and the constants %v", rows, declared)
	}
	if listed := schema(t, "trial", "reason"); !slices.Equal(rows, listed) {
		t.Errorf("docs/report.schema.json lists the reasons %v, and they are %v", listed, rows)
	}
	text, err := os.ReadFile("../../docs/report.md")
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range Explanations {
		if row := "| `" + string(e.Reason) + "` | " + string(e.Verdict) + " | " + e.Doc + " | `" + e.Example + "` |\n"; !strings.Contains(string(text), row) {
			t.Errorf("docs/report.md lacks the row of a reason:\n%s", row)
		}
	}
}

func TestAReasonWithoutARowIsRefused(t *testing.T) {
	defer func() {
		if recover() == nil {
			t.Error("no panic")
		}
	}()
	Reason("tired").Explain()
}

func TestTheSchemaHasEveryVerdictPhaseAndLevel(t *testing.T) {
	var verdicts, phases, levels []string
	for _, v := range Verdicts {
		verdicts = append(verdicts, string(v))
	}
	for _, p := range Phases {
		phases = append(phases, string(p))
	}
	for _, l := range LevelNames {
		levels = append(levels, string(l))
	}
	if declared := constants(t, "LevelName"); !slices.Equal(levels, declared) {
		t.Errorf("LevelNames has %v, and the constants are %v", levels, declared)
	}
	if listed := schema(t, "level", "name"); !slices.Equal(levels, listed) {
		t.Errorf("docs/report.schema.json lists the levels %v, and they are %v", listed, levels)
	}
	if declared := constants(t, "Verdict"); !slices.Equal(verdicts, declared) {
		t.Errorf("Verdicts has %v, and the constants are %v", verdicts, declared)
	}
	if declared := constants(t, "Phase"); !slices.Equal(phases, declared) {
		t.Errorf("Phases has %v, and the constants are %v", phases, declared)
	}
	ofTrials := slices.DeleteFunc(verdicts, func(v string) bool { return v == string(Skipped) })
	if listed := schema(t, "trial", "verdict"); !slices.Equal(ofTrials, listed) {
		t.Errorf("docs/report.schema.json lists the verdicts %v, and they are %v", listed, ofTrials)
	}
	if listed := schema(t, "trial", "phase"); !slices.Equal(phases, listed) {
		t.Errorf("docs/report.schema.json lists the phases %v, and they are %v", listed, phases)
	}
}

// TestEveryMetricIsRead: a trial that knows everything has a value of each.
func TestEveryMetricIsRead(t *testing.T) {
	var trial Trial
	text := `{"users":1,"exit_code":1,"oom_kills":1,"seconds":{"ready":1},"memory":{"peak":1,"rest":1,"anonymous":1},
		"cpu":{"share":1,"periods":2,"throttled_periods":2},
		"load":{"requests":1,"ok":1,"failed":1,"judged":{"ok":0,"failed":1,"ok_rate":1,"latency":{"max":1`
	for _, m := range metrics.Percentiles() {
		text += `,"` + m.Name + `":1`
	}
	if err := json.Unmarshal([]byte(text+"}}}}"), &trial); err != nil {
		t.Fatal(err)
	}
	for _, m := range metrics.All() {
		if value := trial.Value(m); value == nil || *value != 1 {
			t.Errorf("%s is %v, want 1", m.Name, value)
		}
		if value := (Trial{Load: trial.Load}).Value(m); (value == nil) == (m.Load && m.Name != "users") {
			t.Errorf("%s of a trial that knows its load alone is %v", m.Name, value)
		}
		if value := (Trial{}).Value(m); value != nil {
			t.Errorf("%s of a trial that knows nothing is %v", m.Name, *value)
		}
	}
}

func TestWhichVerdictsAnswerAQuestion(t *testing.T) {
	for _, v := range Verdicts {
		if want := v == "passed" || v == "failed"; v.Counts() != want {
			t.Errorf("%s: %v", v, v.Counts())
		}
	}
}
