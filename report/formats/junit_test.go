package formats

import (
	"bytes"
	"encoding/xml"
	"strconv"
	"strings"
	"testing"

	"plan/internal/golden"
	"plan/internal/metrics"
	"plan/report"
	"plan/report/fixture"
	"plan/runner/journal"
)

func junitOf(t *testing.T, run journal.Run) (junitSuite, []byte) {
	t.Helper()
	var b bytes.Buffer
	if err := junitReport(&b, run); err != nil {
		t.Fatal(err)
	}
	var read junitSuites
	if err := xml.Unmarshal(b.Bytes(), &read); err != nil {
		t.Fatalf("%v\n%s", err, b.Bytes())
	}
	return read.Suite, b.Bytes()
}

// TestJUnitOfEveryRun: each stage is a test case, and counts agree with the cases.
func TestJUnitOfEveryRun(t *testing.T) {
	for name, run := range fixture.Runs() {
		suite, _ := junitOf(t, run)
		want := len(run.Stages)
		if len(report.Problem(run)) > 0 {
			want++
		}
		var failures, errors, skipped int
		for _, c := range suite.Cases {
			if c.Failure != nil {
				failures++
			}
			if c.Error != nil {
				errors++
			}
			if c.Skipped != nil {
				skipped++
			}
		}
		if len(suite.Cases) != want || suite.Tests != want || suite.Failures != failures || suite.Errors != errors || suite.Skipped != skipped {
			t.Errorf("%s: %d cases of %d stages; %d failures, %d errors, %d skipped", name, len(suite.Cases), len(run.Stages), suite.Failures, suite.Errors, suite.Skipped)
		}
	}
}

func TestSettingsPriceAndArrivalsInJUnit(t *testing.T) {
	s := fixture.Cheapest()
	s.Found.Vary, s.Recommended.Vary = map[string]any{"workers": 4.0}, map[string]any{"workers": 8.0}
	suite, _ := junitOf(t, fixture.RunOf(0, s, fixture.Arrived()))
	for i, want := range []map[string]string{
		{"found.workers": "4", "recommended.workers": "8", "price.month": "38.467578125", "arrival_rate": ""},
		{"arrival_rate": "10", "price.month": ""},
	} {
		got := map[string]string{}
		for _, p := range suite.Cases[i].Properties {
			got[p.Name] = p.Value
		}
		for name, value := range want {
			if got[name] != value {
				t.Errorf("case %d: %s is %q, want %q", i, name, got[name], value)
			}
		}
	}
}

func TestWhatAStageIsInJUnit(t *testing.T) {
	for verdict, want := range map[journal.Verdict]string{
		journal.Passed: "passed", journal.Failed: "failure", journal.Skipped: "skipped",
		journal.Inconclusive: "error", journal.Invalid: "error", journal.Aborted: "error", "": "error",
	} {
		s := fixture.Found()
		s.Verdict = verdict
		suite, _ := junitOf(t, fixture.RunOf(0, s))
		got, c := "passed", suite.Cases[0]
		switch {
		case c.Failure != nil:
			got = "failure"
		case c.Error != nil:
			got = "error"
		case c.Skipped != nil:
			got = "skipped"
		}
		if got != want {
			t.Errorf("a stage that is %q is a %s, want %s", verdict, got, want)
		}
	}
	suite, _ := junitOf(t, fixture.Lazy())
	if c := suite.Cases[0]; c.Failure == nil || c.Failure.Type != string(journal.Disproved) {
		t.Errorf("a stage whose answer is disproved: %+v", c)
	}
}

// TestFiguresOfJUnit: they are those of the trial, to the last digit.
func TestFiguresOfJUnit(t *testing.T) {
	run := fixture.Whole()
	suite, _ := junitOf(t, run)
	for i, s := range run.Stages {
		properties := map[string]string{}
		for _, p := range suite.Cases[i].Properties {
			properties[p.Name] = p.Value
		}
		passed := s.Trials[s.Find(s.Certificate.Passed)]
		for _, m := range metrics.All() {
			value, text := passed.Value(m), properties[m.Name]
			number, err := strconv.ParseFloat(text, 64)
			if (value == nil) != (text == "") || value != nil && (err != nil || number != *value) {
				t.Errorf("%s: %s is %q", s.Address, m.Name, text)
			}
		}
		if s.Found != nil && properties["found.memory"] != strconv.FormatInt(*s.Found.Memory, 10) {
			t.Errorf("%s: found.memory is %q", s.Address, properties["found.memory"])
		}
	}
}

const hostile = "]]></failure><script>\"'&\x00\x1b[31m\n| `a` \xff <b>"

// hostileRun has a text that is markup wherever a service can write one.
func hostileRun() journal.Run {
	run := fixture.Whole()
	run.Plan.Name, run.Run.Problem, run.Run.Help = hostile, hostile, hostile
	for i := range run.Stages {
		s := &run.Stages[i]
		s.Address, s.Reason, s.Verdict = hostile, hostile, journal.Inconclusive
		for n := range s.Trials {
			s.Trials[n].Why, s.Trials[n].Notes = hostile, []string{hostile}
		}
	}
	return run
}

func TestHostileTextsInJUnit(t *testing.T) {
	suite, text := junitOf(t, hostileRun())
	if len(suite.Cases) != 4 || bytes.Contains(text, []byte("<script")) || bytes.ContainsAny(text, "\x00\x1b") {
		t.Errorf("%d cases:\n%s", len(suite.Cases), text)
	}
}

func TestAnAnswerThatIsDisprovedInMarkdown(t *testing.T) {
	if text := markdownOf(t, fixture.Lazy()); !strings.Contains(text, "- ❌ **search.memory**: 1300M is the least") {
		t.Errorf("%s", text)
	}
}

func markdownOf(t *testing.T, run journal.Run) string {
	t.Helper()
	var b strings.Builder
	if err := markdownReport(&b, run); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func TestMarkdownOfAComparison(t *testing.T) {
	var b bytes.Buffer
	if err := ComparisonMarkdown(&b, fixture.Compared()); err != nil {
		t.Fatal(err)
	}
	golden.Compare(t, "testdata/compare.md", b.Bytes())
	if err := ComparisonMarkdown(full{}, fixture.Compared()); err == nil {
		t.Error("nothing was written, and no error")
	}
}

// TestRowsOfMarkdownTables: each has as many cells as its header, whatever its
// texts are.
func TestRowsOfMarkdownTables(t *testing.T) {
	all := fixture.Runs()
	all["hostile"] = hostileRun()
	for name, run := range all {
		columns := 0
		for line := range strings.SplitSeq(markdownOf(t, run), "\n") {
			cells := strings.Count(strings.ReplaceAll(line, `\|`, ""), "|")
			switch {
			case !strings.HasPrefix(line, "|"):
				columns = 0
			case columns == 0:
				columns = cells
			case cells != columns:
				t.Errorf("%s: %d of %d cells: %s", name, cells, columns, line)
			}
		}
	}
}

func TestHostileTextsInMarkdown(t *testing.T) {
	text := markdownOf(t, hostileRun())
	for line := range strings.SplitSeq(text, "\n") {
		for _, bad := range []string{"<script", "<b>", " `a`", "\x00", "\x1b"} {
			if strings.Contains(line, bad) && !(bad == " `a`" && strings.HasPrefix(line, "<details>")) { // there it is HTML
				t.Errorf("it has %q: %s", bad, line)
			}
		}
	}
}
