package answer

import (
	"fmt"
	"strings"
	"testing"

	"plan/internal/exchange"
	"plan/plans"
	"plan/runner/journal"
)

// ended are how a trial of a test ended: how far the service came.
var ended = map[string]func(*journal.Trial){
	"no start":    func(t *journal.Trial) { t.Verdict, t.Phase = journal.Failed, journal.PhaseStart },
	"no response": func(t *journal.Trial) { t.Verdict, t.Phase = journal.Failed, journal.PhaseFirst },
	"slow": func(t *journal.Trial) {
		t.Verdict, t.Phase, t.Load = journal.Failed, journal.PhaseLoad, &journal.Load{OK: 9}
	},
	"killed at once": func(t *journal.Trial) { // without a load's result, after one of each request
		t.Verdict, t.Phase = journal.Failed, journal.PhaseLoad
		t.Evidence = &journal.Evidence{First: map[string]exchange.Outcome{"predict": {}}}
	},
	"silent": func(t *journal.Trial) { // under a driver whose requests are not known
		t.Verdict, t.Phase, t.Load = journal.Failed, journal.PhaseLoad, &journal.Load{}
	},
	"hung":   func(t *journal.Trial) { t.Verdict, t.Phase = journal.Failed, journal.PhaseHold },
	"passed": func(t *journal.Trial) { t.Verdict, t.Phase = journal.Passed, journal.PhaseEnd },
	"borrowed": func(t *journal.Trial) { // its files would exceed its memory
		t.Verdict, t.Phase, t.Load = journal.Failed, journal.PhaseLoad, &journal.Load{OK: 9}
		t.Instances = []journal.Instance{{
			Memory: journal.Memory{Peak: t.Set.Memory},
			Files:  &journal.Files{Mapped: new(int64(0)), Resident: new(int64(30 << 20))},
		}}
	},
	"inconclusive": func(t *journal.Trial) { t.Verdict, t.Phase = journal.Inconclusive, journal.PhaseStart },
}

// levelsOf are the levels of a search as "starts 800M (700M)", with the number of values
// between both.
func levelsOf(s journal.Stage) string {
	var texts []string
	for _, l := range Levels(s) {
		reached, missed := s.Point(s.Trials[s.Find(l.Reached)]), s.Point(s.Trials[s.Find(l.Missed)])
		if at := journal.Settings(l.Found).Text(); at != journal.Settings(reached).Text() {
			return l.Reached + " did not run at " + at
		}
		text := fmt.Sprintf("%s %s (%s)", l.Name, journal.Settings(reached).Text(), journal.Settings(missed).Text())
		if l.Undecided > 0 {
			text += fmt.Sprintf(" %d between", l.Undecided)
		}
		texts = append(texts, text)
	}
	return strings.Join(texts, ", ")
}

// conclude gives a search its trials; the last one that passed is its answer.
func conclude(s journal.Stage, trials ...journal.Trial) journal.Stage {
	for i, t := range trials {
		t.ID = fmt.Sprintf("search.s/%d", i+1)
		if s.Trials = append(s.Trials, t); t.Verdict == journal.Passed {
			s.Certificate = &journal.Certificate{Passed: t.ID}
		}
	}
	return s
}

