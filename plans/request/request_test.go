package request

import (
	"fmt"
	"os"
	"path/filepath"
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
