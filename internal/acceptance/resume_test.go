package acceptance

import (
	"flag"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
)

// resumes is at how many random moments TestResume kills a run.
var resumes = flag.Int("resumes", 8, "at how many random moments a run is killed and resumed")

// resumedSearch are the arguments of a run of four trials or so, some of them killed
// for memory.
func resumedSearch(t *testing.T, dir string) []string {
	t.Helper()
	return searchArgs(t, dir, "image="+sample(t), "command="+texts("--memory", "250M"), "from=100M", "to=600M", "runtime=2s")
}

// TestResume kills runs after each of their trials and at random moments. The resumed
// run has the answer of a run in one go, keeps every trial that the journal had, and
// leaves nothing.
func TestResume(t *testing.T) {
	needEngine(t)
	t.Parallel()
	dir := t.TempDir()
	r := run(t, dir, resumedSearch(t, dir)...)
	whole := readReport(t, dir, r).only(t)
	if r.code != 0 || whole.Found == nil {
		t.Fatalf("exit %d\n%s%s", r.code, r.stdout, r.stderr)
	}
	for n := range len(whole.Trials) {
		t.Run(fmt.Sprintf("after %d trials", n+1), func(t *testing.T) {
			t.Parallel()
			resumedAfter(t, whole, func(p *process) {
				p.until("its trials are written", func() bool { return len(recorded(t, p.command.Dir, p.id())) > n })
			})
		})
	}
	random := rand.New(rand.NewPCG(*seed, 2))
	for range *resumes {
		moment := time.Duration(random.Int64N(int64(r.took)))
		t.Run(moment.Round(time.Millisecond).String(), func(t *testing.T) {
			t.Parallel()
			resumedAfter(t, whole, func(p *process) {
				select {
				case <-time.After(moment):
				case <-p.ended:
				}
			})
		})
	}
}

// resumedAfter kills a run with kill -9 after a wait, and resumes it.
func resumedAfter(t *testing.T, whole stage, wait func(*process)) {
	t.Helper()
	dir := t.TempDir()
	args := resumedSearch(t, dir)
	p := start(t, dir, nil, args...)
	wait(p)
	p.signal(os.Kill)
	killed := p.wait()
	if len(p.runs()) == 0 {
		return // it had not begun to make anything
	}
	id := p.runs()[0]
	path := filepath.Join(dir, ".plan", "runs", id, "journal.jsonl")
	text, _ := os.ReadFile(path)
	had := string(text[:strings.LastIndexByte(string(text), '\n')+1])
	if had == "" {
		return // nothing to resume
	}
	r := run(t, dir, append(args, "--resume")...)
	if strings.Contains(had, `{"type":"end"`) { // it had ended before it was killed
		if r.code != 2 || !strings.Contains(r.stderr, "start a new run, without --resume") {
			t.Errorf("exit %d: %s", r.code, r.stderr)
		}
		return
	}
	read := readReport(t, dir, r)
	got := read.only(t)
	if r.code != 0 || got.found() != whole.found() || len(got.Trials) != len(whole.Trials) || read.Run.ID != id {
		t.Errorf("exit %d, found %v with %d trials, and in one go %v with %d%s\n%s\nkilled:\n%s", r.code, got.found(), len(got.Trials), whole.found(), len(whole.Trials),
			got.told(), r.stderr, killed.stderr)
	}
	for i, one := range got.Trials {
		if want := whole.Trials[i]; one.ID != want.ID || one.Verdict != want.Verdict || one.reason() != want.reason() {
			t.Errorf("%s is %s (%s), and in one go %s (%s)", one.ID, one.Verdict, one.reason(), want.Verdict, want.reason())
		}
	}
	after, err := os.ReadFile(path)
	if err != nil || !strings.HasPrefix(string(after), had) {
		t.Errorf("lines of the journal have changed: %v", err)
	}
	if left := remains(t, id); len(left) > 0 {
		t.Errorf("left behind: %v", left)
	}
}

// TestAnInterruptedRunIsResumed: Ctrl-C ends the run with exit code 130, and prints
// how to go on; a changed variable is refused.
func TestAnInterruptedRunIsResumed(t *testing.T) {
	needEngine(t)
	t.Parallel()
	dir := t.TempDir()
	args := resumedSearch(t, dir)
	p := start(t, dir, nil, args...)
	p.until("a trial is written", func() bool { return len(recorded(t, dir, p.id())) > 0 })
	p.signal(os.Interrupt)
	r := p.wait()
	if r.code != 130 || !strings.Contains(r.stdout, "--resume="+p.id()) {
		t.Fatalf("exit %d\n%s", r.code, r.stdout)
	}
	changed := run(t, dir, append(args, "--resume", "--var", "to=700M")...)
	if changed.code != 2 || !strings.Contains(changed.stderr, `var.to was "600M", and is now "700M"`) {
		t.Errorf("exit %d: %s", changed.code, changed.stderr)
	}
	r = run(t, dir, append(args, "--resume")...)
	if s := readReport(t, dir, r).only(t); r.code != 0 || s.found() == 0 {
		t.Errorf("exit %d%s\n%s", r.code, s.told(), r.stderr)
	}
}

// TestTwoRunsOnOneEngine: the second run names the first, and waits for it where that
// is asked for. It does not run beside other tests, for whose runs it would wait too.
func TestTwoRunsOnOneEngine(t *testing.T) {
	needEngine(t)
	first := longSearch(t, t.TempDir())
	first.inTrial()
	other := t.TempDir()
	second := start(t, other, nil, resumedSearch(t, other)...)
	second.until("it names the first", func() bool { return strings.Contains(second.stderr.String(), "the run "+first.id()+" of ") })
	second.signal(os.Interrupt)
	second.wait()
	dir := t.TempDir()
	waiting := start(t, dir, nil, append(resumedSearch(t, dir), "--wait")...)
	waiting.until("it waits", func() bool { return strings.Contains(waiting.stderr.String(), "waiting for the run "+first.id()) })
	var life []string
	waiting.until("a container shows that it lives", func() bool { life = running(t, waiting.id(), "life"); return len(life) == 1 })
	time.Sleep(7 * time.Second) // an agent that hears nothing for 5 s ends
	if now := running(t, waiting.id(), "life"); !slices.Equal(now, life) {
		t.Errorf("the container that shows that it lives was %v, and is %v", life, now)
	}
	if services := running(t, waiting.id(), "service"); len(services) > 0 || first.over() {
		t.Errorf("it runs %v beside the first run", services)
	}
	first.signal(os.Interrupt)
	first.wait()
	if r := waiting.wait(); r.code != 0 || len(remains(t, waiting.id())) > 0 {
		t.Errorf("exit %d\n%s", r.code, r.stderr)
	}
}
