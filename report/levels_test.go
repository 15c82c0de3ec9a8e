package report

import (
	"fmt"
	"strings"
	"testing"

	"plan/report/fixture"
	"plan/runner/journal"
)

// ends are how a trial of a test ended: what a service did there.
var ends = map[string]func(*journal.Trial){
	"no start":    func(t *journal.Trial) { t.Verdict, t.Phase = journal.Failed, journal.PhaseStart },
	"no response": func(t *journal.Trial) { t.Verdict, t.Phase = journal.Failed, journal.PhaseFirst },
	"slow":        func(t *journal.Trial) { t.Verdict, t.Phase = journal.Failed, journal.PhaseLoad },
	"passed":      func(*journal.Trial) {},
	"killed":      func(t *journal.Trial) { t.Verdict, t.Phase = journal.Inconclusive, journal.PhaseStart },
}

// The least values at which a service starts and responds, also of a search without an answer.
func TestLevels(t *testing.T) {
	for name, c := range map[string]struct {
		trials string // megabytes and how they ended
		want   string
	}{
		"a start and a response":          {"900 no start, 1000 no response, 1200 slow, 1300 passed", " It starts at 1000M (900M failed) and responds at 1200M or less (1000M failed)."},
		"both at the same value":          {"700 no start, 800 slow, 900 passed", " It starts and responds at 800M (700M failed)."},
		"a value between was not tried":   {"600 no start, 800 slow, 900 passed", " It starts and responds at 800M or less (600M failed)."},
		"a start alone":                   {"700 no start, 800 no response, 900 passed", " It starts at 800M (700M failed)."},
		"a response alone":                {"700 no response, 800 slow, 900 passed", " It responds at 800M (700M failed)."},
		"the answer itself":               {"700 no start, 800 passed", ""},
		"nothing failed below":            {"800 slow, 900 passed", ""},
		"what is not decided":             {"700 killed, 800 slow, 900 passed", ""},
		"a start below a failure to":      {"800 no start, 700 slow, 900 passed", ""},
		"no answer":                       {"4096 slow, 2000 slow, 800 slow, 700 no start", " It starts and responds at 800M (700M failed)."},
		"no answer, and one above a pair": {"4096 slow, 700 no start", " It starts and responds at 4G or less (700M failed)."},
		"no answer, and no response":      {"4096 no response, 800 no response, 700 no start", " It starts at 800M (700M failed)."},
		"no answer, and no start":         {"4096 no start, 700 no start", ""},
		"no trial":                        {"", ""},
	} {
		s := fixture.MemorySearch()
		for i, text := range strings.Split(c.trials, ", ") {
			var memory int64
			if n, _ := fmt.Sscan(text, &memory); n == 0 {
				break
			}
			trial := fixture.Trial(fmt.Sprintf("search.memory/%d", i), memory)
			_, end, _ := strings.Cut(text, " ")
			ends[end](&trial)
			if s.Trials = append(s.Trials, trial); trial.Verdict == journal.Passed {
				s.Certificate = &journal.Certificate{Passed: trial.ID}
			}
		}
		if got := levelsText(s); got != c.want {
			t.Errorf("%s: %q, want %q", name, got, c.want)
		}
		s.HasLoad = false
		if got := levelsText(s); got != "" {
			t.Errorf("%s, without a load: %q", name, got)
		}
	}
}

// Of several dimensions levels lie on the line of the answer: a trial with more CPU that does
// not start shows it, one that starts does not.
func TestLevelsOfSeveralDimensions(t *testing.T) {
	mega := func(m float64) any { return m * (1 << 20) }
	for name, c := range map[string]struct {
		trials []string // megabytes, CPUs, workers and how they ended
		want   string
	}{
		"on the line":                     {[]string{"700 0.5 a no start", "800 0.5 a slow", "900 0.5 a passed"}, " It starts and responds at 0.5 CPU × 800M, workers a (0.5 CPU × 700M, workers a failed)."},
		"no start with more CPU":          {[]string{"700 1 a no start", "800 0.5 a slow", "900 0.5 a passed"}, " It starts and responds at 0.5 CPU × 800M, workers a (1 CPU × 700M, workers a failed)."},
		"a start with less CPU":           {[]string{"700 0.5 a no start", "800 0.25 a slow", "900 0.5 a passed"}, " It starts and responds at 0.25 CPU × 800M, workers a (0.5 CPU × 700M, workers a failed)."},
		"a value between":                 {[]string{"600 0.5 a no start", "800 0.5 a slow", "900 0.5 a passed"}, " It starts and responds at 0.5 CPU × 800M, workers a, or with less memory (0.5 CPU × 600M, workers a failed)."},
		"no start with less CPU":          {[]string{"700 0.25 a no start", "800 0.5 a slow", "900 0.5 a passed"}, ""},
		"a start with more CPU":           {[]string{"700 0.5 a no start", "800 1 a slow", "900 0.5 a passed"}, ""},
		"no start with another setting":   {[]string{"700 0.5 b no start", "800 0.5 a slow", "900 0.5 a passed"}, ""},
		"a start with another setting":    {[]string{"700 0.5 a no start", "800 0.5 b slow", "900 0.5 a passed"}, ""},
		"nothing passed":                  {[]string{"900 1 a slow", "800 1 a slow", "700 1 a no start"}, " It starts and responds at 1 CPU × 800M, workers a (1 CPU × 700M, workers a failed)."},
		"nothing passed, and one setting": {[]string{"900 1 a slow", "700 1 b no start"}, ""},
	} {
		s := journal.Stage{Kind: "search", HasLoad: true, Axes: []journal.Axis{
			{Dimension: "cpus", Values: []any{0.25, 0.5, 1.0}}, {Dimension: "memory", Values: []any{mega(600), mega(700), mega(800), mega(900)}},
			{Dimension: "workers", Values: []any{"a", "b"}},
		}}
		for i, text := range c.trials {
			var memory int64
			var cpus float64
			fmt.Sscan(text, &memory, &cpus)
			rest := strings.SplitN(text, " ", 4)
			trial := fixture.Trial(fmt.Sprintf("search.all/%d", i), memory)
			trial.Set = journal.Settings{Memory: fixture.Mega(memory), CPUs: &cpus, Vary: map[string]any{"workers": rest[2]}}
			ends[rest[3]](&trial)
			if s.Trials = append(s.Trials, trial); trial.Verdict == journal.Passed {
				s.Certificate = &journal.Certificate{Passed: trial.ID}
			}
		}
		if got := levelsText(s); got != c.want {
			t.Errorf("%s: %q, want %q", name, got, c.want)
		}
	}
}

