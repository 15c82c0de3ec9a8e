package acceptance

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

const mebibyte = 1 << 20

// report is what these tests read of report format 1.
type report struct {
	Run struct {
		ID       string
		ExitCode int `json:"exit_code"`
		Problem  string
		Help     string
	}
	Images []struct {
		Address, Name string
		Digest        *string
		Pushed        bool
	}
	Stages  []stage
	Outputs map[string]any
}

type stage struct {
	Address, Verdict, Reason string
	FailedBy                 string `json:"failed_by"`
	Disproved                []struct{ Trial string }
	SetAside                 int `json:"set_aside"`
	Found                    *struct {
		Memory *int64
		CPUs   *float64
	}
	Held        *int
	Certificate *struct {
		Passed string
		Failed []string
	}
	Trials []trial
}

type trial struct {
	ID, Verdict, Why string
	Reason           *string
	Users            *int
	Windows          []struct {
		Users  int
		Broken string
	}
	Set     struct{ Memory *int64 }
	Seconds struct{ Ready *float64 }
	Load    struct {
		Judged *struct{ Requests, Failed int }
	}
	OOMKills  *int64 `json:"oom_kills"`
	ExitCode  *int   `json:"exit_code"`
	Instances []struct {
		Name, ID  string
		Requests  *int64
		Processes *struct{ Answered, Of int }
	}
	Evidence *struct{ Log []string } // in the journal alone
}

func (t trial) reason() string {
	if t.Reason == nil {
		return ""
	}
	return *t.Reason
}

// search runs testdata/least.hcl with variables, each as name=value, and reads
// its report.
func search(t *testing.T, dir string, variables ...string) (report, result) {
	t.Helper()
	r := run(t, dir, searchArgs(t, dir, variables...)...)
	return readReport(t, dir, r), r
}

func searchArgs(t *testing.T, dir string, variables ...string) []string {
	t.Helper()
	return planArgs(t, dir, "testdata/least.hcl", variables...)
}

// planArgs is the command line that runs a plan and writes dir/report.json.
func planArgs(t *testing.T, dir, file string, variables ...string) []string {
	t.Helper()
	args := []string{"run", absolute(t, file), "--report", "json=" + filepath.Join(dir, "report.json")}
	for _, v := range variables {
		args = append(args, "--var", v)
	}
	return args
}

func absolute(t *testing.T, path string) string {
	t.Helper()
	path, err := filepath.Abs(path)
	if err != nil {
		t.Fatal(err)
	}
	return path
}

func readReport(t *testing.T, dir string, r result) report {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(dir, "report.json"))
	if err != nil {
		t.Fatalf("exit %d without a report: %v\n%s%s", r.code, err, r.stdout, r.stderr)
	}
	holdsToSchema(t, text)
	var read report
	if err := json.Unmarshal(text, &read); err != nil {
		t.Fatalf("the report is not format 1: %v\n%s", err, text)
	}
	if read.Run.ExitCode != r.code {
		t.Errorf("the report says exit code %d, the command ended with %d", read.Run.ExitCode, r.code)
	}
	if checked := run(t, dir, "report", read.Run.ID, "--verify"); checked.code != 0 {
		t.Errorf("the journal does not hold: exit %d\n%s%s", checked.code, checked.stdout, checked.stderr)
	}
	return read
}

// only is the one stage of a report.
func (r report) only(t *testing.T) stage {
	t.Helper()
	if len(r.Stages) != 1 {
		t.Fatalf("the report has %d stages, want 1 (%s)", len(r.Stages), r.Run.Problem)
	}
	return r.Stages[0]
}

// found is the answer in MiB; 0 without one.
func (s stage) found() int {
	if s.Found == nil || s.Found.Memory == nil {
		return 0
	}
	return int(*s.Found.Memory / mebibyte)
}

// told is the stage's trials, for the log of a failed test.
func (s stage) told() string {
	var b strings.Builder
	for _, t := range s.Trials {
		fmt.Fprintf(&b, "\n  %s: %s %s: %s", t.ID, t.Verdict, t.reason(), t.Why)
	}
	return b.String()
}

// trialAt finds a trial by its id.
func (s stage) trialAt(t *testing.T, id string) trial {
	t.Helper()
	for _, one := range s.Trials {
		if one.ID == id {
			return one
		}
	}
	t.Fatalf("no trial %q among%s", id, s.told())
	return trial{}
}

// recorded reads the trials that a run's journal holds. A last line that was
// cut off by a kill is left out.
func recorded(t *testing.T, dir, id string) []trial {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(dir, ".plan", "runs", id, "journal.jsonl"))
	if os.IsNotExist(err) {
		return nil
	} else if err != nil {
		t.Fatal(err)
	}
	whole := text[:strings.LastIndexByte(string(text), '\n')+1]
	var trials []trial
	for line := range strings.Lines(string(whole)) {
		var read struct {
			Type  string
			Trial *trial
		}
		if err := json.Unmarshal([]byte(line), &read); err != nil || read.Type == "" {
			t.Fatalf("not a line of the journal (%v): %q", err, line)
		}
		if read.Trial != nil {
			trials = append(trials, *read.Trial)
		}
	}
	return trials
}

// texts is a list of texts as a value for --var.
func texts(list ...string) string {
	text, _ := json.Marshal(list)
	return string(text)
}
