package compose_test

import (
	"os"
	"strings"
	"testing"

	"plan/internal/golden"
)

// TestManualIsCurrent holds the example of the manual to the files that are
// tested.
func TestManualIsCurrent(t *testing.T) {
	const manual = "../../docs/compose.md"
	text, err := os.ReadFile(manual)
	if err != nil {
		t.Fatal(err)
	}
	shown := string(text)
	for language, file := range map[string]string{"yaml": "testdata/workshop/compose.yaml", "hcl": "testdata/workshop/plan.hcl"} {
		source, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		before, rest, found := strings.Cut(shown, "```"+language+"\n")
		_, after, ended := strings.Cut(rest, "```\n")
		if !found || !ended {
			t.Fatalf("%s shows no %s", manual, language)
		}
		shown = before + "```" + language + "\n" + string(source) + "```\n" + after
	}
	golden.Compare(t, manual, []byte(shown))
}