// TestLevels: the least values at which a service starts and responds, of a search of one
// dimension.
func TestLevels(t *testing.T) {
	mega := func(n float64) float64 { return n * (1 << 20) }
	memory := journal.Stage{Kind: plans.Search, Dimension: plans.Memory, HasLoad: true, Grid: []float64{mega(500), mega(600), mega(700), mega(800), mega(900), mega(1000)}}
	cpus := journal.Stage{Kind: plans.Search, Dimension: plans.CPUs, HasLoad: true, Grid: []float64{0.25, 0.5, 0.75, 1}}
	asks, unasked, exits := memory, memory, memory
	asks.HasLoad, asks.HasScenario, unasked.HasLoad, exits.LimitIndependent = false, true, false, true
	for name, c := range map[string]struct {
		s      journal.Stage
		trials string // a value and how the trial ended
		want   string
	}{
		"all three":                           {memory, "500 no start, 600 no response, 700 slow, 800 passed", "starts 600M (500M), responds 700M (600M)"},
		"all three, in another order":         {memory, "800 passed, 700 slow, 500 no start, 600 no response", "starts 600M (500M), responds 700M (600M)"},
		"one value for two":                   {memory, "700 no start, 800 slow, 900 passed", "starts 800M (700M), responds 800M (700M)"},
		"values between were not tried":       {memory, "500 no start, 800 slow, 900 passed", "starts 800M (500M) 2 between, responds 800M (500M) 2 between"},
		"a start alone":                       {memory, "700 no start, 800 no response, 900 passed", "starts 800M (700M)"},
		"a response alone":                    {memory, "700 no response, 800 slow, 900 passed", "responds 800M (700M)"},
		"killed by the load at once":          {memory, "700 no start, 800 killed at once, 900 passed", "starts 800M (700M), responds 800M (700M)"},
		"no OK response to another driver":    {memory, "700 no start, 800 silent, 900 passed", "starts 800M (700M)"},
		"only the answer":                     {memory, "700 no start, 800 passed", ""},
		"the answer, which is the least":      {memory, "500 passed", ""},
		"no failure below":                    {memory, "800 slow, 900 passed", ""},
		"a trial that shows nothing":          {memory, "700 inconclusive, 800 slow, 900 passed", ""},
		"it shows nothing between":            {memory, "600 no start, 700 inconclusive, 800 slow, 900 passed", "starts 800M (600M) 1 between, responds 800M (600M) 1 between"},
		"a start below a failure to":          {memory, "800 no start, 700 slow, 900 passed", ""},
		"a failure to start above the answer": {memory, "1000 no start, 600 no start, 700 slow, 800 passed", "starts 700M (600M), responds 700M (600M)"},
		"a failure to start at the answer":    {memory, "800 no start, 600 no start, 700 slow, 800 passed", "starts 700M (600M), responds 700M (600M)"},
		"others were charged for its files":   {memory, "600 no start, 700 borrowed, 800 slow, 900 passed", "starts 800M (600M) 1 between, responds 800M (600M) 1 between"},
		"no answer":                           {memory, "1000 slow, 800 slow, 700 no start", "starts 800M (700M), responds 800M (700M)"},
		"no answer, and one above a pair":     {memory, "1000 slow, 700 no start", "starts 1000M (700M) 2 between, responds 1000M (700M) 2 between"},
		"no answer, and no response":          {memory, "1000 no response, 800 no response, 700 no start", "starts 800M (700M)"},
		"no answer, and no start":             {memory, "1000 no start, 700 no start", ""},
		"no trial":                            {memory, "", ""},
		"CPU":                                 {cpus, "0.25 no start, 0.5 no response, 0.75 slow, 1 passed", "starts 0.5 CPU (0.25 CPU), responds 0.75 CPU (0.5 CPU)"},
		"CPU, whose files others paid for":    {cpus, "0.25 no start, 0.5 borrowed, 1 passed", "starts 0.5 CPU (0.25 CPU), responds 0.5 CPU (0.25 CPU)"},
		"a scenario without a load":           {asks, "600 no start, 700 no response, 800 hung, 900 passed", "starts 700M (600M)"},
		"neither":                             {unasked, "600 no start, 700 hung, 800 passed", ""},
		"the service exits at every limit":    {exits, "500 no start, 1000 slow", ""},
		"an answer whose trial is not there": {func(s journal.Stage) journal.Stage {
			s.Certificate = &journal.Certificate{Passed: "search.s/9"}
			return s
		}(memory), "700 no start, 800 slow", ""},
	} {
		var trials []journal.Trial
		for text := range strings.SplitSeq(c.trials, ", ") {
			var value float64
			if n, _ := fmt.Sscan(text, &value); n == 0 {
				break
			}
			set := journal.Settings{Memory: new(int64(1) << 30)}
			if c.s.Dimension == plans.CPUs {
				set.CPUs = &value
			} else {
				set.Memory = new(int64(mega(value)))
			}
			one := journal.Trial{Set: set}
			_, end, _ := strings.Cut(text, " ")
			ended[end](&one)
			trials = append(trials, one)
		}
		if got := levelsOf(conclude(c.s, trials...)); got != c.want {
			t.Errorf("%s: %q, want %q", name, got, c.want)
		}
	}
}

