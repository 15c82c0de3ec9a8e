package main

import (
	"bytes"
	"context"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"plan/cmd/plan/internal/runs"
	"plan/internal/lock"
	"plan/plans/lang"
	"plan/runner/journal"
)

const resumedPlan = `
variable "users" {
  type    = number
  default = 10
}

variable "key" {
  type      = string
  sensitive = true
}

service "api" {
  image       = "api:latest"
  expose      = ["8000"]
  environment = { KEY = var.key, USERS = "${var.users}" }
}

check "starts" {
  service = service.api
}
`

// cut makes a folder with a run that was cut off after one trial, and returns its ID.
func cut(t *testing.T, id string, more ...journal.Line) {
	t.Helper()
	if err := os.WriteFile("plan.hcl", []byte(resumedPlan), 0o644); err != nil {
		t.Fatal(err)
	}
	plan, diags := lang.Load("plan.hcl", lang.Options{Vars: []string{"users=10"}, Environ: []string{"PLAN_VAR_key=hunter2"}, Version: version})
	if plan == nil {
		t.Fatal(diags)
	}
	dir := filepath.Join(runs.Folder, id)
	if err := os.MkdirAll(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	w, err := journal.Create(dir, plan.Secrets)
	if err != nil {
		t.Fatal(err)
	}
	defer w.Close()
	inputs := journal.InputsOf(plan, id, 1<<60+1)
	for _, line := range append([]journal.Line{
		{Type: journal.RunLine, Run: &journal.Run{
			FormatVersion: journal.Format, Plan: journal.Plan{Name: "plan", File: "plan.hcl", SHA256: plan.SHA256},
			Run: journal.Header{ID: id, Version: version, Started: time.Now()},
		}},
		{Type: journal.InputsLine, Inputs: &inputs},
		{Type: journal.StageLine, Stage: &journal.Stage{Address: "check.starts"}},
		{Type: journal.TrialLine, Trial: &journal.Trial{ID: "check.starts/1", Verdict: journal.Passed}},
	}, more...) {
		if _, err := w.Append(line); err != nil {
			t.Fatal(err)
		}
	}
}

// TestWhichRunIsResumed: every run is refused where it cannot be resumed with this
// plan, before the engine is asked; there is none here.
func TestWhichRunIsResumed(t *testing.T) {
	end := func(code int) journal.Line {
		return journal.Line{Type: journal.EndLine, End: &journal.Header{ExitCode: code}}
	}
	const id, other = "20260301-120000-aaaa", "20260302-120000-bbbb"
	for name, c := range map[string]struct {
		prepare func(*testing.T)
		args    []string
		key     string
		code    int
		says    string
	}{
		"the newest":    {func(t *testing.T) { cut(t, id) }, []string{"--resume"}, "hunter2", 3, "no-engine.sock"},
		"by its name":   {func(t *testing.T) { cut(t, id); cut(t, other) }, []string{"--resume=" + id}, "hunter2", 3, "no-engine.sock"},
		"interrupted":   {func(t *testing.T) { cut(t, id, end(130)) }, []string{"--resume"}, "hunter2", 3, "no-engine.sock"},
		"none was made": {func(t *testing.T) { cut(t, id); os.RemoveAll(runs.Folder) }, []string{"--resume"}, "hunter2", 2, "no run of plan.hcl can be resumed: start a new run, without --resume"},
		"it has ended":  {func(t *testing.T) { cut(t, id, end(1)) }, []string{"--resume"}, "hunter2", 2, "no run of plan.hcl can be resumed: start a new run, without --resume"},
		"it has ended, by its name": {func(t *testing.T) { cut(t, id, end(1)) }, []string{"--resume=" + id}, "hunter2", 2,
			"the run " + id + " has ended, with exit code 1: there is nothing to resume"},
		"unknown": {func(t *testing.T) { cut(t, id) }, []string{"--resume=x"}, "hunter2", 2, `there is no journal of a run "x"`},
		"it goes on": {func(t *testing.T) {
			cut(t, id)
			held, err := lock.Take(runs.LockPath(id))
			if err != nil {
				t.Fatal(err)
			}
			t.Cleanup(func() { _ = held.Release() })
		}, []string{"--resume=" + id}, "hunter2", 2, "the run " + id + " still runs: it cannot be resumed"},
		"of another file": {func(t *testing.T) {
			cut(t, id)
			if err := os.Rename("plan.hcl", "moved.hcl"); err != nil {
				t.Fatal(err)
			}
		}, []string{"--resume=" + id}, "hunter2", 2, "the run " + id + " is a run of plan.hcl: it cannot be resumed with moved.hcl"},
		"another plan": {func(t *testing.T) {
			cut(t, id)
			if err := os.WriteFile("plan.hcl", []byte(resumedPlan+"# changed\n"), 0o644); err != nil {
				t.Fatal(err)
			}
		}, []string{"--resume"}, "hunter2", 2, "the run " + id + " cannot be resumed: plan.hcl has other content"},
		"another value": {func(t *testing.T) { cut(t, id) }, []string{"--resume", "--var", "users=20"}, "hunter2", 2,
			"the run " + id + " cannot be resumed: var.users was 10, and is now 20"},
		"another secret": {func(t *testing.T) { cut(t, id) }, []string{"--resume"}, "hunter3", 2,
			"the run " + id + " cannot be resumed: var.key, a secret, has another value"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Chdir(t.TempDir())
			t.Setenv("DOCKER_HOST", "unix:///nowhere/no-engine.sock")
			c.prepare(t)
			files, _ := filepath.Glob("*.hcl")
			var stdout, stderr bytes.Buffer
			env := environment{stdout: &stdout, stderr: &stderr, environ: []string{"PLAN_VAR_key=" + c.key}}
			code := execute(context.Background(), append([]string{"run", files[0]}, c.args...), env)
			if code != c.code || !strings.Contains(stderr.String(), c.says) {
				t.Errorf("exit %d, want %d: %q", code, c.code, stderr.String())
			}
			if strings.Contains(stderr.String(), "hunter") {
				t.Errorf("a secret is printed: %q", stderr.String())
			}
		})
	}
}

