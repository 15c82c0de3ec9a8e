package journal

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func TestChangedInputs(t *testing.T) {
	plan := Plan{File: "p.hcl", SHA256: "1"}
	inputs := func() Inputs {
		return Inputs{
			Variables: map[string]Input{"users": {Value: "[10]"}, "key": {Hash: "h1"}}, Files: map[string]Digest{"a.csv": "1"},
		}
	}
	for name, c := range map[string]struct {
		change func(*Plan, *Inputs)
		want   []string
	}{
		"nothing":                 {func(*Plan, *Inputs) {}, nil},
		"only its seed":           {func(_ *Plan, i *Inputs) { i.Seed = 3 }, nil},
		"the plan":                {func(p *Plan, _ *Inputs) { p.SHA256 = "2" }, []string{"p.hcl has other content"}},
		"a value":                 {func(_ *Plan, i *Inputs) { i.Variables["users"] = Input{Value: "[20]"} }, []string{"var.users was [10], and is now [20]"}},
		"a secret":                {func(_ *Plan, i *Inputs) { i.Variables["key"] = Input{Hash: "h2"} }, []string{"var.key, a secret, has another value"}},
		"no secret any more":      {func(_ *Plan, i *Inputs) { i.Variables["key"] = Input{Value: "x"} }, []string{"var.key, a secret, has another value"}},
		"a variable more":         {func(_ *Plan, i *Inputs) { i.Variables["more"] = Input{Value: "1"} }, []string{"var.more was not declared, and is now 1"}},
		"a variable less":         {func(_ *Plan, i *Inputs) { delete(i.Variables, "users") }, []string{"var.users was [10], and is now not declared"}},
		"a file":                  {func(_ *Plan, i *Inputs) { i.Files["a.csv"] = "2" }, []string{"the file a.csv has other content"}},
		"a file and the variable": {func(_ *Plan, i *Inputs) { i.Files["b.csv"], i.Variables["key"] = "2", Input{} }, []string{"var.key, a secret, has another value", "the file b.csv has other content"}},
	} {
		before := inputs()
		nowPlan, now := plan, inputs()
		c.change(&nowPlan, &now)
		if diff := cmp.Diff(c.want, Run{Plan: plan, Inputs: &before}.Changes(nowPlan, now)); diff != "" {
			t.Errorf("%s: %s", name, diff)
		}
	}
	if got := (Run{Plan: plan}).Changes(plan, inputs()); got != nil {
		t.Errorf("without inputs: %q", got)
	}
}

func TestChangedHosts(t *testing.T) {
	host := Host{Name: "h", Memory: 1, CPUs: 2, OS: "Debian", Kernel: "6.1", Engine: "24", CgroupVersion: "2"}
	now := Host{Name: "i", Memory: 2, CPUs: 3, OS: "Alpine", Kernel: "6.2", Engine: "25", CgroupVersion: "1", Local: true}
	want := []string{
		"the host was h, and is now i", "the memory of the host was 1, and is now 2", "its number of CPUs was 2, and is now 3",
		"its operating system was Debian, and is now Alpine", "its kernel was 6.1, and is now 6.2", "the version of the engine was 24, and is now 25",
		"the version of its control groups was 2, and is now 1",
	}
	if diff := cmp.Diff(want, host.Changes(now)); diff != "" {
		t.Error(diff)
	}
	local := host
	local.Local = true // is known only in a trial
	if got := host.Changes(local); got != nil {
		t.Errorf("%q", got)
	}
}

// What an interruption or a lost engine caused is not repeated.
func TestReplayable(t *testing.T) {
	passed, stage := Line{Type: TrialLine, Trial: &Trial{Verdict: Passed}}, Line{Type: AnswerLine, Stage: &Stage{Verdict: Passed}}
	aborted := func(r Reason) Line { return Line{Type: TrialLine, Trial: &Trial{Verdict: Aborted, Reason: &r}} }
	for name, c := range map[string]struct {
		last Line
		want int
	}{
		"a trial":               {passed, 3},
		"the end":               {Line{Type: EndLine, End: &Header{}}, 2},
		"a trial by the user":   {aborted(User), 2},
		"a trial by the engine": {aborted(EngineLost), 2},
		"a trial by the guard":  {aborted(GuardStop), 3},
		"a stage by the user":   {Line{Type: AnswerLine, Stage: &Stage{AbortedBy: User}}, 2},
		"a stage by the engine": {Line{Type: AnswerLine, Stage: &Stage{AbortedBy: EngineLost}}, 2},
		"a stage by the guard":  {Line{Type: AnswerLine, Stage: &Stage{AbortedBy: GuardStop}}, 3},
	} {
		if got := Replayable([]Line{passed, stage, c.last}); len(got) != c.want {
			t.Errorf("%s: %d lines", name, len(got))
		}
		if got := Replayable([]Line{passed, stage, c.last, passed}); c.want == 2 && len(got) != 2 {
			t.Errorf("%s, and more: %d lines", name, len(got))
		}
	}
}

