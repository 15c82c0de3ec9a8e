package journal

import (
	"bytes"
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"plan/containers"
	"plan/engine"
	"plan/internal/exchange"
	"plan/internal/mask"
)

var begun = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)

func pointer[T any](v T) *T { return &v }

// lines of a short run: two trials of a search, a stage that was skipped.
func lines() []Line {
	trial := func(id string, verdict Verdict, after float64) *Trial {
		return &Trial{
			ID: id, Verdict: verdict, Why: "why <b>", Started: begun.Add(time.Duration(after) * time.Second), Seconds: Seconds{Total: 3.5},
			Set: Settings{Memory: pointer[int64](1 << 30)}, Instances: []Instance{
				{Name: "one", Limits: Limits{Memory: 1 << 30, CPUs: 500}}, {Name: "free"},
			},
			Load: &Load{Errors: map[exchange.Class]int64{exchange.Timeout: 2}, ByRequest: map[string]engine.Counts{"predict": {Requests: 4}}},
			Evidence: &Evidence{Log: []string{"a", "b"}, Containers: []Watched{{Name: "one", Usage: []containers.Usage{{At: begun}}}}, Histograms: &engine.Histograms{OK: "SElTVA"},
				First: map[string]exchange.Outcome{"predict": {Status: 200}}},
		}
	}
	return []Line{
		{Type: "run", Run: &Run{FormatVersion: Format, Plan: Plan{Name: "p"}, Run: Header{ID: "r1", Started: begun, Host: Host{Name: "h"}}, Outputs: map[string]any{}}},
		{Type: "image", Image: &Image{Address: "image.api", Pushed: true}},
		{Type: "stage", Stage: &Stage{Address: "search.memory", Kind: "search", Grid: []float64{1, 2}}},
		{Type: "trial", Trial: trial("search.memory/1", Failed, 1)},
		{Type: "trial", Trial: trial("search.memory/2", Passed, 10)},
		{Type: "answer", Stage: &Stage{Address: "search.memory", Kind: "search", Verdict: Passed, Certificate: &Certificate{Passed: "search.memory/2", Failed: []string{"search.memory/1"}}}},
		{Type: "answer", Stage: &Stage{Address: "ramp.users", Kind: "ramp", Verdict: Skipped}},
		{Type: "end", End: &Header{Seconds: 20, ExitCode: 1}, Outputs: map[string]any{"memory": "1300M"}},
	}
}

func write(t *testing.T, secrets []string, lines []Line) string {
	t.Helper()
	w, err := Create(t.TempDir(), secrets)
	if err != nil {
		t.Fatal(err)
	}
	for _, line := range lines {
		if _, err := w.Append(line); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return w.Path()
}

func TestWhatIsReadIsWhatWasFolded(t *testing.T) {
	var want Run
	for _, line := range lines() {
		Apply(&want, line)
	}
	got, err := Read(write(t, nil, lines()))
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	if len(got.Stages) != 2 || len(got.Stages[0].Trials) != 2 || got.Stages[0].Verdict != Passed || len(got.Images) != 1 {
		t.Errorf("stages: %+v", got.Stages)
	}
	if h := got.Run; h.ID != "r1" || h.Seconds != 20 || h.ExitCode != 1 || h.Host.Name != "h" || !h.Started.Equal(begun) || h.Unfinished {
		t.Errorf("header: %+v", h)
	}
}

// However a journal is cut off, every whole line of it counts, and no more.
func TestAJournalCutOffAnywhereIsRead(t *testing.T) {
	whole, err := os.ReadFile(write(t, nil, lines()))
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), FileName)
	for size := range len(whole) {
		if size%37 > 0 && !bytes.Contains(whole[max(0, size-2):size+1], []byte("\n")) {
			continue
		}
		if err := os.WriteFile(path, whole[:size], 0o600); err != nil {
			t.Fatal(err)
		}
		got, err := Read(path)
		count := bytes.Count(whole[:size], []byte("\n"))
		if count == 0 {
			if err == nil {
				t.Fatalf("%d bytes without a whole line were read as a run", size)
			}
			continue
		}
		var want Run
		for _, line := range lines()[:count] {
			Apply(&want, line)
		}
		want.Run.Unfinished = true
		if diff := cmp.Diff(want, got); err != nil || diff != "" {
			t.Fatalf("%d bytes, %d lines: %v\n%s", size, count, err, diff)
		}
	}
}

// A trial whose verdict followed from later ones has a second line.
func TestASecondLineOfATrialReplacesTheFirst(t *testing.T) {
	var r Run
	for _, trial := range []Trial{{ID: "search.it/1", Verdict: Inconclusive}, {ID: "search.it/2", Verdict: Passed}, {ID: "search.it/1", Verdict: Failed}} {
		Apply(&r, Line{Type: TrialLine, Trial: &trial})
	}
	if all := r.Stages[0].Trials; len(all) != 2 || all[0].Verdict != Failed || all[1].Verdict != Passed {
		t.Errorf("%+v", all)
	}
}

