package report

import (
	"bytes"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/olekukonko/tablewriter/pkg/twwidth"

	"plan/internal/english"
	"plan/internal/exchange"
	"plan/internal/golden"
	"plan/internal/tty"
	"plan/report/fixture"
	"plan/runner/journal"
)

func tables(t *testing.T, run journal.Run, o tty.Options) string {
	t.Helper()
	var b bytes.Buffer
	if err := Tables(&b, run, o); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func TestTables(t *testing.T) {
	for name, run := range fixture.Runs() {
		t.Run(name, func(t *testing.T) {
			text := tables(t, run, tty.Options{})
			golden.Compare(t, "testdata/"+name+".txt", []byte(text))
			most := 120
			if slices.ContainsFunc(run.Stages, journal.Stage.Several) {
				most = 100
			}
			for line := range strings.Lines(text) {
				if width := twwidth.Width(strings.TrimSuffix(line, "\n")); width > most && strings.ContainsAny(line, "│┌└├") {
					t.Errorf("%d cells wide, the maximum is %d: %s", width, most, line)
				}
			}
			if strings.Contains(text, "\x1b") {
				t.Error("colour where none was asked for")
			}
		})
	}
}

func TestTheColourOfAnAnswerThatIsDisproved(t *testing.T) {
	text := tables(t, fixture.Lazy(), tty.Options{Color: true})
	if want := Paint("1300M is the least", journal.Failed, true); !strings.Contains(text, strings.TrimSuffix(want, "\x1b[0m")) {
		t.Errorf("%q", text)
	}
}

func TestColouredTablesSayTheSame(t *testing.T) {
	for name, run := range fixture.Runs() {
		plain, coloured := tables(t, run, tty.Options{}), tables(t, run, tty.Options{Color: true})
		if !strings.Contains(coloured, "\x1b[") {
			t.Errorf("%s has no colour", name)
		}
		if got := twwidth.Filter().ReplaceAllString(coloured, ""); got != plain {
			t.Errorf("%s differs in more than colour:\n%s", name, got)
		}
	}
	golden.Compare(t, "testdata/whole-80-color.txt", []byte(tables(t, fixture.Whole(), tty.Options{Color: true, Width: 80})))
}

func TestTheTableOfTheSeedCase(t *testing.T) {
	want := `search.memory: least memory at which service.api starts and responds
┌─────────────┬────────┬───────────────────────────────────┬───────┬───────┬──────┐
│ MEMORY      │ RESULT │ WHY                               │ READY │ PEAK  │ TOOK │
│ 500M–1100M  │ failed │ inferred from 1200M               │       │       │      │
│ 1200M       │ failed │ out of memory at start (exit 137) │ –     │ 1194M │ 3.1s │
│ 1300M       │ passed │ 15 of 15 requests OK              │ 5.7s  │ 1243M │ 41s  │
│ 1400M       │ passed │ inferred from 1300M               │       │       │      │
│ 1500M       │ passed │ 9 of 9 OK (first look, 15s)       │ 5.7s  │ 1243M │ 41s  │
│ 1600M–4000M │ passed │ inferred from 1300M               │       │       │      │
│ 4G          │ passed │ 8 of 8 OK (first look, 15s)       │ 5.6s  │ 1243M │ 26s  │
└─────────────┴────────┴───────────────────────────────────┴───────┴───────┴──────┘
1300M is the least: 1300M passed, 1200M failed. Recommended: 1500M (least + 15 %).
`
	if got := tables(t, fixture.Whole(), tty.Options{}); !strings.HasPrefix(got, want) {
		t.Errorf("got\n%s", got)
	}
}

// What a service wrote cannot steer a terminal or break a table.
func TestControlCharactersAreRemoved(t *testing.T) {
	s := fixture.Found()
	s.Trials[2].Why = "exit\r\n\x1b[31mred\x1b[0m \x07bell\ttab"
	got := tables(t, fixture.RunOf(0, s), tty.Options{})
	if !strings.Contains(got, "│ exit red bell tab ") {
		t.Errorf("got\n%s", got)
	}
}

func TestLongReasonsAreBroken(t *testing.T) {
	s := fixture.Found()
	s.Trials[2].Why = strings.Repeat("a long reason in many words ", 10) + strings.Repeat("x", 150) + " 日本語日本語日本語日本語日本語日本語日本語日本語日本語日本語日本語日本語日本語日本語日本語"
	for _, width := range []int{72, 80, 100, 120} {
		for line := range strings.Lines(tables(t, fixture.RunOf(0, s), tty.Options{Width: width})) {
			if got := twwidth.Width(strings.TrimSuffix(line, "\n")); got > width && strings.ContainsAny(line, "│┌└├") {
				t.Errorf("%d cells wide instead of %d: %s", got, width, line)
			}
		}
	}
}

func TestContradictingTrialsAreShownAsTheyWere(t *testing.T) {
	s := fixture.Least()
	s.Trials = append(s.Trials, fixture.Killed(fixture.Trial("search.memory/4", 1500), 3), fixture.Loaded(fixture.Trial("search.memory/5", 1700), 1, 15, 0, 30, 0.02))
	got := tables(t, fixture.RunOf(0, s), tty.Options{})
	for _, row := range []string{"1300M       │ passed ", "1400M       │ not tried ", "1500M       │ failed ", "1600M       │ not tried ", "1800M–4000M │ passed    │ inferred from 1700M"} {
		if !strings.Contains(got, row) {
			t.Errorf("no row %q in\n%s", row, got)
		}
	}
}

type broken struct{ room int }

func (b *broken) Write(p []byte) (int, error) {
	if b.room -= len(p); b.room < 0 {
		return 0, errors.New("broken pipe")
	}
	return len(p), nil
}

func TestAWriterThatFailsIsReported(t *testing.T) {
	whole := fixture.Whole()
	for room := 0; room < len(tables(t, whole, tty.Options{})); room += 500 {
		if err := Tables(&broken{room}, whole, tty.Options{}); err == nil || !strings.Contains(err.Error(), "broken pipe") {
			t.Fatalf("%d bytes: %v", room, err)
		}
	}
}

func TestNumbersForPeople(t *testing.T) {
	for want, got := range map[string]string{
		"31 %": tty.Percent(new(0.314)), "–": tty.Percent(nil),
		"0.75": valueText("cpus", 0.75), "1300M": valueText("memory", 1300<<20), "1 user": english.Count(1, "user"), "2 users": english.Count(2, "user"),
	} {
		if got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
	if got := fmt.Sprint(pointText(nil), pointText(&journal.Point{})); got != "––" {
		t.Errorf("got %q", got)
	}
}

// TestProblem: a run that can be resumed prints how.
func TestProblem(t *testing.T) {
	for name, c := range map[string]struct {
		header journal.Header
		want   []string
	}{
		"no problem":           {journal.Header{}, nil},
		"an error":             {journal.Header{ExitCode: 3, Problem: "no image", Help: "build it"}, []string{"The run could not continue: no image.", "What to do: build it."}},
		"a lost engine":        {journal.Header{ID: "r1", ExitCode: 3, Problem: "no engine", EngineLost: true}, []string{"The run could not continue: no engine.", "Resume the run: plan run x.hcl --resume=r1"}},
		"a stage that lost it": {journal.Header{ID: "r1", ExitCode: 3, EngineLost: true}, []string{"The engine no longer responded. The results until then are above.", "Resume the run: plan run x.hcl --resume=r1"}},
		"interrupted":          {journal.Header{ID: "r1", ExitCode: 130, Seconds: 5}, []string{"Interrupted after 5s. The results until then are above.", "Resume the run: plan run x.hcl --resume=r1"}},
	} {
		if got := Problem(journal.Run{Plan: journal.Plan{File: "x.hcl"}, Run: c.header}); !slices.Equal(got, c.want) {
			t.Errorf("%s: %q", name, got)
		}
	}
}

// TestTheLogOfFailedRequests: of a stage without an answer the tables have the end of the log where requests got a 5xx,
// which says nothing of the cause.
func TestTheLogOfFailedRequests(t *testing.T) {
	errors, latency := journal.Errors, journal.Latency
	inside, refused := exchange.Outcome{Class: exchange.HTTP5xx}, exchange.Outcome{Class: exchange.HTTP4xx}
	for name, c := range map[string]struct {
		verdict  journal.Verdict
		reason   journal.Reason
		evidence journal.Evidence
		want     bool
	}{
		"a first request":    {journal.Failed, errors, journal.Evidence{First: map[string]exchange.Outcome{"a": {}, "b": inside}}, true},
		"under load":         {journal.Failed, errors, journal.Evidence{Examples: map[exchange.Class]string{exchange.HTTP5xx: "x"}}, true},
		"a 4xx":              {journal.Failed, errors, journal.Evidence{First: map[string]exchange.Outcome{"a": refused}}, false},
		"another reason":     {journal.Failed, latency, journal.Evidence{First: map[string]exchange.Outcome{"a": inside}}, false},
		"there is an answer": {journal.Passed, errors, journal.Evidence{First: map[string]exchange.Outcome{"a": inside}}, false},
	} {
		c.evidence.Log = []string{"duplicate key"}
		trial := journal.Trial{ID: "check.c/1", Verdict: journal.Failed, Reason: &c.reason, Evidence: &c.evidence}
		lines := logLines(journal.Stage{Verdict: c.verdict, Trials: []journal.Trial{trial}})
		if got := slices.Equal(lines, []string{"The last lines of the log of check.c/1:", "  | duplicate key"}); got != c.want {
			t.Errorf("%s: %q", name, lines)
		}
	}
}

func TestARateLimitIsNamed(t *testing.T) {
	errors := journal.Errors
	for name, c := range map[string]struct {
		verdict  journal.Verdict
		evidence *journal.Evidence
		want     bool
	}{
		"under load":      {journal.Failed, &journal.Evidence{Examples: map[exchange.Class]string{exchange.HTTP4xx: "429 Too Many Requests"}}, true},
		"a first request": {journal.Failed, &journal.Evidence{First: map[string]exchange.Outcome{"a": {Status: 429}}}, true},
		"another 4xx":     {journal.Failed, &journal.Evidence{Examples: map[exchange.Class]string{exchange.HTTP4xx: "422 Unprocessable"}}, false},
		"a 429 in a 5xx":  {journal.Failed, &journal.Evidence{Examples: map[exchange.Class]string{exchange.HTTP5xx: "429 later"}}, false},
		"it passed":       {journal.Passed, &journal.Evidence{First: map[string]exchange.Outcome{"a": {Status: 429}}}, false},
		"no evidence":     {journal.Failed, nil, false},
	} {
		s := journal.Stage{Trials: []journal.Trial{{ID: "check.c/1", Verdict: c.verdict, Reason: &errors, Evidence: c.evidence}}}
		if lines := rateLimitRemarks(s); (len(lines) == 1) != c.want {
			t.Errorf("%s: %q", name, lines)
		}
	}
}