// TestLevelsOfSeveralDimensions: they lie on the line of the answer along the memory, else
// along the first dimension. A trial with more CPU that does not start shows it, one that
// starts does not; settings have no order.
func TestLevelsOfSeveralDimensions(t *testing.T) {
	memory := journal.Axis{Dimension: plans.Memory}
	for m := 600; m <= 900; m += 100 {
		memory.Values = append(memory.Values, float64(m<<20))
	}
	cpus := journal.Axis{Dimension: plans.CPUs, Values: []any{0.25, 0.5, 1.0}}
	replicas := journal.Axis{Dimension: plans.Replicas, Values: []any{1.0, 2.0, 4.0}}
	workers := func(values ...any) journal.Axis { return journal.Axis{Dimension: "workers", Values: values} }
	texts, numbers, switches := workers("a", "b", "c"), workers(1.0, 2.0, 4.0), workers(false, true)
	all := []journal.Axis{cpus, memory, texts}
	type one struct {
		memory   int64
		cpus     float64
		replicas int
		workers  any
		end      string
	}
	for name, c := range map[string]struct {
		axes   []journal.Axis
		trials []one
		want   string
	}{
		"on the line":                   {all, []one{{700, 0.5, 0, "a", "no start"}, {800, 0.5, 0, "a", "slow"}, {900, 0.5, 0, "a", "passed"}}, "starts 0.5 CPU × 800M, workers a (0.5 CPU × 700M, workers a), responds 0.5 CPU × 800M, workers a (0.5 CPU × 700M, workers a)"},
		"no start with more CPU":        {all, []one{{700, 1, 0, "a", "no start"}, {800, 0.5, 0, "a", "no response"}, {900, 0.5, 0, "a", "passed"}}, "starts 0.5 CPU × 800M, workers a (1 CPU × 700M, workers a)"},
		"a start with less CPU":         {all, []one{{700, 0.5, 0, "a", "no start"}, {800, 0.25, 0, "a", "no response"}, {900, 0.5, 0, "a", "passed"}}, "starts 0.25 CPU × 800M, workers a (0.5 CPU × 700M, workers a)"},
		"a value between":               {all, []one{{600, 0.5, 0, "a", "no start"}, {800, 0.5, 0, "a", "no response"}, {900, 0.5, 0, "a", "passed"}}, "starts 0.5 CPU × 800M, workers a (0.5 CPU × 600M, workers a) 1 between"},
		"no start with less CPU":        {all, []one{{700, 0.25, 0, "a", "no start"}, {800, 0.5, 0, "a", "slow"}, {900, 0.5, 0, "a", "passed"}}, ""},
		"a start with more CPU":         {all, []one{{700, 0.5, 0, "a", "no start"}, {800, 1, 0, "a", "slow"}, {900, 0.5, 0, "a", "passed"}}, ""},
		"no start with another setting": {all, []one{{700, 0.5, 0, "b", "no start"}, {800, 0.5, 0, "a", "slow"}, {900, 0.5, 0, "a", "passed"}}, ""},
		"a start with another setting":  {all, []one{{700, 0.5, 0, "a", "no start"}, {800, 0.5, 0, "b", "slow"}, {900, 0.5, 0, "a", "passed"}}, ""},
		"no answer":                     {all, []one{{900, 1, 0, "a", "no response"}, {800, 1, 0, "a", "no response"}, {700, 1, 0, "a", "no start"}}, "starts 1 CPU × 800M, workers a (1 CPU × 700M, workers a)"},
		"no answer, and one setting":    {all, []one{{900, 1, 0, "a", "slow"}, {700, 1, 0, "b", "no start"}}, ""},
		"the first of two":              {[]journal.Axis{texts, cpus, replicas}, []one{{0, 0.25, 1, "a", "no start"}, {0, 0.5, 1, "a", "no response"}, {0, 1, 1, "a", "passed"}}, "starts 1 × 0.5 CPU, workers a (1 × 0.25 CPU, workers a)"},
		"not the second of two":         {[]journal.Axis{cpus, replicas}, []one{{0, 0.5, 1, nil, "no start"}, {0, 0.5, 2, nil, "slow"}, {0, 0.5, 4, nil, "passed"}}, ""},
		"a number beside CPU":           {[]journal.Axis{numbers, cpus}, []one{{0, 0.25, 0, 1.0, "no start"}, {0, 0.5, 0, 1.0, "no response"}, {0, 1, 0, 1.0, "passed"}}, "starts 0.5 CPU, workers 1 (0.25 CPU, workers 1)"},
		"another setting, beside CPU":   {[]journal.Axis{switches, cpus}, []one{{0, 0.25, 0, false, "no start"}, {0, 0.5, 0, true, "slow"}, {0, 1, 0, true, "passed"}}, ""},
		"settings alone":                {[]journal.Axis{texts}, []one{{0, 0, 0, "a", "no start"}, {0, 0, 0, "b", "slow"}, {0, 0, 0, "c", "passed"}}, ""},
		"numbers alone":                 {[]journal.Axis{numbers}, []one{{0, 0, 0, 1.0, "no start"}, {0, 0, 0, 2.0, "slow"}, {0, 0, 0, 4.0, "passed"}}, ""},
		"numbers alone, and no answer":  {[]journal.Axis{numbers}, []one{{0, 0, 0, 1.0, "no start"}, {0, 0, 0, 2.0, "slow"}}, ""},
		"booleans alone":                {[]journal.Axis{switches}, []one{{0, 0, 0, false, "no start"}, {0, 0, 0, true, "passed"}}, ""},
	} {
		var trials []journal.Trial
		for _, o := range c.trials {
			at := plans.Settings{Replicas: o.replicas}
			at.Put(plans.Memory, o.memory<<20)
			at.Put(plans.CPUs, plans.CPUs.Value(o.cpus))
			one := journal.Trial{Set: journal.SettingsOf(at)}
			if o.workers != nil {
				one.Set.Vary = map[string]any{"workers": o.workers}
			}
			ended[o.end](&one)
			trials = append(trials, one)
		}
		if got := levelsOf(conclude(journal.Stage{Kind: plans.Search, HasLoad: true, Axes: c.axes}, trials...)); got != c.want {
			t.Errorf("%s: %q, want %q", name, got, c.want)
		}
	}
}
