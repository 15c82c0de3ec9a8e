package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"plan/cmd/plan/internal/interrupt"
	"plan/cmd/plan/internal/outputs"
	"plan/report/fixture"
	"plan/report/formats"
	"plan/runner/journal"
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

// TestTheCodeAfterASecondSignal: the answers' code stands, and a report that is missing changes only 0.
func TestTheCodeAfterASecondSignal(t *testing.T) {
	written, unread := journal.Run{}, errors.New("no journal")
	with := func(code int, unfinished bool) journal.Run {
		run := written
		run.Run.ExitCode, run.Run.Unfinished = code, unfinished
		return run
	}
	for name, c := range map[string]struct {
		record            journal.Run
		err               error
		reports, reported bool
		want              int
	}{
		"met":                              {with(0, false), nil, false, false, 0},
		"met, a report is missing":         {with(0, false), nil, true, false, 3},
		"met, the reports are written":     {with(0, false), nil, true, true, 0},
		"not met":                          {with(1, false), nil, false, false, 1},
		"not met, a report is missing":     {with(1, false), nil, true, false, 1},
		"unfinished":                       {with(0, true), nil, false, false, 130},
		"unfinished, a report is missing":  {with(0, true), nil, true, false, 130},
		"the journal cannot be read":       {written, unread, false, false, 130},
		"interrupted, and it has its line": {with(130, false), nil, true, false, 130},
	} {
		e := &ending{reports: c.reports}
		e.reported.Store(c.reported)
		if got := e.code(c.record, c.err); got != c.want {
			t.Errorf("%s: %d, want %d", name, got, c.want)
		}
	}
}

// TestASecondSignalWhileARunIsRemoved: with --json the standard output has only lines of the journal.
func TestASecondSignalWhileARunIsRemoved(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "r1")
	if err := os.Mkdir(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	w, err := journal.Create(dir, nil)
	if err != nil {
		t.Fatal(err)
	}
	whole := fixture.Whole()
	for _, line := range []journal.Line{
		{Type: "run", Run: &journal.Run{FormatVersion: journal.Format, Plan: whole.Plan, Run: journal.Header{ID: "r1"}}},
		{Type: "end", End: &journal.Header{ID: "r1"}},
	} {
		if _, err := w.Append(line); err != nil {
			t.Fatal(err)
		}
	}
	var out, errs strings.Builder
	env := environment{stdout: &out, stderr: &errs}
	live := slices.IndexFunc(outputs.Formats(), func(f formats.Format) bool { return f.Live })
	e := newEnding(env, env.stderr, []outputs.File[journal.Run]{{Format: outputs.Formats()[live]}})
	if e.reports {
		t.Error("the requests, which are written all along, are missing")
	}
	e = newEnding(env, env.stderr, []outputs.File[journal.Run]{{Format: outputs.JournalFormats()[0]}})
	code, say := e.running(w.Path(), func() { printWaiting(&errs, "removing", calls{"list containers, for 3s"}) },
		func() ([]string, error) { return []string{"container plan-r1"}, nil }, "plan clean r1")()
	say()
	if code != 3 || out.String() != "" {
		t.Errorf("code %d, and the standard output has %q", code, out.String())
	}
	for _, part := range []string{
		"stopped at once", "in progress: removing", "waiting for the engine: list containers, for 3s", "left: container plan-r1",
		"remove what is left with: plan clean r1", "plan report r1 --report", whole.Plan.Name,
	} {
		if !strings.Contains(errs.String(), part) {
			t.Errorf("%q is missing in %q", part, errs.String())
		}
	}
	code, say = e.ended(journal.Run{Run: journal.Header{ID: "r1"}})()
	errs.Reset()
	if say(); code != 3 || !strings.Contains(errs.String(), "plan report r1 --report") {
		t.Errorf("while the reports are written: code %d, %q", code, errs.String())
	}
}

// calls are those that wait for an engine.
type calls []string

func (c calls) Calls() []string { return c }

// TestQuitNamesTheCallThatWaits: a command that waits for an engine prints for what, also without a run.
func TestQuitNamesTheCallThatWaits(t *testing.T) {
	socket := filepath.Join(t.TempDir(), "s")
	listener, err := net.Listen("unix", socket)
	if err != nil {
		t.Fatal(err)
	}
	asked := make(chan struct{})
	engine := &http.Server{Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if strings.HasSuffix(r.URL.Path, "/containers/json") {
			close(asked)
			<-r.Context().Done()
			return
		}
		w.Header().Set("Api-Version", "1.43")
		fmt.Fprint(w, "{}")
	})}
	go engine.Serve(listener)
	defer engine.Close()
	cmd := exec.Command(os.Args[0])
	cmd.Args = []string{"plan", "clean"} // testscript.Main runs the command of that name
	cmd.Env = append(os.Environ(), "DOCKER_HOST=unix://"+socket)
	var errs strings.Builder
	cmd.Stderr = &errs
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	select {
	case <-asked:
	case <-time.After(time.Minute):
		t.Error("the engine is not asked")
	}
	if err := cmd.Process.Signal(syscall.SIGQUIT); err != nil {
		t.Fatal(err)
	}
	_ = cmd.Wait()
	if code := cmd.ProcessState.ExitCode(); code != 130 || !strings.Contains(errs.String(), "waiting for the engine: list containers") {
		t.Errorf("code %d, %q", code, errs.String())
	}
}
