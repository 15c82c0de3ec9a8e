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

// TestGlossary holds the glossary to its form: each term once, in order, with a
// meaning that is a sentence and at least one word that it is written instead of.
func TestGlossary(t *testing.T) {
	terms, faults := glossary(read(t, "glossary.md"))
	for _, fault := range faults {
		t.Error(fault)
	}
	if n := len(terms); n < 30 || n > 50 {
		t.Errorf("the glossary has %d terms, want 30 to 50: fewer do not settle the words, more are not learnt", n)
	}
	for _, page := range []string{"../README.md", "../CONTRIBUTING.md"} {
		if !strings.Contains(read(t, page), "(docs/glossary.md)") {
			t.Errorf("%s has no link to docs/glossary.md", page)
		}
	}
}

func TestWrongTermsAreFound(t *testing.T) {
	const head = "# Glossary\n\n| term | meaning | from | instead of |\n|---|---|---|---|\n"
	for _, c := range []struct{ what, rows, want string }{
		{"two good ones", "| load | What is sent. | k6 | traffic |\n| trial | One start. | plan | try, probe |\n", ""},
		{"not in order", "| trial | One start. | plan | try |\n| load | What is sent. | k6 | traffic |\n", "load stands behind trial"},
		{"twice", "| load | What is sent. | k6 | traffic |\n| load | What is sent. | k6 | traffic |\n", "load stands behind load"},
		{"no sentence", "| load | what is sent | k6 | traffic |\n", "no sentence"},
		{"nothing from", "| load | What is sent. |  | traffic |\n", "an empty column"},
		{"a column too few", "| load | What is sent. | k6 |\n", "3 columns"},
		{"instead of itself", "| load | What is sent. | k6 | traffic, load |\n", "instead of itself"},
	} {
		t.Run(c.what, func(t *testing.T) {
			_, faults := glossary(head + c.rows)
			switch {
			case c.want == "" && len(faults) > 0:
				t.Errorf("found %q where nothing is wrong", faults)
			case c.want != "" && (len(faults) != 1 || !strings.Contains(faults[0], c.want)):
				t.Errorf("found %q, want one fault with %q", faults, c.want)
			}
		})
	}
}

// glossary reads the terms of the table, and what is wrong with its rows.
func glossary(text string) (terms, faults []string) {
	_, table, _ := strings.Cut(text, "|---|---|---|---|\n")
	for line := range strings.Lines(table) {
		columns := strings.Split(strings.Trim(line, "| \n"), " | ")
		if len(columns) != 4 {
			faults = append(faults, fmt.Sprintf("%q has %d columns, not 4: term, meaning, from, instead of", columns[0], len(columns)))
			continue
		}
		term, meaning := columns[0], columns[1]
		others := strings.Split(columns[3], ", ")
		switch {
		case slices.ContainsFunc(columns, func(c string) bool { return strings.TrimSpace(c) == "" }):
			faults = append(faults, fmt.Sprintf("%s has an empty column", term))
		case len(terms) > 0 && term <= terms[len(terms)-1]:
			faults = append(faults, fmt.Sprintf("%s stands behind %s: each term once, in order", term, terms[len(terms)-1]))
		case meaning[:1] != strings.ToUpper(meaning[:1]) || !strings.HasSuffix(meaning, "."):
			faults = append(faults, fmt.Sprintf("the meaning of %s is no sentence: %q", term, meaning))
		case slices.Contains(others, term):
			faults = append(faults, fmt.Sprintf("%s is written instead of itself", term))
		}
		terms = append(terms, term)
	}
	return terms, faults
}

func read(t *testing.T, path string) string {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}
