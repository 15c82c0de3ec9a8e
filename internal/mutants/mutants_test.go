package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// moduleOf writes a module and returns its folder.
func moduleOf(t *testing.T, files map[string]string) string {
	t.Helper()
	root := t.TempDir()
	files["go.mod"] = "module example\n\ngo 1.26\n"
	for name, text := range files {
		path := filepath.Join(root, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	return root
}

// changes returns the mutants of one file in package rules, as text.
func changes(t *testing.T, code string, names ...string) []string {
	t.Helper()
	root := moduleOf(t, map[string]string{
		"rules/rules.go": "package rules\n\n" + code,
		"words/words.go": "package words\n\ntype Word string\n\nconst (\n\tYes Word = \"yes\"\n\tNo Word = \"no\"\n\tMaybe Word = \"maybe\"\n\tother = \"other\"\n)\n",
	})
	all, err := campaign{root: root, targets: []target{{folder: "rules", names: names}}}.mutants(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	var texts []string
	for _, m := range all {
		texts = append(texts, fmt.Sprintf("%d %s: %s", m.Line, m.Function, m.Change))
	}
	return texts
}

func TestWhatIsChanged(t *testing.T) {
	for name, c := range map[string]struct {
		code string
		want []string
	}{
		"comparisons of order": {
			"func f(a, b int) bool { return a < b }",
			[]string{"3 f: return a < b → return a <= b", "3 f: return a < b → return a >= b"},
		},
		"the other ones": {
			"func f(a, b int) bool { return a >= b }",
			[]string{"3 f: return a >= b → return a > b", "3 f: return a >= b → return a < b"},
		},
		"equality": {"func f(a, b string) bool { return a == b }", []string{"3 f: return a == b → return a != b"}},
		"and, or, not": {
			"func f(a, b, c bool) bool { return a && b || !c }",
			[]string{
				"3 f: return a && b || !c → return a && b && !c", "3 f: return a && b || !c → return a || b || !c",
				"3 f: return a && b || !c → return a && b || c",
			},
		},
		"numbers": {
			"func f() (int, float64) { return -1, 0.8 }",
			[]string{"3 f: return -1, 0.8 → return -2, 0.8", "3 f: return -1, 0.8 → return -1, 1.8"},
		},
		"truth": {"func f() bool { return true }", []string{"3 f: return true → return false"}},
		"durations are doubled, units stay": {
			"import \"time\"\n\nconst hold = 5 * time.Second",
			[]string{"5 hold: hold = 5 * time.Second → hold = 10 * time.Second"},
		},
		"constants of a type, in turn, and none that is hidden": {
			"import \"example/words\"\n\nfunc f() (a, b words.Word) { return words.Yes, words.Maybe }",
			[]string{
				"5 f: return words.Yes, words.Maybe → return words.No, words.Maybe",
				"5 f: return words.Yes, words.Maybe → return words.Yes, words.Yes",
			},
		},
		"tables": {
			"var table = map[string]bool{\n\t\"a\": true,\n}",
			[]string{"4 table: \"a\": true → \"a\": false"},
		},
		"constants of the package": {
			"const (\n\tmet = 0\n\tmissed = 1\n)\n\nfunc f() int { return met }",
			[]string{"4 met: met = 0 → met = 1", "5 missed: missed = 1 → missed = 2", "8 f: return met → return missed"},
		},
		"a constant that is a factor stays": {
			"const (\n\tkilo = 1 << 10\n\tmega = 1 << 20\n)\n\nfunc f(x int) int { return x * kilo }",
			[]string{
				"4 kilo: kilo = 1 << 10 → kilo = 2 << 10", "4 kilo: kilo = 1 << 10 → kilo = 1 << 11",
				"5 mega: mega = 1 << 20 → mega = 2 << 20", "5 mega: mega = 1 << 20 → mega = 1 << 21",
			},
		},
		"methods, and what reads the same": {
			"type t struct{}\n\nfunc (t) f(a int) { _ = a == 0; _ = a == 0 }",
			[]string{
				"5 t.f: _ = a == 0 → _ = a != 0", "5 t.f: _ = a == 0 → _ = a == 1",
				"5 t.f: _ = a == 0 → _ = a != 0 (2)", "5 t.f: _ = a == 0 → _ = a == 1 (2)",
			},
		},
		"texts and names of the standard library stay": {
			"import \"time\"\n\nfunc f() (string, time.Month) { return \"1\", time.May }", nil,
		},
	} {
		if diff := cmp.Diff(c.want, changes(t, c.code)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
}

func TestOnlyWhatIsNamedIsChanged(t *testing.T) {
	code := "const one = 1\n\nfunc f() int { return 2 }\n\ntype t struct{}\n\nfunc (*t) f() int { return 3 }"
	if diff := cmp.Diff([]string{"3 one: one = 1 → one = 2", "9 t.f: return 3 → return 4"}, changes(t, code, "one", "t.f")); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// rules has a mutant of each outcome: see want in TestAWholeRun.
const rules = `package rules

// Over is tested at its boundary.
func Over(x int) bool { return x > 10 }

// Untested is not tested.
func Untested(x int) bool { return x == 0 }

// Waits ends at once.
func Waits() bool {
	for done := true; !done; {
	}
	return true
}

// Sized does not compile with two equal cases.
func Sized() (n [3 - 1]int) {
	switch len(n) {
	case 2, 3:
	}
	return n
}
`

const rulesTest = `package rules

import "testing"

func TestRules(t *testing.T) {
	if Over(10) || !Over(11) || !Waits() || len(Sized()) != 2 {
		t.Error("wrong")
	}
}
`

// Rows of the list of accepted survivors.
const (
	survivor   = "| `rules/rules.go` | `Untested` | `return x == 0 → return x != 0` | nobody asks |\n"
	survivorTo = "| `rules/rules.go` | `Untested` | `return x == 0 → return x == 1` | nobody asks |\n"
	killedRow  = "| `rules/rules.go` | `Over` | `return x > 10 → return x > 11` | so it was |\n"
)

// campaignOn returns a campaign with rules as target, and a list of accepted
// survivors.
func campaignOn(t *testing.T, accepted string, names ...string) campaign {
	t.Helper()
	root := moduleOf(t, map[string]string{"rules/rules.go": rules, "rules/rules_test.go": rulesTest, "docs/mutants.md": "# Mutants\n\n" + accepted})
	return campaign{
		root: root, accepted: filepath.Join(root, "docs/mutants.md"), workers: 2, patience: time.Second,
		targets: []target{{folder: "rules", names: names, tests: []string{"rules"}}},
	}
}

func TestTheFateOfEachMutant(t *testing.T) {
	c := campaignOn(t, "")
	c.review = []edit{{name: "Over", before: "x > 10", after: "x > 10 || x == 7"}}
	all, err := c.mutants(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	results, err := c.test(t.Context(), all)
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, r := range results {
		got = append(got, fmt.Sprintf("%s, %s: %s", r.outcome, r.Function, r.Change))
	}
	want := []string{
		"survived, Over: x > 10 → x > 10 || x == 7",
		"killed, Over: return x > 10 → return x >= 10",
		"killed, Over: return x > 10 → return x <= 10",
		"killed, Over: return x > 10 → return x > 11",
		"survived, Untested: return x == 0 → return x != 0",
		"survived, Untested: return x == 0 → return x == 1",
		"timed out, Waits: done := true → done := false",
		"timed out, Waits: !done → done",
		"killed, Waits: return true → return false",
		"killed, Sized: [3 - 1]int → [4 - 1]int",
		"killed, Sized: [3 - 1]int → [3 - 2]int",
		"not compiled, Sized: 2 → 3",
		"survived, Sized: 3 → 4",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if text, err := os.ReadFile(filepath.Join(c.root, "rules/rules.go")); err != nil || string(text) != rules {
		t.Errorf("the tree was changed: %v\n%s", err, text)
	}
}

func TestTheQuickestTestsRunFirst(t *testing.T) {
	for out, want := range map[string][]part{
		"": {{"-test.skip=", time.Minute}},
		"=== RUN   TestA\n--- PASS: TestA (9.00s)\n    --- PASS: TestA/b (0.00s)\n--- PASS: TestB (0.50s)\n" +
			"--- PASS: TestC (0.50s)\n--- PASS: FuzzD (0.10s)\nPASS\n": {
			{"-test.run=^(FuzzD)$", 600 * time.Millisecond}, {"-test.run=^(TestB)$", 6 * time.Second},
			{"-test.skip=^(FuzzD)$|^(TestB)$", time.Minute},
		},
		"--- PASS: TestA (0.00s)\n": {{"-test.run=^(TestA)$", 600 * time.Millisecond}, {"-test.skip=^(TestA)$", time.Minute}},
	} {
		if got := partsOf(out, time.Minute); !slices.Equal(got, want) {
			t.Errorf("%q: %v", out, got)
		}
	}
}

func TestAWholeRun(t *testing.T) {
	for name, c := range map[string]struct {
		accepted, in string
		functions    []string
		missed       bool
		want         []string // parts of the output
	}{
		"all killed":           {"", "", []string{"Over"}, false, []string{"all                     3       3            0         0  100.0 %"}},
		"one that is not told": {survivor, "rules", []string{"Untested"}, true, []string{"are not in docs/mutants.md", survivorTo[:70]}},
		"too few":              {survivor + survivorTo, "", []string{"Untested"}, true, []string{"rules/rules.go:7 Untested: return x == 0 → return x != 0\n", "0.0 % were killed, under 90 %"}},
		"one that is told and was killed": {
			killedRow, "./rules/rules.go", []string{"Over"}, true, []string{"did not survive", "return x > 11"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			var out bytes.Buffer
			err := campaignOn(t, c.accepted, c.functions...).run(t.Context(), c.in, &out)
			if errors.Is(err, errMissed) != c.missed || err != nil && !c.missed {
				t.Errorf("%v\n%s", err, &out)
			}
			for _, want := range c.want {
				if !strings.Contains(out.String(), want) {
					t.Errorf("no %q in\n%s", want, &out)
				}
			}
		})
	}
}

func TestWhatCannotBeRunIsAFault(t *testing.T) {
	in := func(change func(*campaign)) campaign { c := campaignOn(t, ""); change(&c); return c }
	for name, c := range map[string]struct {
		campaign campaign
		in, want string
	}{
		"another folder":             {in(func(*campaign) {}), "rule", `nothing is changed in "rule"`},
		"no such function":           {in(func(c *campaign) { c.targets[0].names = []string{"Under"} }), "", "rules has no Under"},
		"no such package":            {in(func(c *campaign) { c.targets[0].folder = "rule" }), "", "rule"},
		"an edit of what is gone":    {in(func(c *campaign) { c.review = []edit{{name: "Over", before: "x > 9"}} }), "", `"x > 9" is 0 times in a Over`},
		"an edit of two places":      {in(func(c *campaign) { c.review = []edit{{name: "Over", before: "x"}} }), "", `"x" is 2 times in a Over`},
		"no list of survivors":       {in(func(c *campaign) { c.accepted += ".txt" }), "", "no such file"},
		"a row without a reason":     {campaignOn(t, "| `a` | `b` | `c` |  |\n"), "", "mutants.md:3: a row is file, function, change and reason"},
		"a row that is there twice":  {campaignOn(t, survivor+survivor), "", "mutants.md:4: the row is there twice"},
		"tests that fail in any way": {in(func(c *campaign) { fails(t, c.root) }), "", "the tests of rules fail without any change"},
	} {
		err := c.campaign.run(t.Context(), c.in, &bytes.Buffer{})
		if err == nil || errors.Is(err, errMissed) || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// fails adds a failing test to rules.
func fails(t *testing.T, root string) {
	t.Helper()
	text := "package rules\n\nimport \"testing\"\n\nfunc TestIt(t *testing.T) { t.Fail() }\n"
	if err := os.WriteFile(filepath.Join(root, "rules/fails_test.go"), []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
}

func TestAnInterruptionLeavesNothing(t *testing.T) {
	folder := t.TempDir()
	t.Setenv("TMPDIR", folder)
	c := campaignOn(t, "", "Waits") // two of its mutants hang
	ctx, cancel := context.WithCancel(t.Context())
	all, err := c.mutants(ctx)
	if err != nil {
		t.Fatal(err)
	}
	ended := make(chan error)
	go func() {
		_, err := c.test(ctx, all)
		ended <- err
	}()
	for there := 0; there == 0; { // until something was written
		found, _ := filepath.Glob(filepath.Join(folder, "mutants-*", "*.test"))
		there = len(found)
	}
	cancel()
	if err := <-ended; !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
	if left, _ := filepath.Glob(filepath.Join(folder, "mutants-*")); len(left) > 0 {
		t.Errorf("left: %q", left)
	}
}

func TestARowIsReadAsItIsWritten(t *testing.T) {
	n := name{"runner/exit.go", "Worse", "a || b → a && b"}
	path := filepath.Join(t.TempDir(), "mutants.md")
	text := "| file | function | change | reason |\n|---|---|---|---|\n" + n.row() + "so it is |\n"
	if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
	got, err := readAccepted(path)
	if err != nil || !slices.Equal(got, []name{n}) {
		t.Errorf("%q: %v", got, err)
	}
}

// Checks the table of this repository's own targets too, so that a renamed
// function is noticed at once.
func TestTheTargetsAreThere(t *testing.T) {
	all, err := campaign{root: "../..", targets: targets, review: review}.mutants(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if len(all) < 300 || len(review) != 25 {
		t.Errorf("%d mutants, %d of the review", len(all), len(review))
	}
	for _, m := range sorted(slices.Clone(all[:len(review)])) {
		if m.kind == illegal {
			t.Errorf("of the review, %s: %s does not compile", m.Function, m.Change)
		}
	}
	accepted, err := readAccepted("../../docs/mutants.md")
	if err != nil {
		t.Fatal(err)
	}
	for _, n := range accepted {
		if !slices.ContainsFunc(all, func(m mutant) bool { return m.name() == n }) {
			t.Errorf("there is no such mutant any more: %s", n.row())
		}
	}
}
