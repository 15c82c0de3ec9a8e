package envfile

import (
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestParse(t *testing.T) {
	set := func(name string) (string, bool) {
		value, is := map[string]string{"SET": "of the environment", "EMPTY": ""}[name]
		return value, is
	}
	for text, want := range map[string]map[string]string{
		"A=b\n# C=d\nexport E = f # g\n":          {"A": "b", "E": "f"},
		"A='$SET'\nB=\"$SET\"\nC=${SET}!\n":       {"A": "$SET", "B": "of the environment", "C": "of the environment!"},
		"A=1\r\nB=${A}2\r\n":                      {"A": "1", "B": "12"},
		"A=${NOT_SET}\nB=${NOT_SET:-else}\n":      {"A": "", "B": "else"},
		"A=${NOT_SET-else}\nB=${EMPTY-else}\n":    {"A": "else", "B": ""},
		"A=${BEFORE}\nBEFORE=new\nB=${BEFORE}":    {"A": "old", "B": "new", "BEFORE": "new"},
		"SET\nNOT_SET\nA=b":                       {"SET": "of the environment", "A": "b"},
		"A=\"two\nlines\"\nB='#1'\nC=x#y\nD=x #y": {"A": "two\nlines", "B": "#1", "C": "x#y", "D": "x"},
		"\ufeffA=b":           {"A": "b"},
		"SAME=as before\nA=b": {"A": "b"},
		"":                    {},
	} {
		got, err := Parse([]byte(text), set, map[string]string{"BEFORE": "old", "SAME": "as before"})
		if err != nil {
			t.Errorf("%q: %v", text, err)
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%q:\n%s", text, diff)
		}
	}
}

func TestErrorsQuoteNothing(t *testing.T) {
	for text, want := range map[string]string{
		"A=b\nTOKEN hunter2=1":      "line 2 is not NAME=value",
		"A=b\n\n\"hunter2\"=x":      "line 3 is not NAME=value",
		"A='hunter2":                "line 1 is not NAME=value",
		"A=${NOT_SET:?hunter2}\n":   "a reference in it has no value, or cannot be read",
		"A=hunter2\nB=${A:+${open}": "a reference in it has no value, or cannot be read",
	} {
		got, err := Parse([]byte(text), func(string) (string, bool) { return "", false }, nil)
		if err == nil || err.Error() != want || got != nil {
			t.Errorf("%q: %v, %v, not %s", text, got, err, want)
		}
	}
}

// A variable that is not set is no reason to print anything.
func TestNothingIsPrinted(t *testing.T) {
	said, err := exec.Command(os.Args[0], "-test.run=^TestParse$").CombinedOutput()
	if err != nil || string(said) != "PASS\n" {
		t.Errorf("%v: %s", err, said)
	}
}

func TestParseCompose(t *testing.T) {
	set := func(name string) (string, bool) { return "of the environment", name == "SET" }
	const file = `
x-common: &common
  SHARED: "yes"
services:
  a:
    environment:
      <<: *common
      PASSWORD: hunter2
      SET: ${SET}
      ELSE: ${NOT_SET:-else}
      DOLLAR: a$$b
      NUMBER: 5
      NONE:
  b.c:
    environment: [PASSWORD=other, INHERITED, "URL=http://x=y"]
  d: {image: x}
`
	got, err := ParseCompose([]byte(file), set)
	want := map[string]string{
		"a.SHARED": "yes", "a.PASSWORD": "hunter2", "a.SET": "of the environment", "a.ELSE": "else", "a.DOLLAR": "a$b",
		"a.NUMBER": "5", "b.c.PASSWORD": "other", "b.c.URL": "http://x=y",
	}
	if diff := cmp.Diff(want, got); diff != "" || err != nil {
		t.Errorf("%v\n%s", err, diff)
	}
	if _, err := ParseCompose([]byte("services: {a: hunter2"), set); err == nil || err.Error() != "it cannot be read as a Compose file" {
		t.Error(err)
	}
}

func TestExample(t *testing.T) {
	folder := t.TempDir()
	env := filepath.Join(folder, ".env")
	if got := Example(env); got != "" {
		t.Errorf("%s without a file", got)
	}
	for _, name := range []string{"sample.env", ".env.dist", ".env.example"} { // the later is preferred
		want := filepath.Join(folder, name)
		if err := os.WriteFile(want, nil, 0o600); err != nil {
			t.Fatal(err)
		}
		if got := Example(env); got != want {
			t.Errorf("%s, not %s", got, want)
		}
	}
	if err := os.Mkdir(env+".local.example", 0o700); err != nil {
		t.Fatal(err)
	}
	if got := Example(env + ".local"); got != "" {
		t.Errorf("%s is a folder", got)
	}
}
