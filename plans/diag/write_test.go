package diag

import (
	"bytes"
	"errors"
	"slices"
	"strings"
	"testing"
)

func TestStrictTurnsWarningsIntoErrors(t *testing.T) {
	diags := List{{Severity: Warning}, {Severity: Note}}
	if strict := diags.Strict(); !strict.HasErrors() || diags.HasErrors() || strict[1].Severity != Note {
		t.Errorf("got %v from %v", strict, diags)
	}
}

func TestPeopleAreShownSomeOfMany(t *testing.T) {
	diags := slices.Repeat(List{{Code: "P0101", Severity: Error, Summary: "this"}}, 60)
	var human, lines bytes.Buffer
	if err := errors.Join(diags.Write(&human, "human", false), diags.Write(&lines, "line", false)); err != nil {
		t.Fatal(err)
	}
	if n := strings.Count(human.String(), "P0101"); n != 50 || !strings.HasSuffix(human.String(), "\nand 10 more\n") {
		t.Errorf("%d are shown:\n%s", n, human.String())
	}
	if n := strings.Count(lines.String(), "P0101"); n != 60 {
		t.Errorf("editors get %d", n)
	}
}
