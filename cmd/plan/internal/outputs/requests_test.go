package outputs

import (
	"encoding/json"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"plan/cmd/plan/internal/runs"
	"plan/engine"
	"plan/internal/exchange"
	"plan/plans"
	"plan/report/formats"
	"plan/runner"
	"plan/runner/journal"
)

func TestRequestsAreMaskedAndSorted(t *testing.T) {
	path := filepath.Join(t.TempDir(), "requests.jsonl")
	f := newRequests([]string{path}, []string{"s3cret"}, nothing.HasTrial)
	if err := f.Open(); err != nil {
		t.Fatal(err)
	}
	load := runner.ExchangeLoad{Trial: "check.x/1", Addresses: []string{"a:80"}, Requests: []exchange.Request{{Name: "GET /s3cret", Method: "GET"}}}
	f.RecordExchanges(load, []engine.Exchange{{Began: 2e9}, {Began: 1e9}})
	text, err := os.ReadFile(path) // while the run goes on
	if err != nil {
		t.Fatal(err)
	}
	lines := strings.Split(string(text), "\n")
	if len(lines) != 3 || !strings.Contains(lines[0], `"1970-01-01T00:00:01Z"`) || !strings.Contains(lines[1], `"1970-01-01T00:00:02Z"`) || strings.Contains(string(text), "s3cret") || !strings.Contains(lines[0], "GET /***") {
		t.Errorf("%s", text)
	}
	if err := f.Close(); err != nil {
		t.Error(err)
	}
	f.RecordExchanges(load, []engine.Exchange{{}})
	if f.err == nil || f.Close() == nil {
		t.Error("a file that is closed takes lines")
	}
	if newRequests([]string{filepath.Join(path, "nowhere")}, nil, nothing.HasTrial).Open() == nil {
		t.Error("a file that cannot be created is no error")
	}
}

// A secret that is also a number, a date or a word of the format changes only texts, as in the journal: each line stays
// one of the format, so a run that is resumed keeps it.
func TestSecretsInRequestsAreTexts(t *testing.T) {
	for secret, want := range map[string][3]string{ // plan.request, server.address, plan.trial
		"8000":    {"GET /***", "api", "check.plan/1"},
		"200":     {"GET /8000", "api", "check.plan/1"},
		"2026":    {"GET /8000", "api", "check.plan/1"},
		"api":     {"GET /8000", "***", "check.plan/1"},
		"plan":    {"GET /8000", "api", "check.***/1"},
		"5000000": {"GET /8000", "api", "check.plan/1"},
	} {
		path := filepath.Join(t.TempDir(), "requests.jsonl")
		f := newRequests([]string{path}, []string{secret}, nothing.HasTrial)
		if err := f.Open(); err != nil {
			t.Fatal(err)
		}
		load := runner.ExchangeLoad{Trial: "check.plan/1", Addresses: []string{"http://api:8000"}, Requests: []exchange.Request{{Name: "GET /8000", Method: "GET"}}}
		f.RecordExchanges(load, []engine.Exchange{{Began: 1780000000500000000, Took: 1500000, Status: 200}})
		if err := f.Close(); err != nil {
			t.Fatal(err)
		}
		text, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		var line map[string]any
		if err := json.Unmarshal(text, &line); err != nil {
			t.Errorf("%s: %v: %s", secret, err, text)
			continue
		}
		if got := [3]string{line["plan.request"].(string), line["server.address"].(string), line["plan.trial"].(string)}; got != want || line["http.response.status_code"] != 200.0 || line["timestamp"] != "2026-05-28T20:26:40.5Z" {
			t.Errorf("%s: %s", secret, text)
		}
		if load.Trial != "check.plan/1" || load.Requests[0].Name != "GET /8000" || load.Addresses[0] != "http://api:8000" {
			t.Errorf("%s: the load itself is changed: %+v", secret, load)
		}
	}
}

// TestEachFileOfRequestsIsWritten: the plan can ask for one, and the command line for another. What is there stays until
// the run begins.
func TestEachFileOfRequestsIsWritten(t *testing.T) {
	live := slices.IndexFunc(Formats(), func(f formats.Format) bool { return f.Live })
	folder := t.TempDir()
	var files []File[journal.Run]
	for _, name := range []string{"a", "b", "a", "./b"} {
		files = append(files, File[journal.Run]{Formats()[live], folder + "/" + name})
	}
	if err := os.WriteFile(folder+"/b", []byte("earlier"), 0o644); err != nil {
		t.Fatal(err)
	}
	f := RequestsOf(io.Discard, &plans.Plan{}, files, nothing)
	if text, err := os.ReadFile(folder + "/b"); err != nil || string(text) != "earlier" {
		t.Errorf("before the run: %q, %v", text, err)
	}
	if err := f.Open(); err != nil {
		t.Fatal(err)
	}
	load := runner.ExchangeLoad{Trial: "check.x/1", Addresses: []string{"a:80"}, Requests: []exchange.Request{{}}}
	f.RecordExchanges(load, []engine.Exchange{{}, {}})
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"a", "b"} {
		text, err := os.ReadFile(folder + "/" + name)
		if err != nil || strings.Count(string(text), "check.x/1") != 2 || strings.Count(string(text), "\n") != 2 {
			t.Errorf("%s: %s (%v)", name, text, err)
		}
	}
	if RequestsOf(io.Discard, &plans.Plan{}, nil, nothing) != nil {
		t.Error("no file is asked for")
	}
}

