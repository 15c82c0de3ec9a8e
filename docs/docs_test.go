// Package docs holds the tests of the documents that no code prints: the index
// of decisions and the glossary.
package docs

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

var (
	decisionName = regexp.MustCompile(`^(\d{4})-[a-z0-9-]+\.md$`)
	decisionHead = regexp.MustCompile(`^# (\d{4}): (.+)\n\nDate: (20\d\d-\d\d-\d\d)\. Status: (accepted(?:, changed 20\d\d-\d\d-\d\d)?|superseded by \d{4})\.\n`)
)

// TestDecisionsAreIndexed holds the index to the decisions: one row for each,
// in their order, with the title, date and status that its file has.
func TestDecisionsAreIndexed(t *testing.T) {
	files, err := os.ReadDir("decisions")
	if err != nil {
		t.Fatal(err)
	}
	var want []string
	for _, f := range files {
		if f.Name() == "README.md" {
			continue
		}
		row, err := decisionRow(f.Name(), read(t, filepath.Join("decisions", f.Name())), len(want)+1)
		if err != nil {
			t.Error(err)
			continue
		}
		want = append(want, row)
	}
	var got []string
	for line := range strings.Lines(read(t, "decisions/README.md")) {
		if strings.HasPrefix(line, "| [") {
			got = append(got, strings.TrimSuffix(line, "\n"))
		}
	}
	for _, row := range want {
		if !slices.Contains(got, row) {
			t.Errorf("decisions/README.md lacks this row:\n%s", row)
		}
	}
	for _, row := range got {
		if !slices.Contains(want, row) {
			t.Errorf("decisions/README.md has this row of no decision:\n%s", row)
		}
	}
	if !t.Failed() && !slices.Equal(got, want) {
		t.Errorf("the rows of decisions/README.md are not in the order of their numbers, or one is there twice")
	}
}

// decisionRow is the row of the index for a file, whose number has to be the
// one that is next.
func decisionRow(name, text string, number int) (string, error) {
	n := decisionName.FindStringSubmatch(name)
	if n == nil {
		return "", fmt.Errorf("decisions/%s: name a decision NNNN-what-it-is-about.md", name)
	}
	head := decisionHead.FindStringSubmatch(text)
	if head == nil {
		return "", fmt.Errorf("decisions/%s: begin with the title \"# %s: …\", an empty line, and \"Date: YYYY-MM-DD. Status: accepted.\" (or \"superseded by NNNN\")", name, n[1])
	}
	if want := fmt.Sprintf("%04d", number); n[1] != want || head[1] != want {
		return "", fmt.Errorf("decisions/%s: the next number is %s, in its name and in its title", name, want)
	}
	return fmt.Sprintf("| [%s](%s): %s | %s | %s |", n[1], name, head[2], head[3], head[4]), nil
}

// TestWrongDecisionsAreFound shows the rules at work on files made for it.
func TestWrongDecisionsAreFound(t *testing.T) {
	const good = "# 0002: Words\n\nDate: 2026-11-28. Status: accepted.\n\nText.\n"
	for _, c := range []struct {
		what, name, text string
		want             string // the row, or part of the error
	}{
		{"a good one", "0002-words.md", good, "| [0002](0002-words.md): Words | 2026-11-28 | accepted |"},
		{"changed", "0002-words.md", strings.Replace(good, "accepted", "accepted, changed 2026-12-01", 1), "| accepted, changed 2026-12-01 |"},
		{"superseded", "0002-words.md", strings.Replace(good, "accepted", "superseded by 0003", 1), "| superseded by 0003 |"},
		{"no number", "words.md", good, "name a decision"},
		{"no date", "0002-words.md", "# 0002: Words\n\nText.\n", "begin with the title"},
		{"an unknown status", "0002-words.md", strings.Replace(good, "accepted", "fine", 1), "begin with the title"},
		{"a gap", "0003-words.md", strings.Replace(good, "0002", "0003", 1), "the next number is 0002"},
		{"another number in its title", "0002-words.md", strings.Replace(good, "0002", "0003", 1), "the next number is 0002"},
	} {
		t.Run(c.what, func(t *testing.T) {
			got, err := decisionRow(c.name, c.text, 2)
			if err != nil {
				got = err.Error()
			}
			if !strings.Contains(got, c.want) {
				t.Errorf("got %q, want %q in it", got, c.want)
			}
		})
	}
}

func read(t *testing.T, path string) string {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}
