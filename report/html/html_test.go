package html

import (
	"bytes"
	"encoding/xml"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"plan/containers"
	"plan/internal/exchange"
	"plan/report"
	"plan/report/chart"
	"plan/runner/journal"
)

var update = flag.Bool("update", false, "write the golden files anew")

func read(t *testing.T, name string) journal.Run {
	t.Helper()
	run, err := journal.Read(filepath.Join("testdata", name+".jsonl"))
	if err != nil {
		t.Fatal(err)
	}
	return run
}

func page(t *testing.T, run journal.Run) string {
	t.Helper()
	var b bytes.Buffer
	if err := Write(&b, run); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// journals of testdata: a search and a ramp under a CPU limit, and a run whose
// first answer was disproved.
func journals() []string { return []string{"resources", "disproved"} }

// body is the page without its style and its script.
func body(text string) string {
	return regexp.MustCompile(`(?s)<(style|script)>.*?</(style|script)>`).ReplaceAllString(text, "")
}

func TestPages(t *testing.T) {
	for _, name := range journals() {
		got, path := body(page(t, read(t, name))), filepath.Join("testdata", name+".html")
		if *update {
			if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
				t.Fatal(err)
			}
		}
		want, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(string(want), got); diff != "" {
			t.Errorf("%s differs (write it anew with -update):\n%s", path, diff)
		}
	}
}

// TestThePageNeedsNothing: without style and script it has all that it has with
// them, and it makes no request.
func TestThePageNeedsNothing(t *testing.T) {
	for _, name := range journals() {
		text := page(t, read(t, name))
		for _, bad := range []string{" style=", "data:", "javascript:", " src=", "@import", "url(", "<link", "<iframe", "<img"} {
			if strings.Contains(text, bad) {
				t.Errorf("%s: the page has %q", name, bad)
			}
		}
		for _, match := range regexp.MustCompile(`\shref="([^"]*)"`).FindAllStringSubmatch(text, -1) {
			id, local := strings.CutPrefix(match[1], "#")
			if !local || !strings.Contains(text, `id="`+id+`"`) {
				t.Errorf("%s: nothing has the id of the link %s", name, match[1])
			}
		}
		for _, match := range regexp.MustCompile(`https?://[^"'<\s]*`).FindAllString(text, -1) {
			if match != "http://www.w3.org/2000/svg" {
				t.Errorf("%s: the page names %s", name, match)
			}
		}
		if ids := regexp.MustCompile(`\sid="([^"]*)"`).FindAllString(text, -1); len(slices.Compact(slices.Sorted(slices.Values(ids)))) != len(ids) {
			t.Errorf("%s: an id is there twice", name)
		}
	}
}

func TestThePageIsSmall(t *testing.T) {
	var empty bytes.Buffer
	if err := Write(&empty, journal.Run{}); err != nil {
		t.Fatal(err)
	}
	if empty.Len() > 300_000 {
		t.Errorf("a page without data has %d bytes", empty.Len())
	}
	run := read(t, "resources")
	s := &run.Stages[1]
	lasting(&s.Trials[3], time.Hour)
	for len(s.Trials) < 30 {
		again := s.Trials[3]
		again.ID = fmt.Sprintf("ramp.users/%d", len(s.Trials)+1)
		s.Trials = append(s.Trials, again)
	}
	if n := len(page(t, run)); n > 2_000_000 {
		t.Errorf("a page of more than thirty trials has %d bytes", n)
	}
}

// lasting makes the series of a trial those of a load of a time.
func lasting(t *journal.Trial, long time.Duration) {
	e := t.Evidence
	windows, usage, host := e.Series, e.Containers[0].Usage, e.Host
	e.Series, e.Host = nil, nil
	for i := range e.Containers {
		e.Containers[i].Usage = nil
	}
	for second := range int(long.Seconds()) {
		at := t.Started.Add(time.Duration(second) * time.Second)
		w, u, h := windows[second%len(windows)], usage[second%len(usage)], host[second%len(host)]
		w.Second, u.At, h.At, u.CPUSeconds = second, at, at, new(0.4*float64(second))
		e.Series, e.Host = append(e.Series, w), append(e.Host, h)
		for i := range e.Containers {
			e.Containers[i].Usage = append(e.Containers[i].Usage, u)
		}
	}
	t.Load.Seconds, t.Seconds.Total = long.Seconds(), long.Seconds()
}