func TestWhichRunsCanBeResumed(t *testing.T) {
	for name, c := range map[string]struct {
		header Header
		want   bool
	}{
		"killed": {Header{Unfinished: true}, true}, "interrupted": {Header{ExitCode: 130}, true},
		"the engine was lost": {Header{ExitCode: 3, EngineLost: true}, true}, "the environment": {Header{ExitCode: 3}, false},
		"passed": {Header{}, false}, "failed": {Header{ExitCode: 1}, false}, "guard": {Header{ExitCode: 4}, false},
	} {
		if got := c.header.Resumable(); got != c.want {
			t.Errorf("%s: %v", name, got)
		}
	}
}

func TestElapsed(t *testing.T) {
	at := func(s float64) time.Time { return begun.Add(time.Duration(s * float64(time.Second))) }
	h := Header{Started: begun, Resumed: []Resume{{At: at(100), After: 10}, {At: at(200), After: 25}}}
	for moment, want := range map[float64]float64{0: 0, 10: 10, 99: 99, 100: 10, 115: 25, 199: 109, 200: 25, 203: 28} {
		if got := h.Elapsed(at(moment)); got != want {
			t.Errorf("%v s after its start: %v", moment, got)
		}
	}
}

// A journal that is opened goes on after its whole lines, wherever it was cut off.
func TestAJournalGoesOn(t *testing.T) {
	all := lines()
	whole := write(t, nil, all)
	text := read(t, whole)
	for _, cut := range []int{len(text), len(text) - 1, len(text) / 2, len(text) / 3, len(read(t, write(t, nil, all[:1])))} {
		for keep := range 2 { // all of its lines, and one less
			dir := t.TempDir()
			put(t, dir, text[:cut])
			w, had, err := Open(dir, []string{"1300M"})
			if err != nil {
				t.Fatal(err)
			}
			kept := max(1, len(had)-keep)
			if err := w.Keep(kept); err != nil {
				t.Fatal(err)
			}
			if _, err := w.Append(all[len(all)-1]); err != nil {
				t.Fatal(err)
			}
			if err := w.Close(); err != nil {
				t.Fatal(err)
			}
			var again []Line
			err = Lines(w.Path(), func(line Line) error { again = append(again, line); return nil })
			if err != nil || len(again) != kept+1 || again[kept].Outputs["memory"] != "***" {
				t.Errorf("cut at %d, %d lines kept: %d lines, %v", cut, kept, len(again), err)
			}
		}
	}
	// Damaged lines at the end count as cut off; one before others is refused.
	damaged := func(i int) []byte {
		all := bytes.SplitAfter(bytes.Clone(text), []byte("\n"))
		all[i][len(all[i])/2] ^= 1
		return bytes.Join(all, nil)
	}
	dir := t.TempDir()
	put(t, dir, damaged(len(all)-1))
	if w, had, err := Open(dir, nil); err != nil || len(had) != len(all)-1 {
		t.Errorf("the last line is damaged: %d lines, %v", len(had), err)
	} else if err := errors.Join(w.Keep(len(had)), w.Close()); err != nil || !bytes.HasPrefix(text, read(t, w.Path())) {
		t.Errorf("what is kept has the damaged line: %v", err)
	}
	dir = t.TempDir()
	put(t, dir, damaged(len(all)-2))
	if _, _, err := Open(dir, nil); err == nil || !strings.Contains(err.Error(), fmt.Sprintf("line %d is damaged", len(all)-1)) {
		t.Errorf("a line is damaged: %v", err)
	}
	dir = t.TempDir()
	put(t, dir, text[:10])
	if _, _, err := Open(dir, nil); err == nil {
		t.Error("a journal without a line is opened")
	}
	if _, _, err := Open(t.TempDir(), nil); err == nil {
		t.Error("no journal is opened")
	}
}

func read(t *testing.T, path string) []byte {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return text
}

func put(t *testing.T, dir string, text []byte) {
	t.Helper()
	if err := os.WriteFile(filepath.Join(dir, FileName), text, 0o600); err != nil {
		t.Fatal(err)
	}
}
