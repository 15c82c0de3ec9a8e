package runner

import (
	"slices"
	"strings"
	"testing"
	"testing/synctest"

	"plan/containers"
	"plan/internal/units"
	"plan/runner/journal"
)

// notes keeps what an observer is told.
type notes struct {
	silent
	texts []string
}

func (n *notes) Note(text string) { n.texts = append(n.texts, text) }

func TestEveryTrialIsToReadItsFilesItself(t *testing.T) {
	b := newBench(t, searchPlan("bisect"), fakeService{start: 900 * units.MiB})
	told := &notes{}
	b.runner.Observer = told
	b.runtime.eviction = containers.Eviction{Left: "the container db uses the same files", SharedWith: []string{"db"}}
	var run journal.Run
	synctest.Test(t, func(t *testing.T) { run = b.runner.Run(t.Context()) })
	trials := run.Stages[0].Trials
	if len(trials) < 2 || len(b.runtime.evicted) != len(trials) || b.runtime.evicted[0] != "sha256:1" {
		t.Errorf("%d trials, and evicted was %q", len(trials), b.runtime.evicted)
	}
	for _, one := range trials {
		if one.NotEvicted != b.runtime.eviction.Left || !slices.Equal(one.SharedWith, []string{"db"}) {
			t.Errorf("%s: %q, %q", one.ID, one.NotEvicted, one.SharedWith)
		}
	}
	about := slices.DeleteFunc(told.texts, func(text string) bool { return !strings.Contains(text, "page cache") })
	if !slices.Equal(about, []string{"not all files of service.api could be evicted from the page cache: the container db uses the same files"}) {
		t.Errorf("told: %q", about)
	}
}

// An answer has the files that its trial mapped and that others paid for.
func TestAnAnswerIsCorrectedByWhatOthersPaidFor(t *testing.T) {
	for name, c := range map[string]struct {
		elsewhere units.Bytes
		found     units.Bytes // 0: none
		corrected units.Bytes
		shared    []string
	}{
		"cold":                      {0, 900 * units.MiB, 0, nil},
		"less than can be told":     {units.MiB - 1, 900 * units.MiB, 0, nil},
		"one step":                  {50 * units.MiB, 1000 * units.MiB, 50 * units.MiB, []string{"db"}},
		"just one step":             {100 * units.MiB, 1000 * units.MiB, 100 * units.MiB, []string{"db"}},
		"a little more":             {101 * units.MiB, 1100 * units.MiB, 101 * units.MiB, []string{"db"}},
		"above the end":             {4 * units.GiB, 0, 4 * units.GiB, []string{"db"}},
		"nothing of it can be read": {-1, 900 * units.MiB, 0, nil},
	} {
		b := newBench(t, searchPlan("bisect"), fakeService{start: 900 * units.MiB})
		b.runtime.eviction.SharedWith = []string{"db"}
		if c.elsewhere >= 0 {
			b.runtime.resident = new(c.elsewhere + 30*units.MiB)
		}
		var run journal.Run
		synctest.Test(t, func(t *testing.T) { run = b.runner.Run(t.Context()) })
		s := run.Stages[0]
		if s.Corrected != int64(c.corrected) || !slices.Equal(s.SharedWith, c.shared) {
			t.Errorf("%s: corrected by %d, shared with %q", name, s.Corrected, s.SharedWith)
		}
		switch {
		case c.found == 0:
			if s.Found != nil || s.Verdict != journal.Failed || run.Run.ExitCode != 1 ||
				s.Reason != "it needs more than 4G: other containers were charged for 4G of its files" {
				t.Errorf("%s: %v, %v %q, exit %d", name, s.Found, s.Verdict, s.Reason, run.Run.ExitCode)
			}
		case s.Found == nil || *s.Found.Memory != int64(c.found) || *s.Recommended.Memory < *s.Found.Memory:
			t.Errorf("%s: found %+v, recommended %+v", name, s.Found, s.Recommended)
		}
	}
}