// TestThePageHasItAll: the answer comes first, with its proof; every trial
// unfolds; what was asked for and what was read back stand side by side.
func TestThePageHasItAll(t *testing.T) {
	run := read(t, "resources")
	text := body(page(t, run))
	order := -1
	for _, want := range []string{
		"1300M is the least: 1300M passed, 1200M failed", `<a href="#trial-search.memory-2">search.memory/2 passed</a>`, `<a href="#trial-search.memory-4">search.memory/4 failed</a>`,
		"100 users held: 100 passed, 250 failed: p95 4.5s over 500ms", "<h2 id=\"h-stage-search.memory\">",
		"values tried, and what was used", "read back from plan-", "out-of-memory kill: counter", "loaded 812M of 1240M", "latency and rate over users", "no whole answer within 10s",
		"<h2 id=\"h-machine\">", "<h2 id=\"h-environment\">", "20.10.24", "sha256:9f86d081", "<h2 id=\"h-doubts\">",
	} {
		at := strings.Index(text, want)
		if at <= order {
			t.Errorf("%q is at %d, before what stands above it, or nowhere", want, at)
			continue
		}
		order = at
	}
	for _, s := range run.Stages {
		for _, trial := range s.Trials {
			if !strings.Contains(text, `<details id="`+anchor(trial.ID)+`"`) {
				t.Errorf("%s does not unfold", trial.ID)
			}
		}
		if !strings.Contains(text, strings.NewReplacer("+", "&#43;").Replace(report.Sentence(s))) {
			t.Errorf("the sentence of %s is missing", s.Address)
		}
	}
}

const hostile = `</pre></script><script>alert(1)</script><img src=x onerror=alert(1)>"'&` + "\x00\x1b[31m\xff</title></svg>"

// spoilt has a hostile text wherever a service, an engine or a plan can put one.
func spoilt(t *testing.T) journal.Run {
	run := read(t, "resources")
	run.Plan = journal.Plan{Name: hostile, File: hostile, SHA256: hostile}
	run.Run.Problem, run.Run.Help, run.Run.Version, run.Run.ID, run.Run.Host.Name = hostile, hostile, hostile, hostile, hostile
	run.Images[0].Name, run.Images[0].Address, run.Images[0].Digest = hostile, hostile, new(hostile)
	run.Outputs = map[string]any{hostile: hostile}
	for i := range run.Stages {
		s := &run.Stages[i]
		s.Address, s.Service, s.Reason, s.NotTried = hostile, hostile, hostile, hostile
		for n := range s.Trials {
			trial := &s.Trials[n]
			trial.ID += hostile
			trial.Why, trial.NotEvicted, trial.Failures, trial.Notes = hostile, hostile, []string{hostile, hostile}, []string{hostile}
			trial.Instances[0].Name = hostile
			e := trial.Evidence
			e.Log = []string{hostile, strings.Repeat("<b>", 5000)}
			e.First = map[string]exchange.Outcome{hostile: {Detail: hostile}}
			e.Containers[0].Name, e.Events[0].Container, e.Events[0].Detail = hostile, hostile, hostile
			e.Witnesses = []containers.Witness{{Source: hostile, Detail: hostile}}
			if trial.Load != nil {
				trial.Load.Errors = map[exchange.Class]int64{exchange.Class(hostile): 1}
				trial.Load.Examples = map[exchange.Class]string{exchange.Class(hostile): hostile}
				trial.Load.Ended, trial.Load.Version = hostile, hostile
			}
		}
	}
	return run
}

