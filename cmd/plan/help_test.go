package main

import (
	"bytes"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/spf13/cobra"
)

var update = flag.Bool("update", false, "rewrite the golden files")

// TestHelp compares the help of every command with a golden file, in which
// package docs searches for words to avoid.
func TestHelp(t *testing.T) {
	var text strings.Builder
	for _, path := range commandPaths(command(environment{})) {
		var out bytes.Buffer
		args := append(strings.Fields(path)[1:], "--help")
		if code := execute(t.Context(), args, environment{stdout: &out, stderr: &out}); code != 0 {
			t.Errorf("%s --help: exit code %d", path, code)
		}
		text.WriteString("$ " + path + " --help\n" + out.String() + "\n")
	}
	golden := filepath.Join("testdata", "help.txt")
	if *update {
		if err := os.WriteFile(golden, []byte(text.String()), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(golden)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), text.String()); diff != "" {
		t.Errorf("%s differs (make golden rewrites it):\n%s", golden, diff)
	}
}

// commandPaths returns the path of a command and of all commands below it, as
// in "plan sample image".
func commandPaths(cmd *cobra.Command) []string {
	paths := []string{cmd.CommandPath()}
	for _, sub := range cmd.Commands() {
		paths = append(paths, commandPaths(sub)...)
	}
	return paths
}
