package acceptance

import (
	"os/exec"
	"slices"
	"strings"
	"testing"
)

// TestExitIsNotMemory: a service that ends by itself at any limit is tried at
// its first limit and at the last one, and then memory is not the answer.
func TestExitIsNotMemory(t *testing.T) {
	needEngine(t)
	t.Parallel()
	image := sample(t)
	for _, strategy := range []string{"anchored", "ladder"} {
		read, r := search(t, t.TempDir(), "image="+image, "command="+texts("--exit-code", "1"), "strategy="+strategy)
		s := read.only(t)
		if r.code != 1 || s.Verdict != "failed" || s.found() != 0 || !strings.Contains(s.Reason, "not memory") {
			t.Errorf("%s: exit %d, %s, found %dM, %q; want a failure that is not memory%s", strategy, r.code, s.Verdict, s.found(), s.Reason, s.told())
		}
		if !strings.Contains(r.stdout, "not memory") {
			t.Errorf("%s: the tables do not say that it is not memory:\n%s", strategy, r.stdout)
		}
		if len(s.Trials) != 2 {
			t.Fatalf("%s: %d trials, want 2%s", strategy, len(s.Trials), s.told())
		}
		for _, one := range s.Trials {
			if one.reason() != "exit" || one.ExitCode == nil || *one.ExitCode != 1 {
				t.Errorf("%s: %s is %s with exit code %v, want exit with 1", strategy, one.ID, one.reason(), one.ExitCode)
			}
		}
	}
}

// TestCommandThatDoesNotExist is the plan's or the image's fault, not a verdict.
func TestCommandThatDoesNotExist(t *testing.T) {
	needEngine(t)
	t.Parallel()
	read, r := search(t, t.TempDir(), "image="+bare(t), "command="+texts("uvicron", "main:app"))
	if r.code != 3 || !strings.Contains(r.stdout+r.stderr, "uvicron") || !strings.Contains(read.Run.Problem, "does not exist") {
		t.Errorf("exit %d, %q; want 3 and a word about uvicron\n%s%s", r.code, read.Run.Problem, r.stdout, r.stderr)
	}
	if left := made(t, read.Run.ID); len(left) > 0 {
		t.Errorf("left behind: %v", left)
	}
}

// bare is an image that holds the command's binary and starts nothing.
func bare(t *testing.T) string {
	t.Helper()
	name := unique(t) + ":latest"
	archive := exec.Command("tar", "-c", "-C", here.dir, "plan")
	content, err := archive.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	load := exec.Command("docker", "import", "-c", "LABEL "+here.label(), "-", name)
	load.Stdin = content
	if err := archive.Start(); err != nil {
		t.Fatal(err)
	}
	out, err := load.CombinedOutput()
	if err := archive.Wait(); err != nil {
		t.Fatal(err)
	}
	if err != nil {
		t.Fatalf("docker import: %v\n%s", err, out)
	}
	t.Cleanup(func() { _, _ = tryDocker("rmi", "-f", name) })
	return name
}

// TestNeverReady: the verdict says so, and the last lines of the log are there.
func TestNeverReady(t *testing.T) {
	needEngine(t)
	t.Parallel()
	dir := t.TempDir()
	read, r := search(t, dir, "image="+sample(t), "command="+texts("--memory", "20M"), "health=/nowhere", "within=2s", "to=300M")
	s := read.only(t)
	if r.code != 1 || len(s.Trials) != 1 || s.Trials[0].reason() != "not_ready" {
		t.Fatalf("exit %d%s; want one trial that was not ready", r.code, s.told())
	}
	if !strings.Contains(s.Trials[0].Why, "404") {
		t.Errorf("%q does not tell the last answer", s.Trials[0].Why)
	}
	trials := recorded(t, dir, read.Run.ID)
	if len(trials) != 1 || trials[0].Evidence == nil || len(trials[0].Evidence.Log) == 0 {
		t.Fatalf("the journal holds no log of the trial: %+v", trials)
	}
	last := trials[0].Evidence.Log[len(trials[0].Evidence.Log)-1]
	if !strings.Contains(r.stdout+r.stderr, last) {
		t.Errorf("the last line of its log, %q, is not printed:\n%s%s", last, r.stdout, r.stderr)
	}
}

// TestKillFromOutsideIsNotMemory: somebody kills every container of the
// service with docker kill.
func TestKillFromOutsideIsNotMemory(t *testing.T) {
	needEngine(t)
	t.Parallel()
	dir := t.TempDir()
	p := start(t, dir, nil, searchArgs(t, dir, "image="+sample(t), "command="+texts("--memory", "20M"), "runtime=20s", "to=300M")...)
	var killed []string
	for p.goesOn() {
		for _, id := range running(t, p.id(), "service") {
			if _, err := tryDocker("kill", id); err == nil && !slices.Contains(killed, id) {
				killed = append(killed, id)
			}
		}
	}
	r := p.wait()
	s := readReport(t, dir, r).only(t)
	if r.code != 5 || len(s.Trials) != 2 || len(killed) != 2 {
		t.Fatalf("exit %d after %d kills%s; want 5: killed, and killed again", r.code, len(killed), s.told())
	}
	for _, one := range s.Trials {
		if one.Verdict != "inconclusive" || one.reason() != "killed" {
			t.Errorf("%s is %s (%s), want inconclusive (killed)", one.ID, one.Verdict, one.reason())
		}
	}
}

// TestWrongAnswers: a service that answers 500 has failed with errors.
func TestWrongAnswers(t *testing.T) {
	needEngine(t)
	t.Parallel()
	read, r := search(t, t.TempDir(), "image="+sample(t), "command="+texts("--status", "500"), "to=300M")
	s := read.only(t)
	if r.code != 1 || len(s.Trials) != 1 || s.Trials[0].reason() != "errors" || !strings.Contains(s.Trials[0].Why, "500") {
		t.Errorf("exit %d%s; want one trial that failed with errors, 500 among them", r.code, s.told())
	}
}