func TestHostileTextsAreEscaped(t *testing.T) {
	text := body(page(t, spoilt(t)))
	for _, bad := range []string{"<script", "<img", "onerror=alert(1)>\"", "<b>", "\x00", "\x1b"} {
		if strings.Contains(text, bad) {
			at := strings.Index(text, bad)
			t.Errorf("the page has %q: %q", bad, text[max(0, at-200):at+50])
		}
	}
	if n, want := strings.Count(text, "<svg"), strings.Count(body(page(t, read(t, "resources"))), "<svg"); n != want {
		t.Errorf("%d pictures, want %d", n, want)
	}
	files, err := pictures(spoilt(t))
	if err != nil || len(files) == 0 {
		t.Fatal(files, err)
	}
	for _, f := range files {
		if strings.ContainsAny(f.Name, "/<>\"'\x00\x1b") {
			t.Errorf("a file is called %q", f.Name)
		}
		wellFormed(t, f)
	}
}

func wellFormed(t *testing.T, f report.File) {
	t.Helper()
	for decoder := xml.NewDecoder(strings.NewReader(f.Text)); ; {
		if _, err := decoder.Token(); errors.Is(err, io.EOF) {
			return
		} else if err != nil {
			t.Errorf("%s: %v", f.Name, err)
			return
		}
	}
}

func TestPictures(t *testing.T) {
	files, err := pictures(read(t, "resources"))
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, f := range files {
		names = append(names, f.Name)
		wellFormed(t, f)
	}
	for _, want := range []string{"search.memory.svg", "search.memory-3.svg", "search.memory-2-latency.svg", "ramp.users.svg", "ramp.users-4.svg"} {
		if !slices.Contains(names, want) {
			t.Errorf("%s is missing: %v", want, names)
		}
	}
}

// TestUnfinishedAndEmptyRuns: a page can be made of whatever a journal holds.
func TestUnfinishedAndEmptyRuns(t *testing.T) {
	run := read(t, "resources")
	run.Run.Unfinished = true
	for i := range run.Stages {
		run.Stages[i].Certificate, run.Stages[i].Found, run.Stages[i].Verdict = nil, nil, ""
		for n := range run.Stages[i].Trials {
			trial := &run.Stages[i].Trials[n]
			switch n {
			case 0:
				trial.Evidence = nil
			case 1:
				trial.Load, trial.Instances, trial.Host = nil, nil, nil
			case 2:
				*trial.Evidence = journal.Evidence{}
			}
		}
	}
	if text := page(t, run); !strings.Contains(text, "The journal has no end") || !strings.Contains(text, "it has no answer") {
		t.Error("the page does not tell that the run did not end")
	}
	old, err := journal.Read("../../runner/journal/testdata/0.1.0.jsonl")
	if err != nil {
		t.Fatal(err)
	}
	page(t, old)
	page(t, journal.Run{Stages: []journal.Stage{{Kind: "search"}, {Kind: "ramp"}, {Kind: "check"}, {}}})
}

func TestTheKneeIsWhereTheRateStopsGrowing(t *testing.T) {
	for name, c := range map[string]struct {
		rates []chart.Point
		at    float64
	}{
		"it grows with the load": {[]chart.Point{{X: 10, Y: 5}, {X: 100, Y: 50}, {X: 200, Y: 99}}, 0},
		"it stops":               {[]chart.Point{{X: 10, Y: 5}, {X: 100, Y: 44}, {X: 250, Y: 41}}, 100},
		"half of the growth":     {[]chart.Point{{X: 10, Y: 10}, {X: 20, Y: 15}}, 0},
		"less than half":         {[]chart.Point{{X: 10, Y: 10}, {X: 20, Y: 14}}, 10},
		"one step":               {[]chart.Point{{X: 10, Y: 5}}, 0},
		"none":                   {nil, 0},
		"nothing was answered":   {[]chart.Point{{X: 10, Y: 0}, {X: 20, Y: 0}}, 0},
	} {
		if at, is := knee(c.rates); at != c.at || is != (c.at > 0) {
			t.Errorf("%s: %v, want %v", name, at, c.at)
		}
	}
}
