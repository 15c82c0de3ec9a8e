package main

import (
	"context"
	"io"
	"os"
	"os/exec"
	"testing"

	"plan/cmd/plan/internal/interrupt"
)

// TestAReaderThatDisconnectsDoesNotEndARun: without its end a run would leave its
// containers behind. TestMain makes
// the process that writes.
func TestAReaderThatDisconnectsDoesNotEndARun(t *testing.T) {
	read, write, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	read.Close()
	defer write.Close()
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), unread+"=1")
	cmd.Stdout, cmd.Stderr = write, write
	if err := cmd.Run(); err != nil {
		t.Errorf("a write that nobody reads ended the process: %v", err)
	}
}

// unread in the environment makes the test binary writeUnread.
const unread = "PLAN_TEST_UNREAD"

// writeUnread writes while interrupts are watched, as a run does.
func writeUnread() {
	_, i := interrupt.Handle(context.Background())
	defer i.Stop()
	for _, w := range []io.Writer{os.Stdout, os.Stderr} {
		if _, err := io.WriteString(w, "a line\n"); err == nil {
			os.Exit(1) // somebody reads: the test tests nothing
		}
	}
}