func TestAnUnfinishedRunLastedUntilItsLastTrial(t *testing.T) {
	run, err := Read(write(t, nil, lines()[:5]))
	if err != nil || !run.Run.Unfinished || run.Run.Seconds != 13.5 {
		t.Errorf("%v, %+v", err, run.Run)
	}
}

func TestDamagedJournalsAreRefused(t *testing.T) {
	for text, want := range map[string]string{
		"":                                    "no journal of a run",
		"{\"type\":\"run\"}\n{bad}\n{}\n":     "line 1 is damaged",
		"{\"type\":\"image\",\"image\":{}}\n": "no journal of a run",
		"{\"type\":\"run\",\"run\":{\"format_version\":2}}\n":                                                   "use the command that wrote it",
		"{\"type\":\"trial\",\"trial\":{\"verdict\":\"passed\",\"reason\":\"tired\"}}\n":                        `line 1: it has the reason "tired"`,
		"{\"type\":\"trial\",\"trial\":{\"verdict\":\"held\"}}\n":                                               `the verdict "held"`,
		"{\"type\":\"answer\",\"stage\":{\"verdict\":\"held\"}}\n":                                              `the verdict "held"`,
		"{\"type\":\"answer\",\"stage\":{\"verdict\":\"aborted\",\"aborted_by\":\"weather\"}}\n":                `the reason "weather"`,
		`{"type":"answer","stage":{"levels":[{"name":"hums"}]}}` + "\n":                                         `the level "hums"`,
		`{"type":"answer","stage":{"levels":[{"name":"starts","found":{"vary":{"workers":[1]}}}]}}` + "\n":      `the value of the setting workers`,
		`{"type":"trial","trial":{"verdict":"passed","set":{"vary":{"workers":[1,2]}}}}` + "\n":                 `line 1: it has the value of the setting workers "[1 2]"`,
		`{"type":"trial","trial":{"verdict":"passed","set":{"vary":{"a":true,"b":null,"c":{}}}}}` + "\n":        `the value of the setting b "<nil>"`,
		`{"type":"answer","stage":{"verdict":"passed","found":{"vary":{"a":{"b":1}}}}}` + "\n":                  `the value of the setting a "map[b:1]"`,
		`{"type":"answer","stage":{"verdict":"passed","recommended":{"vary":{"a":[]}}}}` + "\n":                 `the value of the setting a "[]"`,
		`{"type":"answer","stage":{"verdict":"passed","disproved":[{"found":{"vary":{"a":[]}}}]}}` + "\n":       `the value of the setting a "[]"`,
		`{"type":"answer","stage":{"verdict":"passed","disproved":[{"recommended":{"vary":{"a":[]}}}]}}` + "\n": `the value of the setting a "[]"`,
		`{"type":"answer","stage":{"verdict":"passed","disproved":[{"at":{"vary":{"a":[]}}}]}}` + "\n":          `the value of the setting a "[]"`,
	} {
		path := filepath.Join(t.TempDir(), FileName)
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		if _, err := Read(path); err == nil || !strings.Contains(err.Error(), want) || !strings.Contains(err.Error(), path) {
			t.Errorf("%q: %v", text, err)
		}
	}
	if _, err := Read(filepath.Join(t.TempDir(), "none")); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("a missing file: %v", err)
	}
}

func TestAnOldJournalIsNotWrittenOver(t *testing.T) {
	path := write(t, nil, lines()[:1])
	if _, err := Create(filepath.Dir(path), nil); !errors.Is(err, os.ErrExist) {
		t.Errorf("%v", err)
	}
	if _, err := Create(filepath.Join(t.TempDir(), "none"), nil); err == nil || !strings.Contains(err.Error(), "the journal cannot be created") {
		t.Errorf("%v", err)
	}
}

// full is a disk that takes only part of what is written.
type full struct {
	file
	room int64
}

func (f *full) WriteAt(text []byte, at int64) (int, error) {
	n, err := f.file.WriteAt(text[:min(int64(len(text)), max(0, f.room-at))], at)
	if err == nil && n < len(text) {
		err = &os.PathError{Op: "write", Path: "journal.jsonl", Err: syscall.ENOSPC}
	}
	return n, err
}

