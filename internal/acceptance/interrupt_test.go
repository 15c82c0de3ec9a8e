package acceptance

import (
	"fmt"
	"io/fs"
	"math/rand/v2"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"
)

// longSearch is a run that is in its first trial for half a minute.
func longSearch(t *testing.T, dir string) *process {
	t.Helper()
	return start(t, dir, nil, searchArgs(t, dir, "image="+sample(t), "command="+texts("--memory", "20M"), "runtime=30s")...)
}

// TestInterrupt: after the first signal nothing is left, and what was done is
// reported.
func TestInterrupt(t *testing.T) {
	needEngine(t)
	for _, s := range []syscall.Signal{syscall.SIGINT, syscall.SIGTERM} {
		t.Run(s.String(), func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			p := longSearch(t, dir)
			p.inTrial()
			p.signal(s)
			r := p.wait()
			read := readReport(t, dir, r)
			if r.code != 130 {
				t.Errorf("exit %d, want 130\n%s", r.code, r.stderr)
			}
			if left := remains(t, read.Run.ID); len(left) > 0 {
				t.Errorf("left behind: %v", left)
			}
			one := read.only(t).Trials
			if len(one) != 1 || one[0].Verdict != "aborted" || one[0].reason() != "user" {
				t.Errorf("trials %+v, want one that the user aborted", one)
			}
			if held := recorded(t, dir, read.Run.ID); len(held) != 1 {
				t.Errorf("the journal holds %d trials, want the one", len(held))
			}
		})
	}
}

// TestSecondInterrupt: it stops at once, says what is left and how to remove
// it; doing so removes everything.
func TestSecondInterrupt(t *testing.T) {
	needEngine(t)
	t.Parallel()
	dir := t.TempDir()
	p := longSearch(t, dir)
	p.inTrial()
	id := p.id()
	p.signal(syscall.SIGINT)
	p.signal(syscall.SIGTERM) // not SIGINT, of which one would be lost if the first still waited; after a third nothing is said
	r := p.wait()
	if r.code != 130 {
		t.Errorf("exit %d, want 130", r.code)
	}
	for _, want := range []string{"left: container plan-" + id, "plan clean " + id} {
		if !strings.Contains(r.stderr, want) {
			t.Errorf("%q is not said:\n%s", want, r.stderr)
		}
	}
	cleaned(t, dir, id)
}

// TestKill ends the command with kill -9 at random moments: the agent ends by
// itself, the journal holds every trial that was told, and plan clean removes
// the rest.
func TestKill(t *testing.T) {
	needEngine(t)
	const moments, longest = 20, 9 * time.Second
	random := rand.New(rand.NewPCG(*seed, 1))
	for range moments {
		moment := time.Duration(random.Int64N(int64(longest)))
		t.Run(moment.Round(time.Millisecond).String(), func(t *testing.T) {
			t.Parallel()
			killedAt(t, moment)
		})
	}
}

// toldTrial is a line that tells how a trial ended.
var toldTrial = regexp.MustCompile(`(?m)^search\.memory/\d+ at `)

func killedAt(t *testing.T, moment time.Duration) {
	dir := t.TempDir()
	p := start(t, dir, nil, searchArgs(t, dir, "image="+sample(t), "command="+texts("--memory", "150M"), "from=100M", "to=300M", "strategy=ladder", "runtime=4s")...)
	select {
	case <-time.After(moment):
	case <-p.ended:
		t.Fatalf("it ended before it was killed\n%s", p.stderr.String())
	}
	p.signal(os.Kill)
	r := p.wait()
	if len(p.runs()) == 0 {
		return // it had not begun to make anything
	}
	id := p.runs()[0]
	if !eventually(4*time.Second, func() bool { return len(running(t, id, "agent")) == 0 }) { // by silence alone it would end after 5 s
		t.Errorf("an agent still runs 4 s after its parent was killed")
	}
	held := recorded(t, dir, id)
	for i, one := range held {
		if want := fmt.Sprintf("search.memory/%d", i+1); one.ID != want {
			t.Errorf("line %d of the journal's trials is %s, want %s", i+1, one.ID, want)
		}
	}
	_, err := os.Stat(filepath.Join(dir, ".plan", "runs", id, "journal.jsonl"))
	if os.IsNotExist(err) { // it was killed between the folder and the journal
		settled(t, id)
		cleaned(t, dir, id)
		return
	}
	if again := run(t, dir, "report", id); again.code != 0 || strings.Count(again.stdout, "search.memory") == 0 && len(held) > 0 {
		t.Errorf("plan report %s: exit %d\n%s%s", id, again.code, again.stdout, again.stderr)
	}
	if told := len(toldTrial.FindAllString(r.stderr, -1)); told > len(held) {
		t.Errorf("%d trials were told, the journal holds %d\n%s", told, len(held), r.stderr)
	}
	settled(t, id)
	cleaned(t, dir, id)
}

// settled waits until the engine has made what it was asked for by a command
// that is no more: what is there does not change for half a second.
func settled(t *testing.T, id string) {
	t.Helper()
	last, since := made(t, id), time.Now()
	eventually(10*time.Second, func() bool {
		if now := made(t, id); !slices.Equal(now, last) {
			last, since = now, time.Now()
		}
		return time.Since(since) > 500*time.Millisecond
	})
}

// cleaned says that plan clean removes everything of a dead run: at once, or
// again when the engine has ended a start that the dead run had asked for, which
// makes the control groups of a removed container anew.
func cleaned(t *testing.T, dir, id string) {
	t.Helper()
	var left []string
	if !eventually(10*time.Second, func() bool {
		if r := run(t, dir, "clean", id); r.code != 0 {
			t.Fatalf("plan clean: exit %d\n%s%s", r.code, r.stdout, r.stderr)
		}
		left = remains(t, id)
		return len(left) == 0
	}) {
		t.Errorf("left after plan clean: %v", left)
	}
}

// remains lists all that a run may have left on this machine: containers,
// networks, control groups.
func remains(t *testing.T, id string) []string {
	t.Helper()
	left := made(t, id)
	err := filepath.WalkDir("/sys/fs/cgroup", func(path string, entry fs.DirEntry, err error) error {
		if err != nil {
			return fs.SkipDir // control groups come and go
		}
		if entry.IsDir() && strings.Contains(entry.Name(), id) {
			left = append(left, path)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return left
}
