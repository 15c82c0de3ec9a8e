package main

import (
	"bytes"
	"strings"
	"testing"

	"github.com/spf13/cobra"

	"plan/internal/golden"
)

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
	golden.Compare(t, "testdata/help.txt", []byte(text.String()))
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
