package search

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// names are those of all strategies of one dimension. One that is not whole is left to
// TestEveryStrategyIsWhole, which names what it lacks.
func names() []string {
	var all []string
	for _, s := range Strategies() {
		if lacks(s) == "" {
			all = append(all, s.Name)
		}
	}
	return all
}

func lacks(s Strategy) string {
	switch {
	case s.Name == "":
		return "Name is missing"
	case s.Doc == "" || strings.ContainsAny(s.Doc, "\n`") || strings.HasSuffix(s.Doc, "."):
		return "Doc is not one clause that follows the name"
	case s.next == nil && s.several == nil:
		return "next is missing"
	case s.next != nil && s.several != nil:
		return "it is of one dimension and of several"
	case s.next != nil && s.most == nil:
		return "most is missing"
	}
	return ""
}

func TestEveryStrategyIsWhole(t *testing.T) {
	seen := map[string]bool{}
	for i, s := range table {
		if lack := lacks(s); lack != "" {
			t.Errorf("row %d of the table, %q: %s", i, s.Name, lack)
		}
		if seen[s.Name] {
			t.Errorf("row %d of the table: the name %q is taken", i, s.Name)
		}
		seen[s.Name] = true
	}
}

// TestEveryStrategyHasARow: a function that has the form of Strategy.next or
// Strategy.several is in the table.
func TestEveryStrategyHasARow(t *testing.T) {
	rows, err := os.ReadFile("strategies.go")
	if err != nil {
		t.Fatal(err)
	}
	files, err := filepath.Glob("*.go")
	if err != nil {
		t.Fatal(err)
	}
	form := regexp.MustCompile(`(?m)^func (\w+)\((?:\w+ bracket, \w+ bool, \w+ \[\]Tried|\w+ \*known, \w+ bool)\) Step `)
	found := 0
	for _, name := range files {
		text, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		if strings.HasSuffix(name, "_test.go") {
			continue
		}
		for _, m := range form.FindAllStringSubmatch(string(text), -1) {
			found++
			if !regexp.MustCompile(`(next|several): ` + m[1] + `\b`).Match(rows) {
				t.Errorf("%s in %s has no row in the table of strategies.go", m[1], name)
			}
		}
	}
	if found != len(table) {
		t.Errorf("%d functions have the form of a strategy, and the table has %d rows", found, len(table))
	}
}

func TestAnUnknownStrategyIsRefused(t *testing.T) {
	for what, call := range map[string]func(){
		"Next of an unknown name": func() { Next("spiral", 9, false, nil) },
		"Next without a name":     func() { Next("", 9, false, nil) },
		"Next after an exit":      func() { Next("spiral", 9, false, []Tried{{Exited: true}}) },
		"Most of an unknown name": func() { Most("spiral", 9) },
		"Most of no values":       func() { Most("spiral", 0) },
	} {
		t.Run(what, func(t *testing.T) {
			defer func() {
				if recover() == nil {
					t.Error("no panic")
				}
			}()
			call()
		})
	}
}

func TestNoValuesTakeNoTrials(t *testing.T) {
	for _, strategy := range names() {
		if got := Most(strategy, 0); got != 0 {
			t.Errorf("%s: %d", strategy, got)
		}
		if step := Next(strategy, 0, true, nil); !step.Done {
			t.Errorf("%s: %+v", strategy, step)
		}
	}
}

// Trials that end in every way they can, also where more hurts: the longest
// search for a pair among so many values has just as many as the table says, and
// none has more than Most.
func TestMostIsTheLongestSearch(t *testing.T) {
	for _, strategy := range names() {
		for n := 1; n <= 8; n++ {
			longest, pair := deepest(t, strategy, n, false, nil)
			withLooks, pairWithLooks := deepest(t, strategy, n, true, nil)
			if got, most := max(longest, withLooks), Most(strategy, n); got > most {
				t.Errorf("%s of %d values: %d trials, Most says %d", strategy, n, got, most)
			}
			if got, most := max(pair, pairWithLooks), named(strategy).most(n); got != most {
				t.Errorf("%s of %d values: at most %d trials for a pair, the table says %d", strategy, n, got, most)
			}
		}
	}
}

// A pair, the probe below it, and what it opens: half of the values, its own too.
func TestTheMostIsOfBothParts(t *testing.T) {
	for n, want := range map[int]int{1: 2, 2: 2, 3: 2, 4: 3 + 1 + 2, 5: 3 + 1 + 2, 6: 4 + 1 + 2, 7: 4 + 1 + 3, 10: 5 + 1 + 3, 11: 5 + 1 + 4, 37: 7 + 1 + 6} {
		if got := Most("bisect", n); got != want {
			t.Errorf("%d values: %d, want %d", n, got, want)
		}
	}
	if got := Most("ladder", 10); got != 10 { // it leaves nothing for a probe
		t.Errorf("a ladder of ten values: %d", got)
	}
}

// deepest is the most trials of a search that has come this far, and the most
// of those before a probe.
func deepest(t *testing.T, strategy string, n int, looks bool, tried []Tried) (all, pair int) {
	t.Helper()
	if len(tried) > 3*n+10 {
		t.Fatalf("%s of %d values does not end: %+v", strategy, n, tried)
	}
	step := Next(strategy, n, looks, tried)
	probed := slices.IndexFunc(tried, func(t Tried) bool { return t.Probe })
	if step.Done && probed < 0 {
		return len(tried), len(tried)
	}
	if step.Done {
		return len(tried), probed
	}
	for _, end := range ends(n, step, len(tried)) {
		end.Index, end.FirstLook, end.Probe = step.Index, step.FirstLook, step.Probe
		longest, before := deepest(t, strategy, n, looks, append(tried[:len(tried):len(tried)], end))
		all, pair = max(all, longest), max(pair, before)
	}
	return all, pair
}

// ends are the ways in which a trial can end that a strategy tells apart:
// whatever is known of the need, passed and failed, and of the first two by
// itself.
func ends(n int, step Step, before int) []Tried {
	all := []Tried{{Low: -1, High: -1}, {Passed: true, Low: -1, High: -1}}
	if before < 2 {
		all = append(all, Tried{Low: -1, High: -1, Exited: true, ExitCode: before}, Tried{Low: -1, High: -1, Exited: true})
	}
	if step.FirstLook {
		all = append(all, Tried{Low: -1, High: -1, Undecided: true})
	}
	if step.Index < n-1 { // below the top only its own need matters
		return append(all, Tried{Passed: true, Low: max(0, step.Index-1), High: -1})
	}
	for low := range n {
		for high := low; high < n; high++ {
			all = append(all, Tried{Passed: true, Low: low, High: high})
		}
	}
	return all
}
