package report

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"plan/report/fixture"
	"plan/runner/answer"
	"plan/runner/journal"
)

// ends are how a trial of a test ended: what a service did there.
var ends = map[string]func(*journal.Trial){
	"no start":    func(t *journal.Trial) { t.Verdict, t.Phase = journal.Failed, journal.PhaseStart },
	"no response": func(t *journal.Trial) { t.Verdict, t.Phase = journal.Failed, journal.PhaseFirst },
	"slow": func(t *journal.Trial) {
		t.Verdict, t.Phase, t.Load = journal.Failed, journal.PhaseLoad, &journal.Load{OK: 9}
	},
	"passed": func(*journal.Trial) {},
}

// The levels of a search are a sentence after its answer, and rows below its own in the table
// of the run. Both are the same where the journal has no levels, but the trials.
func TestLevels(t *testing.T) {
	for name, c := range map[string]struct {
		trials   string // megabytes and how they ended
		replicas int
		sentence string
		rows     string // of the table of the run: columns STAGE, ANSWER and PROOF
	}{
		"a start and a response": {"900 no start, 1000 no response, 1200 slow, 1300 passed", 1,
			" It starts at 1000M (900M failed) and responds at 1200M or less (1000M failed).",
			"starts|1000M|1000M started, 900M did not\nresponds|at most 1200M|1200M responded, 1000M did not"},
		"both at the same value": {"700 no start, 800 slow, 900 passed", 1, " It starts and responds at 800M (700M failed).",
			"starts and responds|800M|800M started and responded, 700M did not"},
		"a value between was not tried": {"600 no start, 800 slow, 900 passed", 1, " It starts and responds at 800M or less (600M failed).",
			"starts and responds|at most 800M|800M started and responded, 600M did not"},
		"three replicas": {"700 no start, 800 no response, 900 passed", 3, " It starts at 800M (700M failed).", "starts|3 × 800M|800M started, 700M did not"},
		"no answer":      {"4096 no response, 800 no response, 700 no start", 1, " It starts at 800M (700M failed).", "starts|800M|800M started, 700M did not"},
		"only one value": {"700 no start, 800 passed", 1, "", ""},
		"no trial":       {"", 1, "", ""},
	} {
		s := fixture.MemorySearch()
		for i, text := range strings.Split(c.trials, ", ") {
			var memory int64
			if n, _ := fmt.Sscan(text, &memory); n == 0 {
				break
			}
			trial := fixture.Trial(fmt.Sprintf("search.memory/%d", i), memory)
			trial.Set.Replicas = &c.replicas
			_, end, _ := strings.Cut(text, " ")
			ends[end](&trial)
			if s.Trials = append(s.Trials, trial); trial.Verdict == journal.Passed {
				s.Certificate, s.Found = &journal.Certificate{Passed: trial.ID}, &journal.Point{Memory: trial.Set.Memory}
			}
		}
		written := s
		written.Levels = answer.Levels(s)
		for _, s := range []journal.Stage{s, written} {
			if got := levelsText(s); got != c.sentence {
				t.Errorf("%s: %q, want %q", name, got, c.sentence)
			}
			var rows []string
			for _, row := range Summary(fixture.RunOf(0, s)).Rows[1:] {
				rows = append(rows, strings.TrimSpace(strings.Join(row[:3], "|")))
			}
			if got := strings.Join(rows, "\n"); got != c.rows {
				t.Errorf("%s: rows\n%s\nwant\n%s", name, got, c.rows)
			}
		}
	}
}

// A search of several dimensions names the combinations, and what may be less.
func TestLevelsOfSeveralDimensions(t *testing.T) {
	mega := func(m float64) any { return m * (1 << 20) }
	for name, c := range map[string]struct {
		least          float64 // megabytes
		sentence, rows string
	}{
		"on the line": {700, " It starts and responds at 0.5 CPU × 800M, workers a (1 CPU × 700M, workers a failed).",
			"starts and responds|0.5 CPU × 800M, workers a|0.5 CPU × 800M, workers a started and responded, 1 CPU × 700M, workers a did not"},
		"a value between": {600, " It starts and responds at 0.5 CPU × 800M, workers a, or with less memory (1 CPU × 600M, workers a failed).",
			"starts and responds|at most 0.5 CPU × 800M, workers a|0.5 CPU × 800M, workers a started and responded, 1 CPU × 600M, workers a did not"},
	} {
		s := journal.Stage{Address: "search.all", Kind: "search", HasLoad: true, Axes: []journal.Axis{
			{Dimension: "cpus", Values: []any{0.25, 0.5, 1.0}}, {Dimension: "memory", Values: []any{mega(600), mega(700), mega(800), mega(900)}},
			{Dimension: "workers", Values: []any{"a", "b"}},
		}}
		at := func(memory int64, cpus float64, end string) {
			trial := fixture.Trial(fmt.Sprintf("search.all/%d", len(s.Trials)+1), memory)
			trial.Set = journal.Settings{Memory: fixture.Mega(memory), CPUs: &cpus, Vary: map[string]any{"workers": "a"}}
			ends[end](&trial)
			s.Trials = append(s.Trials, trial)
		}
		at(int64(c.least), 1, "no start")
		at(800, 0.5, "slow")
		at(900, 0.5, "passed")
		s.Certificate = &journal.Certificate{Passed: "search.all/3"}
		if got := levelsText(s); got != c.sentence {
			t.Errorf("%s: %q, want %q", name, got, c.sentence)
		}
		row := Summary(fixture.RunOf(0, s)).Rows[1]
		if got := strings.TrimSpace(strings.Join(row[:3], "|")); got != c.rows {
			t.Errorf("%s: row %q, want %q", name, got, c.rows)
		}
	}
}

// The levels of the fixture are those that a search writes.
func TestTheLevelsOfTheFixture(t *testing.T) {
	s := fixture.Runs()["levels"].Stages[0]
	if diff := cmp.Diff(answer.Levels(s), s.Levels); diff != "" {
		t.Error(diff)
	}
}

// A level whose trial is not there, since its line is damaged, is left out.
func TestALevelWithoutItsTrial(t *testing.T) {
	s := fixture.Found()
	s.Levels = []journal.Level{{Name: journal.Starts, Found: *s.Found, Reached: "search.memory/8", Missed: "search.memory/9"}}
	if got := levelsText(s); got != "" {
		t.Errorf("%q", got)
	}
}
