package main

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

const examples = "../../examples"

// TestExamples holds each example to what the command says of it offline: no
// error, no warning, in its format, and shown with all that it would run.
func TestExamples(t *testing.T) {
	for _, path := range examplePlans(t) {
		t.Run(filepath.Base(path), func(t *testing.T) {
			for _, args := range [][]string{
				{"validate", "--offline", "--strict", path},
				{"fmt", "--check", path},
				{"show", path},
			} {
				var stdout, stderr bytes.Buffer
				code := execute(context.Background(), args, environment{stdin: strings.NewReader(""), stdout: &stdout, stderr: &stderr})
				if code != 0 {
					t.Errorf("plan %s: exit code %d\n%s%s", strings.Join(args, " "), code, &stdout, &stderr)
				}
			}
			text, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			if !bytes.HasPrefix(text, []byte("# ")) {
				t.Error("an example begins with a comment that says what it is for")
			}
		})
	}
}

// TestExamplesAreListed holds the table of examples to the plans that are there.
func TestExamplesAreListed(t *testing.T) {
	text, err := os.ReadFile(filepath.Join(examples, "README.md"))
	if err != nil {
		t.Fatal(err)
	}
	var listed []string
	for _, row := range regexp.MustCompile(`(?m)^\| \[([a-z-]+\.hcl)\]\(([a-z-]+\.hcl)\) \| .+\. \|$`).FindAllStringSubmatch(string(text), -1) {
		if row[1] != row[2] {
			t.Errorf("%s leads to %s", row[1], row[2])
		}
		listed = append(listed, row[1])
	}
	slices.Sort(listed)
	var there []string
	for _, path := range examplePlans(t) {
		there = append(there, filepath.Base(path))
	}
	if !slices.Equal(listed, there) {
		t.Errorf("examples/README.md lists %q, there are %q", listed, there)
	}
}

func examplePlans(t *testing.T) []string {
	t.Helper()
	paths, err := filepath.Glob(filepath.Join(examples, "*.hcl"))
	if err != nil || len(paths) == 0 {
		t.Fatalf("no plan in %s: %v", examples, err)
	}
	return paths
}
