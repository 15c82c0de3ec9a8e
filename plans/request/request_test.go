package request

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"plan/internal/golden"
)

// TestFiles compares what is read of each file of testdata with its golden file.
func TestFiles(t *testing.T) {
	kinds := map[string]Kind{"openapi": OpenAPI, "curl": Curl, "har": HAR, "k6": K6}
	for folder, kind := range kinds {
		files, err := filepath.Glob("testdata/" + folder + "/*")
		if err != nil {
			t.Fatal(err)
		}
		if len(files) == 0 {
			t.Errorf("no file of %s", folder)
		}
		for _, file := range files {
			if filepath.Ext(file) == ".golden" {
				continue
			}
			t.Run(file, func(t *testing.T) {
				content, err := os.ReadFile(file)
				if err != nil {
					t.Fatal(err)
				}
				if got := KindOf(file, content); got != kind {
					t.Errorf("it is %s, want %s", got, kind)
				}
				s, err := Read(filepath.Base(file), content, kind)
				if err != nil {
					t.Fatal(err)
				}
				golden.Compare(t, file+".golden", []byte(shown(s)))
			})
		}
	}
}

// TestOptionsOfCurl: only an option that has a value takes the next word.
func TestOptionsOfCurl(t *testing.T) {
	for text, want := range map[string]struct{ requests, note string }{
		"curl --retry 5 --retry-connrefused http://h/predict":          {"GET /predict", ""},
		"curl --tlsv1.2 http://h/predict --no-such http://h/b":         {"GET /predict, GET /b", "--no-such"},
		"curl --digest -u ada:hunter22 http://h/predict":               {"GET /predict", "--digest"},
		"curl --proxy http://p --max-redirs 3 --ip-tos CS5 http://h/a": {"GET /a", "--proxy --max-redirs --ip-tos"},
		"curl --expand-url http://{{host}}/ http://h/a":                {"GET /a", "--expand-url"},
		"curl --data -1 http://h/a":                                    {"POST /a", ""},
		"curl -d a=1 http://h/a --next http://h/b -: -X PUT h/c":       {"POST /a, GET /b, PUT /c", ""},
	} {
		s, err := Read("it", []byte(text), Curl)
		if err != nil {
			t.Errorf("%s: %v", text, err)
			continue
		}
		var requests, notes []string
		for _, r := range s.Requests {
			requests = append(requests, r.Method+" "+r.Path)
		}
		for _, name := range strings.Fields(want.note) {
			notes = append(notes, "the option "+name+" of curl is left out: the language has none like it")
		}
		if got := strings.Join(requests, ", "); got != want.requests || s.Host != "h" || !slices.Equal(s.Notes, notes) {
			t.Errorf("%s: %s to %s, %q, want %s, %q", text, got, s.Host, s.Notes, want.requests, notes)
		}
	}
}

// shown is everything that is read of a source.
func shown(s *Source) string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s\n%s", s.Scenario(), s.Check("api"))
	fmt.Fprintf(&b, "host %q\n", s.Host)
	for _, note := range s.Notes {
		fmt.Fprintf(&b, "note: %s\n", note)
	}
	return b.String()
}
