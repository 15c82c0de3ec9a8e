package docker

import (
	"bufio"
	"context"
	"strconv"
	"strings"
	"testing"
	"time"

	"plan/containers"
	"plan/internal/units"
)

// The log of a container is bounded, whatever the engine's default is: of more
// the older lines go, and that can be told. What is waited for in it is still
// found, and its last lines are those that were written last.
func TestALogThatIsCut(t *testing.T) {
	d := live(t)
	for mib, want := range map[int]bool{1: false, 160: true} {
		t.Run(strconv.Itoa(mib)+"M", func(t *testing.T) {
			i := start(t, d, spec(t, d, "flood", strconv.Itoa(mib)))
			ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute)
			defer cancel()
			log, err := i.Follow(ctx)
			if err != nil {
				t.Fatal(err)
			}
			defer log.Close()
			last, found := "", false
			for lines := bufio.NewScanner(log); !found && lines.Scan(); {
				found = lines.Text() == "ready"
				last = lines.Text()
			}
			if !found {
				t.Fatalf("the last line is never found: the log ends with %.20q", last)
			}
			if got := i.LogCut(ctx); got != want {
				t.Errorf("cut: %v, want %v", got, want)
			}
			lines, err := i.Logs(ctx, 2)
			if err != nil || len(lines) != 2 {
				t.Fatalf("%d last lines, %v", len(lines), err)
			}
			number, shortened := strings.CutSuffix(lines[0], "…") // the line is longer than one that is kept
			if !shortened || strings.TrimSpace(number) != strconv.Itoa(mib<<7-1) || lines[1] != "ready" {
				t.Errorf("the last lines are %.20q", lines)
			}
			all, err := i.Logs(ctx, 1<<20)
			kept := units.Bytes(len(all)) * 8 * units.KiB // before they were shortened
			if err != nil || kept > containers.LogLimit || want && kept < containers.LogLimit/3 {
				t.Errorf("%s of the log are kept, %v", kept, err)
			}
		})
	}
}

// A container that has written nothing has lost nothing.
func TestALogWithoutLines(t *testing.T) {
	d := live(t)
	i := start(t, d, spec(t, d, "burn", "1"))
	if i.LogCut(t.Context()) {
		t.Error("it is cut")
	}
}