func TestAFullDiskLeavesWholeLines(t *testing.T) {
	w, err := Create(t.TempDir(), nil)
	if err != nil {
		t.Fatal(err)
	}
	disk := &full{file: w.file, room: 1 << 20}
	w.file = disk
	for _, line := range lines()[:3] {
		if _, err := w.Append(line); err != nil {
			t.Fatal(err)
		}
	}
	disk.room = w.size() + 100
	_, err = w.Append(lines()[3])
	if !errors.Is(err, syscall.ENOSPC) || !strings.Contains(err.Error(), "the disk is full, so the journal "+w.Path()) {
		t.Errorf("%v", err)
	}
	disk.room = 1 << 20
	for _, line := range lines()[4:] {
		if _, err := w.Append(line); err != nil {
			t.Fatal(err)
		}
	}
	run, err := Read(w.Path())
	if err != nil || len(run.Stages[0].Trials) != 1 || run.Run.Unfinished {
		t.Errorf("%v, %+v", err, run)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	if _, err := w.Append(lines()[0]); err == nil || !strings.Contains(err.Error(), "the journal cannot be continued") {
		t.Errorf("a closed journal: %v", err)
	}
}

func TestALineThatIsNoJSONIsRefused(t *testing.T) {
	w, err := Create(t.TempDir(), nil)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := w.Append(Line{Outputs: map[string]any{"x": func() {}}}); err == nil || !strings.Contains(err.Error(), "cannot be written as JSON") {
		t.Errorf("%v", err)
	}
}

func TestSecretsNeverGetIntoTheFile(t *testing.T) {
	secret := "p\"ä<s>s w/\\&"
	asJSON, err := json.Marshal(map[string]string{"password": secret})
	if err != nil {
		t.Fatal(err)
	}
	private := "-----BEGIN-----\nMIIEvQIBADAN\nQkZ8=\n-----END-----"
	trial := Trial{
		ID: "check.x/1", Verdict: Passed, Why: "failed with " + secret, Failures: []string{secret + secret},
		Evidence: &Evidence{
			Log:        []string{"plain " + secret, "json " + string(asJSON), "url http://u:p%22%C3%A4%3Cs%3Es+w%2F%5C%26@host", "key MIIEvQIBADAN", "short: hunter2-and-more"},
			First:      map[string]exchange.Outcome{"predict": {Class: exchange.Timeout, Detail: secret}},
			Witnesses:  []containers.Witness{{Detail: secret}},
			Examples:   map[exchange.Class]string{exchange.Other: secret},
			Histograms: &engine.Histograms{OK: "hunter2"},
		},
	}
	secrets := []string{"hunter2", secret, "", private, "hunter2-and-more", "passed", "timeout", "2026"}
	path := write(t, secrets, []Line{
		lines()[0], {Type: "trial", Trial: &trial}, {Type: "end", End: &Header{Problem: "it was " + secret}, Outputs: map[string]any{"o": []any{secret, 3.0, map[string]any{"k": secret}}}},
	})
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	run, err := Read(path)
	if err != nil {
		t.Fatal(err)
	}
	got := run.Stages[0].Trials[0]
	want := trial
	want.Why, want.Failures = "failed with ***", []string{"******"}
	want.Evidence = &Evidence{
		Log:        []string{"plain ***", `json {"password":"***"}`, "url http://u:***@host", "key ***", "short: ***"},
		First:      map[string]exchange.Outcome{"predict": {Class: exchange.Timeout, Detail: "***"}},
		Witnesses:  []containers.Witness{{Detail: "***"}},
		Examples:   map[exchange.Class]string{exchange.Other: "***"},
		Histograms: &engine.Histograms{OK: "hunter2"},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("%s\n%s", diff, text)
	}
	if !run.Run.Started.Equal(begun) || run.Run.Problem != "it was ***" {
		t.Errorf("header: %+v", run.Run)
	}
	if diff := cmp.Diff(map[string]any{"o": []any{"***", 3.0, map[string]any{"k": "***"}}}, run.Outputs); diff != "" {
		t.Error(diff)
	}
	if strings.Contains(trial.Why, mask.Stars) || strings.Contains(trial.Evidence.Log[0], mask.Stars) {
		t.Error("the caller's line was changed")
	}
}

func TestSecretsNeverGetIntoTheNamesOfRequests(t *testing.T) {
	f := NewFilter([]string{"hunter2", "hunter3"})
	load := Load{ByRequest: map[string]engine.Counts{"GET /?key=hunter2": {OK: 1}, "GET /?key=hunter3": {OK: 1}, "GET /": {OK: 3}}}
	got := f.Line(Line{Trial: &Trial{Load: &load}}).Trial.Load.ByRequest
	if named := f.Line(Line{Outputs: map[string]any{"hunter2": 1}}).Outputs; named["hunter2"] != 1 {
		t.Errorf("outputs are called %v", named)
	}
	want := map[string]engine.Counts{"GET /?key=***": {OK: 1}, "GET /?key=****": {OK: 1}, "GET /": {OK: 3}}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

func TestWithoutSecretsALineStaysAsItIs(t *testing.T) {
	for _, line := range lines() {
		if diff := cmp.Diff(line, NewFilter(nil).Line(line)); diff != "" {
			t.Error(diff)
		}
	}
}

func TestTheGuardStoppedATrial(t *testing.T) {
	for _, c := range []struct {
		verdict Verdict
		reason  Reason
		want    bool
	}{
		{Aborted, GuardStop, true}, {Aborted, User, false}, {Failed, GuardStop, false},
	} {
		if got := (Trial{Verdict: c.verdict, Reason: &c.reason}).StoppedByGuard(); got != c.want {
			t.Errorf("%s, %s: %v", c.verdict, c.reason, got)
		}
	}
	if (Trial{Verdict: Passed}).StoppedByGuard() {
		t.Error("a trial that passed")
	}
}