// Levels lie along the memory, else along the first dimension; settings have no order, so a
// search that varies nothing else has none.
func TestLevelsWithoutMemory(t *testing.T) {
	workers := func(values ...any) journal.Axis { return journal.Axis{Dimension: "workers", Values: values} }
	texts, numbers, switches := workers("a", "b", "c"), workers(1.0, 2.0, 4.0), workers(false, true)
	cpus := journal.Axis{Dimension: "cpus", Values: []any{0.25, 0.5, 1.0}}
	replicas := journal.Axis{Dimension: "replicas", Values: []any{1.0, 2.0, 4.0}}
	type one struct {
		workers  any
		cpus     float64
		replicas int
		end      string
	}
	for name, c := range map[string]struct {
		axes   []journal.Axis
		trials []one
		want   string
	}{
		"texts":                     {[]journal.Axis{texts}, []one{{"a", 0, 0, "no start"}, {"b", 0, 0, "slow"}, {"c", 0, 0, "passed"}}, ""},
		"texts, and one passed":     {[]journal.Axis{texts}, []one{{"a", 0, 0, "passed"}}, ""},
		"texts, and none passed":    {[]journal.Axis{texts}, []one{{"a", 0, 0, "no start"}, {"b", 0, 0, "slow"}}, ""},
		"numbers":                   {[]journal.Axis{numbers}, []one{{1.0, 0, 0, "no start"}, {2.0, 0, 0, "slow"}, {4.0, 0, 0, "passed"}}, ""},
		"numbers, and none passed":  {[]journal.Axis{numbers}, []one{{1.0, 0, 0, "no start"}, {2.0, 0, 0, "slow"}}, ""},
		"booleans":                  {[]journal.Axis{switches}, []one{{false, 0, 0, "no start"}, {true, 0, 0, "passed"}}, ""},
		"a number above CPU":        {[]journal.Axis{numbers, cpus}, []one{{1.0, 0.25, 0, "no start"}, {1.0, 0.5, 0, "slow"}, {1.0, 1, 0, "passed"}}, " It starts and responds at 0.5 CPU, workers 1 (0.25 CPU, workers 1 failed)."},
		"a text above CPU":          {[]journal.Axis{texts, cpus}, []one{{"a", 0.25, 0, "no start"}, {"a", 0.5, 0, "slow"}, {"a", 1, 0, "passed"}}, " It starts and responds at 0.5 CPU, workers a (0.25 CPU, workers a failed)."},
		"a text below CPU":          {[]journal.Axis{cpus, texts}, []one{{"a", 0.25, 0, "no start"}, {"a", 0.5, 0, "slow"}, {"a", 1, 0, "passed"}}, " It starts and responds at 0.5 CPU, workers a (0.25 CPU, workers a failed)."},
		"the first of two":          {[]journal.Axis{texts, cpus, replicas}, []one{{"a", 0.25, 1, "no start"}, {"a", 0.5, 1, "slow"}, {"a", 1, 1, "passed"}}, " It starts and responds at 1 × 0.5 CPU, workers a (1 × 0.25 CPU, workers a failed)."},
		"not the second of two":     {[]journal.Axis{cpus, replicas}, []one{{nil, 0.5, 1, "no start"}, {nil, 0.5, 2, "slow"}, {nil, 0.5, 4, "passed"}}, ""},
		"another setting, with CPU": {[]journal.Axis{switches, cpus}, []one{{false, 0.25, 0, "no start"}, {true, 0.5, 0, "slow"}, {true, 1, 0, "passed"}}, ""},
	} {
		s := journal.Stage{Kind: "search", HasLoad: true, Axes: c.axes}
		for i, o := range c.trials {
			trial := fixture.Trial(fmt.Sprintf("search.all/%d", i), 500)
			trial.Set = journal.Settings{}
			if o.cpus > 0 {
				trial.Set.CPUs = &o.cpus
			}
			if o.replicas > 0 {
				trial.Set.Replicas = &o.replicas
			}
			if o.workers != nil {
				trial.Set.Vary = map[string]any{"workers": o.workers}
			}
			ends[o.end](&trial)
			if s.Trials = append(s.Trials, trial); trial.Verdict == journal.Passed {
				s.Certificate = &journal.Certificate{Passed: trial.ID}
			}
		}
		if got := levelsText(s); got != c.want {
			t.Errorf("%s: %q, want %q", name, got, c.want)
		}
	}
}
