package peers

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"plan/internal/golden"
)

func TestCalls(t *testing.T) {
	var b strings.Builder
	for _, p := range All("bin/plan") {
		for _, j := range []Job{
			{Model: Closed, Users: 64},
			{Model: Thinking, Users: 10_000, Rate: 10_000},
			{Model: Open, Rate: 1000},
		} {
			j.URL, j.Seconds, j.Folder = "http://127.0.0.2:8000/predict", 10, "with blank"
			call := p.Call(p.Program, j)
			fmt.Fprintf(&b, "%s, %s:\n  %q\n", p.Name, j.Model, call.Arguments)
			fmt.Fprintf(&b, "  environ %q, input %q, then %q\n", call.Environ, call.Input, call.Then)
		}
	}
	golden.Compare(t, "testdata/calls.golden", []byte(b.String()))
}

func TestUnpackGivesCallsWhatTheyReferTo(t *testing.T) {
	folder := filepath.Join(t.TempDir(), "new")
	if err := Unpack(folder, "{}"); err != nil {
		t.Fatal(err)
	}
	referred := 0
	for _, p := range All("bin/plan") {
		call := p.Call(p.Program, Job{Model: Open, Rate: 1000, Seconds: 10, URL: "http://127.0.0.2:8000/predict", Folder: folder})
		for _, argument := range append(call.Arguments, call.Environ...) {
			at := strings.Index(argument, folder)
			if at < 0 || strings.HasPrefix(argument, "-output=") {
				continue
			}
			referred++
			if _, err := os.Stat(argument[at:]); err != nil {
				t.Errorf("%s: %v", p.Name, err)
			}
		}
	}
	if referred < len(All("")) {
		t.Errorf("only %d files are referred to", referred)
	}
}