// TestTwoRunsShareNoFileOfRequests: the second one is refused, and changes nothing. After the end of the first the file is
// free.
func TestTwoRunsShareNoFileOfRequests(t *testing.T) {
	path := filepath.Join(t.TempDir(), "requests.jsonl")
	load := runner.ExchangeLoad{Trial: "check.x/1", Addresses: []string{"a:80"}, Requests: []exchange.Request{{}}}
	first := newRequests([]string{path}, nil, nothing.HasTrial)
	if err := first.Open(); err != nil {
		t.Fatal(err)
	}
	first.RecordExchanges(load, []engine.Exchange{{}})
	before, err := os.ReadFile(path)
	if err != nil || len(before) == 0 {
		t.Fatalf("%q, %v", before, err)
	}
	err = newRequests([]string{path}, nil, nothing.HasTrial).Open()
	if err == nil || !strings.Contains(err.Error(), "another run writes to "+path) {
		t.Errorf("a second run got %v", err)
	}
	if after, err := os.ReadFile(path); err != nil || string(after) != string(before) {
		t.Errorf("the second run left %q, %v", after, err)
	}
	if err := first.Close(); err != nil {
		t.Fatal(err)
	}
	second := newRequests([]string{path}, nil, nothing.HasTrial)
	if err := second.Open(); err != nil {
		t.Errorf("after the end of the first: %v", err)
	}
	second.Close()
	pipe := newRequests([]string{"/dev/null", "/dev/./null"}, nil, nothing.HasTrial)
	if err := pipe.Open(); err != nil {
		t.Errorf("what is no file can be written by several: %v", err)
	}
	pipe.Close()
}

// nothing is no run that is resumed.
var nothing *runs.Earlier

// A run that is resumed keeps the lines of the trials that it has, and nothing of the
// one that was cut off.
func TestTheRequestsOfARunThatIsResumed(t *testing.T) {
	line := func(trial string) string {
		return `{"timestamp":"2026-03-01T12:00:00Z","plan.trial":"` + trial + "\"}\n"
	}
	one, two, three := line("search.m/1"), line("search.m/2"), line("search.m/3")
	stopped := journal.User
	earlier := &runs.Earlier{Run: journal.Run{Stages: []journal.Stage{{Trials: []journal.Trial{{ID: "search.m/1"}, {ID: "search.m/2"}, {ID: "search.m/3", Reason: &stopped}}}}}}
	for name, c := range map[string]struct {
		before  string
		earlier *runs.Earlier
		want    string
	}{
		"a new run":             {one + two, nil, ""},
		"whole":                 {one + one + two, earlier, one + one + two},
		"cut in a line":         {one + two + two[:20], earlier, one + two},
		"a trial runs again":    {one + three + three, earlier, one},
		"a trial was cut off":   {one + line("search.m/4"), earlier, one},
		"no lines of requests":  {"{}\n" + one, earlier, ""},
		"without an end":        {one + two[:len(two)-1], earlier, one},
		"a file that was empty": {"", earlier, ""},
	} {
		path := filepath.Join(t.TempDir(), "requests.jsonl")
		if err := os.WriteFile(path, []byte(c.before), 0o644); err != nil {
			t.Fatal(err)
		}
		f := newRequests([]string{path}, nil, c.earlier.HasTrial)
		if err := f.Open(); err != nil {
			t.Fatal(err)
		}
		f.RecordExchanges(runner.ExchangeLoad{Trial: "search.m/9", Addresses: []string{"a:80"}, Requests: []exchange.Request{{}}}, []engine.Exchange{{}})
		if err := f.Close(); err != nil {
			t.Fatal(err)
		}
		text, err := os.ReadFile(path)
		if rest, is := strings.CutPrefix(string(text), c.want); err != nil || !is || strings.Count(rest, "\n") != 1 || !strings.Contains(rest, "search.m/9") {
			t.Errorf("%s: %s (%v)", name, text, err)
		}
	}
}

func TestLoadsWithoutRequests(t *testing.T) {
	p := &plans.Plan{Stages: []plans.Stage{{Address: "check.a"}, {Address: "check.b", Load: &plans.Workload{}}, {Address: "check.c", Load: &plans.Workload{Driver: &plans.Driver{}}}}}
	if got := withoutRequests(p); len(got) != 1 || got[0] != "check.c" {
		t.Error(got)
	}
}
