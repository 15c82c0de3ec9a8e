package runner

import (
	"fmt"
	"os"
	"strings"
	"testing"
)

// The README shows the codes as the table has them.
func TestTheReadmeShowsEveryExitCode(t *testing.T) {
	readme, err := os.ReadFile("../README.md")
	if err != nil {
		t.Fatal(err)
	}
	const head = "| exit code | meaning |\n|---|---|\n"
	_, after, found := strings.Cut(string(readme), head)
	if !found {
		t.Fatalf("the README has no table of exit codes:\n%s", head)
	}
	shown, _, _ := strings.Cut(after, "\n\n")
	var want []string
	for _, e := range Exits() {
		want = append(want, fmt.Sprintf("| %d | %s |", e.Code, e.Meaning))
	}
	if got := strings.TrimSpace(shown); got != strings.Join(want, "\n") {
		t.Errorf("the README shows\n%s\nand not\n%s", got, strings.Join(want, "\n"))
	}
}

func TestACodeOfNoRunIsRefused(t *testing.T) {
	defer func() {
		if recover() == nil {
			t.Error("no panic")
		}
	}()
	Worse(ExitMet, 6)
}
