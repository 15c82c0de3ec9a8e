package report

import (
	"errors"
	"os"
	"strings"
	"testing"
)

type full struct{}

func (full) Write([]byte) (int, error) { return 0, errors.New("no space left on device") }

func TestEveryFormatTellsWhatWasNotWritten(t *testing.T) {
	seen := map[string]bool{}
	for _, f := range Formats() {
		if f.Name == "" || strings.ContainsAny(f.Name, "= ") || seen[f.Name] || f.Doc == "" || f.Write == nil {
			t.Fatalf("the row of %q in the table of formats is not whole, or its name is taken", f.Name)
		}
		seen[f.Name] = true
		if err := f.Write(full{}, whole()); err == nil {
			t.Errorf("%s: nothing was written, and no error", f.Name)
		}
	}
}

func TestTheManualDescribesEveryFormat(t *testing.T) {
	manual, err := os.ReadFile("../docs/report.md")
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range Formats() {
		if flag := "`plan run --report " + f.Name + "=PATH`"; !strings.Contains(string(manual), flag) {
			t.Errorf("docs/report.md has no %s", flag)
		}
	}
}