func TestANewRunSaysThatTheLastOneCanBeResumed(t *testing.T) {
	t.Chdir(t.TempDir())
	told := func(run string) string {
		var text bytes.Buffer
		runs.PrintResumeNote(&text, "./plan.hcl", run)
		return text.String()
	}
	cut(t, "20260301-120000-aaaa")
	const want = "The last run of this plan stopped after 1 trial. Resume it: plan run plan.hcl --resume=20260301-120000-aaaa\n"
	if got := told("20260305-120000-0000"); got != want {
		t.Errorf("%q", got)
	}
	if got := told("20260301-120000-aaaa"); got != "" { // that run itself
		t.Errorf("%q", got)
	}
	cut(t, "20260302-120000-aaaa", journal.Line{Type: journal.EndLine, End: &journal.Header{ExitCode: 1}})
	if got := told("20260305-120000-0000"); got != "" {
		t.Errorf("after a run that ended: %q", got)
	}
	if got := told("20260301-120000-aaaa"); got != "" {
		t.Errorf("of a newer run: %q", got)
	}
}

func TestTheSeedSurvivesTheJournal(t *testing.T) {
	t.Chdir(t.TempDir())
	cut(t, "20260301-120000-aaaa")
	run, err := journal.Read(runs.JournalPath("20260301-120000-aaaa"))
	if err != nil || run.Inputs.Seed != 1<<60+1 {
		t.Errorf("%v, %v", run.Inputs, err)
	}
	text, err := os.ReadFile(filepath.Join(runs.Folder, "20260301-120000-aaaa", journal.FileName))
	if err != nil || bytes.Contains(text, []byte("hunter2")) || !json.Valid(bytes.SplitN(text, []byte("\n"), 2)[0]) {
		t.Errorf("%v: %s", err, text)
	}
}
