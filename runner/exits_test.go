package runner

import (
	"fmt"
	"os"
	"strings"
	"testing"

	"plan/internal/tty"
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
		want = append(want, fmt.Sprintf("| %d | %s |", e.Code, tty.Join("; ", e.Meaning, e.Elsewhere())))
	}
	if got := strings.TrimSpace(shown); got != strings.Join(want, "\n") {
		t.Errorf("the README shows\n%s\nand not\n%s", got, strings.Join(want, "\n"))
	}
}

// A job of CI tests the codes of a regression and of a journal that does not hold.
func TestTheCodesOfOtherCommands(t *testing.T) {
	for code, commands := range map[int][]string{
		ExitNotMet: {"plan compare", "plan report --verify"}, ExitInconclusive: {"plan compare"}, ExitUsage: {"plan report --verify"},
	} {
		for _, command := range commands {
			if elsewhere := exits[rank(code)].Elsewhere(); !strings.Contains(elsewhere, "`"+command+"`") {
				t.Errorf("%d: %q is not in %q", code, command, elsewhere)
			}
		}
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
