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

func TestErrorsAreShownBeforeNotes(t *testing.T) {
	diags := slices.Repeat(List{{Code: "P0101", Severity: Note, Summary: "a note"}}, 49)
	diags = append(diags, Diagnostic{Severity: Warning, Summary: "first warning"}, Diagnostic{Severity: Error, Summary: "an error"},
		Diagnostic{Severity: Warning, Summary: "last warning"})
	var human bytes.Buffer
	if err := diags.Write(&human, "human", false); err != nil {
		t.Fatal(err)
	}
	text, at := human.String(), 0
	for _, part := range []string{"a note", "first warning", "an error", "last warning", "and 2 more\n"} {
		found := strings.Index(text[at:], part)
		if found < 0 {
			t.Fatalf("%s does not stand behind the parts before it in\n%s", part, text)
		}
		at += found
	}
	if n := strings.Count(text, "a note"); n != 47 {
		t.Errorf("%d notes are shown", n)
	}
}

func TestFinish(t *testing.T) {
	in := func(file string, byte int) SourceRange {
		return SourceRange{File: file, Start: Position{Line: 1, Byte: byte}, Snippet: "token = hunter2", Block: "variable.token"}
	}
	list := List{
		NewNote("P0002", in("values.vars", 0), "hunter2 is short", "").Relate(in("plan.hcl", 3), "hunter2"),
		NewError("P0001", in("plan.hcl", 7), "later", ""),
		NewError("P0001", in("plan.hcl", 2), "said twice", ""),
		NewError("P0001", in("plan.hcl", 2), "said twice", ""),
	}
	got := list.Finish("plan.hcl", []string{"hunter", "hunter2"})
	if len(got) != 3 || got[0].Summary != "said twice" || got[1].Summary != "later" || got[0].Address != "variable.token" {
		t.Fatalf("got %+v", got)
	}
	note := got[2]
	if note.Summary != "(sensitive) is short" || note.Snippet != "token = (sensitive)" || note.Related[0].Text != "(sensitive)" {
		t.Errorf("a secret is shown: %+v", note)
	}
	if note.Related[0].Snippet != "token = hunter2" {
		t.Errorf("a line of the file itself is changed: %+v", note.Related[0])
	}
}
