// Package golden lets tests compare their output with files, and rewrite the
// files with the flag -update. Only tests import it; `make golden` finds these
// tests by their calls.
package golden

import (
	"flag"
	"os"
	"testing"

	"github.com/google/go-cmp/cmp"
)

var update = flag.Bool("update", false, "rewrite the golden files")

// Updating reports whether the test has the flag -update.
func Updating() bool { return *update }

// Compare fails the test if a file does not have the content. With -update it
// writes the file instead. The path is relative to the folder of the test.
func Compare(t testing.TB, path string, content []byte) {
	t.Helper()
	if *update {
		if err := os.WriteFile(path, content, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), string(content)); diff != "" {
		t.Errorf("%s differs (-want +got; make golden rewrites it):\n%s", path, diff)
	}
}
