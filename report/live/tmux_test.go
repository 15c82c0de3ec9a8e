package live

import (
	"fmt"
	"os"
	"os/exec"
	"slices"
	"strings"
	"testing"
	"time"

	"golang.org/x/term"

	"plan/report/fixture"
	"plan/runner/journal"
)

// inTmux in the environment makes TestInTmux the process that runs in tmux.
const inTmux = "PLAN_TEST_IN_TMUX"

// TestInTmux shows the block in a real terminal, which is resized meanwhile: lines that
// stay are there once, and the newest block is below them. What tmux moves into its
// history by a resize cannot be cleared.
func TestInTmux(t *testing.T) {
	if os.Getenv(inTmux) != "" {
		showBlock()
		return
	}
	tmux, err := exec.LookPath("tmux")
	if err != nil {
		t.Skip("there is no tmux")
	}
	socket := fmt.Sprintf("plan-test-%d", os.Getpid())
	run := func(args ...string) string {
		t.Helper()
		cmd := exec.Command(tmux, append([]string{"-L", socket, "-f", "/dev/null"}, args...)...)
		cmd.Env = append(os.Environ(), "LC_ALL=C.UTF-8", "TERM=xterm-256color")
		out, err := cmd.CombinedOutput()
		if err != nil {
			t.Fatalf("tmux %v: %v\n%s", args, err, out)
		}
		return string(out)
	}
	run("-u", "new-session", "-d", "-x", "80", "-y", "30", "env", inTmux+"=1", os.Args[0], "-test.run=^TestInTmux$")
	defer exec.Command(tmux, "-L", socket, "kill-server").Run()
	for _, width := range []int{80, 200, 60, 120, 80} {
		run("resize-window", "-t", "0", "-x", fmt.Sprint(width), "-y", "30")
		want := strings.Split(block(sampledNow(), fixture.Begun, width-1, false), "\n")
		for i := range want {
			want[i] = strings.TrimRight(want[i], " ")
		}
		var lines []string
		shown := func() bool { // the block at the end; each line that stays once, perhaps in the history
			lines = strings.Split(strings.TrimRight(run("capture-pane", "-p", "-S", "-", "-t", "0"), "\n"), "\n")
			for i := range lines {
				lines[i] = strings.TrimRight(lines[i], " ")
			}
			all := strings.Join(lines, "")
			for _, line := range []string{"engine 20.10.24)", "another note", "24)another notea note"} {
				if strings.Count(all, line) != 1 {
					return false
				}
			}
			return slices.Equal(lines[max(0, len(lines)-len(want)):], want)
		}
		for range 100 { // until it is drawn again: the machine may be busy
			if shown() {
				break
			}
			time.Sleep(100 * time.Millisecond)
		}
		if !shown() {
			t.Errorf("at %d columns the terminal shows\n%s\nwant at its end\n%s", width, strings.Join(lines, "\n"), strings.Join(want, "\n"))
		}
	}
}

// sampledNow is a state without a time left, which would change.
func sampledNow() state {
	m := sampled()
	m.status.Left = 0
	return m
}

// showBlock shows a block that does not change until the process is killed.
func showBlock() {
	columns := func() int {
		n, _, _ := term.GetSize(int(os.Stderr.Fd()))
		return n
	}
	l := New(os.Stderr, Options{Terminal: true, Width: columns})
	l.Begin(journal.Run{Plan: fixture.Whole().Plan, Run: fixture.Whole().Run})
	l.line.Lock()
	l.now = sampledNow()
	l.line.Unlock()
	time.Sleep(300 * time.Millisecond)
	l.Note("another note")
	l.Note("a note")
	time.Sleep(2 * time.Minute)
}
