package verify

import (
	"slices"
	"strings"
	"testing"
)

// several is a search of CPUs and memory whose answer is 1 CPU and 1000 bytes, and in
// which a setting may have values. Half a CPU costs more than all of the memory: two failures cover all that costs less.
func several(workers ...any) (*record, *stage) {
	at := func(id, verdict string, cpus float64, memory int64, worker any) *trial {
		t := &trial{ID: id, Verdict: verdict, Set: settings{CPUs: &cpus, Memory: &memory, Replicas: new(1)}}
		if verdict == failed {
			t.Reason = new("latency")
		}
		if len(workers) > 0 {
			t.Set.Vary = map[string]any{"workers": worker}
		}
		return t
	}
	s := &stage{
		Address: "search.all", Kind: "search", Service: "service.api", Verdict: passed, Prefer: "price", Price: &price{CPUs: 10_000, Memory: 1 << 30},
		Axes: []axis{{"cpus", []any{0.5, 1.0, 2.0}}, {"memory", []any{500.0, 1000.0, 1500.0}}},
		trials: []*trial{
			at("search.all/1", passed, 1, 1000, "a"), at("search.all/2", failed, 1, 500, "a"), at("search.all/3", failed, 0.5, 1500, "a"),
			at("search.all/4", passed, 2, 1500, "a"),
		},
	}
	if len(workers) > 0 {
		s.Axes = append(s.Axes, axis{"workers", workers})
	}
	answer := s.trials[0].Set
	s.Found, s.Recommended = &answer, &answer
	s.Certificate, s.Points = &proof{Passed: "search.all/1", Failed: []string{"search.all/2", "search.all/3"}}, []string{"search.all/1"}
	return &record{stages: []*stage{s}}, s
}

func TestProofsOfSeveralDimensions(t *testing.T) {
	for name, c := range map[string]struct {
		workers []any
		change  func(*stage)
		want    string // part of what does not hold; "" where all does
	}{
		"two failures cover all that costs less": {nil, func(*stage) {}, ""},
		"one of them does not":                   {nil, func(s *stage) { s.Certificate.Failed = s.Certificate.Failed[:1] }, "covers cpus 0.5, memory 1000"},
		"nor does the other":                     {nil, func(s *stage) { s.Certificate.Failed = s.Certificate.Failed[1:] }, "covers cpus 1, memory 500"},
		"another preference":                     {nil, func(s *stage) { s.Prefer = "memory" }, "covers cpus 2, memory 500"},
		"a cheaper one fails in its place":       {nil, func(s *stage) { s.trials[2].Set.Memory = new(int64(500)) }, "covers cpus 0.5, memory 1000"},
		"a pass as a failure":                    {nil, func(s *stage) { s.Certificate.Failed[0] = "search.all/4" }, "names search.all/4 as failed"},
		"another answer":                         {nil, func(s *stage) { s.Found = &s.trials[3].Set }, "its answer is 2, but by its trials it is 1"},
		"the least of all":                       {nil, func(s *stage) { s.AtMost = true }, "at_most is true"},
		"not proven, but its answer is so": {nil, func(s *stage) { // one failure is left, and covers two of the four
			s.Certificate.Failed, s.Undecided, s.trials = nil, 2, append(s.trials[:1], s.trials[2:]...)
			s.trials[1].Set.Memory = new(int64(1000))
		}, ""},
		"not proven, and one less": {nil, func(s *stage) {
			s.Certificate.Failed, s.Undecided, s.trials = nil, 1, append(s.trials[:1], s.trials[2:]...)
			s.trials[1].Set.Memory = new(int64(1000))
		}, "undecided is 1, but no failure covers 2 values"},
		"a budget was used up": {nil, func(s *stage) {
			s.Verdict, s.AbortedBy, s.Certificate.Failed, s.Undecided, s.trials = aborted, "budget", nil, 4, s.trials[:1]
		}, ""},
		"a budget was used up, and nothing is undecided": {nil, func(s *stage) {
			s.Verdict, s.AbortedBy, s.Certificate.Failed, s.trials = aborted, "budget", nil, s.trials[:1]
		}, "undecided is 0, but no failure covers 4 values"},
		"a better one passed": {nil, func(s *stage) {
			s.Verdict, s.AbortedBy, s.Certificate.Failed, s.trials = aborted, "budget", nil, s.trials[:2]
			s.trials[1].Verdict = passed
		}, "search.all/2 passed in full, and would be better than the answer"},
		"a failure above the answer": {nil, func(s *stage) {
			s.trials[3].Verdict, s.trials[3].Reason = failed, new("not_ready")
		}, `its points are ["search.all/1"], but by its trials they are []`},
		"a look at what was recommended before": {nil, func(s *stage) {
			s.trials[3].Verdict, s.trials[3].Reason, s.trials[3].Chosen = failed, new("not_ready"), "what is recommended"
		}, ""},
		"no points":     {nil, func(s *stage) { s.Points = nil }, `its points are [], but by its trials they are ["search.all/1"]`},
		"another point": {nil, func(s *stage) { s.Points = append(s.Points, "search.all/4") }, `by its trials they are ["search.all/1"]`},
		"two points": {nil, func(s *stage) { // 2 CPUs with 500 bytes
			s.trials[3].Set.Memory, s.Points = new(int64(500)), []string{"search.all/1", "search.all/4"}
		}, ""},
		"two points, of which one is missing": {nil, func(s *stage) { s.trials[3].Set.Memory = new(int64(500)) }, `by its trials they are ["search.all/1" "search.all/4"]`},
		"one value of a setting":              {[]any{"a"}, func(*stage) {}, ""},
		"a failure covers its own setting":    {[]any{"b", "a"}, func(*stage) {}, "workers b"},
		"a setting that the grid has not":     {[]any{"b"}, func(*stage) {}, "not on the grid"},
		"with a margin, more is recommended":  {nil, func(s *stage) { s.Margin = 0.2 }, "it recommends 1000, but by its margin it has to recommend 1500"},
		"a kill at the answer": {nil, func(s *stage) {
			s.trials[3].Verdict, s.trials[3].Reason, s.trials[3].Set = failed, new("oom_load"), s.trials[0].Set
		}, "search.all/4 was killed for memory"},
	} {
		r, s := several(c.workers...)
		c.change(s)
		got := s.answer(r)
		if c.want == "" && len(got) > 0 || c.want != "" && !slices.ContainsFunc(got, func(text string) bool { return strings.Contains(text, c.want) }) {
			t.Errorf("%s: %q, want %q", name, got, c.want)
		}
	}
}

// A search of one dimension has an answer without a proof where its budget or the guard
// ended it.
func TestAnAnswerOfOneDimensionWithoutAProof(t *testing.T) {
	for by, want := range map[string]string{"guard": "", "budget": "", "user": "it is aborted and has an answer"} {
		r, s := several()
		s.Dimension, s.Grid, s.Axes, s.trials = "memory", []float64{500, 1000, 1500}, nil, s.trials[:1]
		s.Verdict, s.AbortedBy, s.Undecided, s.Certificate.Failed = aborted, by, 1, nil
		if got := strings.Join(s.answer(r), "; "); !strings.HasPrefix(got, want) || (got == "") != (want == "") {
			t.Errorf("%s: %q, want %q", by, got, want)
		}
	}
}

// The last trial at what is recommended is named, unless it is what passed; a search that
// was stopped has not looked for it.
func TestTheTrialAtWhatIsRecommended(t *testing.T) {
	for name, c := range map[string]struct {
		change func(*stage)
		holds  bool
	}{
		"what passed": {func(*stage) {}, true},
		"what passed, after a look": {func(s *stage) {
			s.trials[1].Set, s.trials[1].Verdict = s.trials[0].Set, passed
			slices.Reverse(s.trials)
		}, true},
		"a later one, not named": {func(s *stage) { s.Recommended = &s.trials[3].Set }, false},
		"a later one":            {func(s *stage) { s.Recommended, s.Certificate.Recommended = &s.trials[3].Set, "search.all/4" }, true},
		"a failure": {func(s *stage) {
			s.Recommended, s.Certificate.Recommended, s.trials[3].Verdict = &s.trials[3].Set, "search.all/4", failed
		}, true},
		"it says nothing": {func(s *stage) { s.Recommended, s.trials[3].Verdict = &s.trials[3].Set, inconclusive }, true},
		"it says nothing, and is named": {func(s *stage) {
			s.Recommended, s.Certificate.Recommended, s.trials[3].Verdict = &s.trials[3].Set, "search.all/4", inconclusive
		}, false},
		"the search was stopped": {func(s *stage) { s.Recommended, s.Verdict = &s.trials[3].Set, inconclusive }, true},
		"the budget was used up": {func(s *stage) { s.Recommended, s.Verdict, s.AbortedBy = &s.trials[3].Set, aborted, "budget" }, false},
	} {
		_, s := several()
		c.change(s)
		if got := s.recommends(); (len(got) == 0) != c.holds {
			t.Errorf("%s: %q", name, got)
		}
	}
}

// Two kills by an unknown sender are failures once the next higher value has passed, also
// where that is disproved later.
func TestTwoKillsOfUnknownSenders(t *testing.T) {
	for name, c := range map[string]struct {
		change func(*stage)
		holds  bool
	}{
		"below the answer":        {func(*stage) {}, true},
		"the answer is disproved": {func(s *stage) { s.Found, s.Verdict, s.FailedBy = nil, failed, "disproved" }, true},
		"a lower answer":          {func(s *stage) { s.Found.Memory = new(int64(200)) }, true},
		"no pass above":           {func(s *stage) { s.trials[2].Verdict = failed }, false},
		"a pass far above":        {func(s *stage) { s.trials[2].Set.Memory = new(int64(500)) }, false},
		"one kill":                {func(s *stage) { s.trials[1].Unexplained = false }, false},
		"no repetition":           {func(s *stage) { s.trials[1].Repeats = "" }, false},
		"no search":               {func(s *stage) { s.Kind = "check" }, false},
	} {
		at := func(id, verdict string, memory int64) *trial {
			return &trial{ID: id, Verdict: verdict, Unexplained: verdict == failed, Set: settings{Memory: &memory}}
		}
		s := &stage{
			Kind: "search", Dimension: "memory", Verdict: passed, Grid: []float64{200, 300, 400, 500}, Found: &settings{Memory: new(int64(400))},
			trials: []*trial{at("a/1", failed, 300), at("a/2", failed, 300), at("a/3", passed, 400)},
		}
		s.trials[1].Repeats = "a/1"
		c.change(s)
		if got := s.killedTwice(s.trials[0]); (got == "") != c.holds {
			t.Errorf("%s: %q", name, got)
		}
	}
}

// A kill with the fewest users of a ramp speaks against the limits that it used.
func TestAKillWithTheFewestUsers(t *testing.T) {
	type auto = autoUsers
	for name, c := range map[string]struct {
		ramp  stage
		users int
		grew  bool
		want  bool
	}{
		"the first step":             {stage{Steps: []int{10, 20}}, 10, false, true},
		"a later step":               {stage{Steps: []int{10, 20}}, 20, false, false},
		"the fewest that are tried":  {stage{Auto: &auto{From: 10, To: 20}}, 10, false, true},
		"more":                       {stage{Auto: &auto{From: 10, To: 20}}, 11, false, false},
		"a load that grew":           {stage{Auto: &auto{From: 10, To: 20}}, 10, true, false},
		"neither steps nor a search": {stage{}, 10, false, false},
	} {
		r, s := several()
		killed := *s.trials[0]
		killed.ID, killed.Phase, killed.Verdict, killed.Reason, killed.Users = "ramp.users/1", "load", failed, new("oom_load"), &c.users
		if c.grew {
			killed.Windows = slices.Grow(killed.Windows, 1)[:1] // of any figures
		}
		c.ramp.Kind, c.ramp.Service, c.ramp.trials = "ramp", s.Service, []*trial{&killed}
		r.stages = append(r.stages, &c.ramp)
		if got := s.contradicted(r); (len(got) > 0) != c.want {
			t.Errorf("%s: %q", name, got)
		}
	}
}

// A kill under a load that is no heavier than that of the search speaks against its answer.
func TestAKillUnderNoMoreLoad(t *testing.T) {
	asked := func(names ...string) *load {
		l := &load{ByRequest: map[string]counts{}}
		for _, name := range names {
			l.ByRequest[name] = counts{}
		}
		return l
	}
	for name, c := range map[string]struct {
		change func(search, check *stage, killed *trial)
		want   bool
	}{
		"the same load":         {func(_, _ *stage, _ *trial) {}, true},
		"fewer users":           {func(_, _ *stage, k *trial) { k.Users = new(1) }, true},
		"more users":            {func(_, _ *stage, k *trial) { k.Users = new(3) }, false},
		"more, before the load": {func(_, _ *stage, k *trial) { k.Users, k.Phase = new(3), "first_request" }, true},
		"another request":       {func(_, _ *stage, k *trial) { k.Load = asked("predict", "batch") }, false},
		"no request was sent":   {func(_, _ *stage, k *trial) { k.Load = nil }, true},
		"arrivals":              {func(_, _ *stage, k *trial) { k.Arrivals = new(0.1) }, false},
		"fewer arrivals":        {func(s, _ *stage, k *trial) { s.trials[0].Arrivals, k.Arrivals = new(5.0), new(4.0) }, true},
		"more arrivals":         {func(s, _ *stage, k *trial) { s.trials[0].Arrivals, k.Arrivals = new(5.0), new(6.0) }, false},
		"of another service":    {func(_, c *stage, _ *trial) { c.Service = "service.web" }, false},
		"at another value":      {func(_, _ *stage, k *trial) { k.Set.Memory = new(int64(1500)) }, false},
		"it was slow":           {func(_, _ *stage, k *trial) { k.Reason = new("latency") }, false},
		"without a load":        {func(_, _ *stage, k *trial) { k.Users, k.Load, k.Phase = nil, nil, "hold" }, true},
		"without a load, by a search without one": {func(s, _ *stage, k *trial) {
			s.trials[0].Load, k.Users, k.Load, k.Phase = nil, nil, nil, "hold"
		}, true},
		"by a search without a load": {func(s, _ *stage, _ *trial) { s.trials[0].Load = nil }, false},
		"after requests, by a search without a load": {func(s, c *stage, k *trial) {
			s.trials[0].Load, k.Users, k.Load, k.Phase, c.HasScenario = nil, nil, nil, "hold", true
		}, false},
		"the same scenario":        {func(s, _ *stage, k *trial) { s.trials[0].Scenario, k.Scenario = 2, 2 }, true},
		"another scenario":         {func(s, _ *stage, k *trial) { s.trials[0].Scenario, k.Scenario = 1, 2 }, false},
		"a scenario not known":     {func(s, _ *stage, k *trial) { s.trials[0].Scenario = 1 }, true},
		"the same environment":     {func(s, _ *stage, k *trial) { s.trials[0].Configuration, k.Configuration = 2, 2 }, true},
		"another environment":      {func(s, _ *stage, k *trial) { s.trials[0].Configuration, k.Configuration = 1, 2 }, false},
		"an environment not known": {func(s, _ *stage, k *trial) { k.Configuration = 2 }, true},
		"another environment, before the load": {func(s, _ *stage, k *trial) {
			s.trials[0].Configuration, k.Configuration, k.Phase = 1, 2, "start"
		}, false},
		"at what is recommended, as there": {func(s, _ *stage, k *trial) {
			s.trials[0].Configuration, s.trials[3].Configuration, k.Configuration = 1, 2, 2
			s.Recommended, s.Certificate.Recommended, k.Set = &s.trials[3].Set, "search.all/4", s.trials[3].Set
		}, true},
		"at what is recommended, as at the answer": {func(s, _ *stage, k *trial) {
			s.trials[0].Configuration, s.trials[3].Configuration, k.Configuration = 1, 2, 1
			s.Recommended, s.Certificate.Recommended, k.Set = &s.trials[3].Set, "search.all/4", s.trials[3].Set
		}, false},
		"at the answer, as recommended": {func(s, _ *stage, k *trial) {
			s.trials[0].Configuration, s.trials[3].Configuration, k.Configuration = 1, 2, 2
			s.Recommended, s.Certificate.Recommended = &s.trials[3].Set, "search.all/4"
		}, false},
		"of the search, in another environment": {func(s, c *stage, k *trial) {
			c.trials, s.trials, s.trials[0].Configuration, k.Configuration = nil, append(s.trials, k), 1, 2
		}, true},
		"of the search, which set it aside": {func(s, c *stage, k *trial) {
			c.trials, s.trials, s.SetAside, k.Users = nil, append([]*trial{k}, s.trials...), 1, new(3)
		}, false},
	} {
		r, s := several()
		s.trials[0].Users, s.trials[0].Load = new(2), asked("predict")
		killed := *s.trials[0]
		killed.ID, killed.Phase, killed.Verdict, killed.Reason = "check.load/1", "load", failed, new("oom_load")
		check := &stage{Kind: "check", Service: s.Service, trials: []*trial{&killed}}
		r.stages = append(r.stages, check)
		c.change(s, check, &killed)
		if got := s.contradicted(r); (len(got) > 0) != c.want {
			t.Errorf("%s: %q", name, got)
		}
	}
}

// The order of cells that cost the same: fewer replicas, less memory, less CPU, an
// earlier setting.
func TestPreferredCells(t *testing.T) {
	s := &stage{Axes: []axis{{"cpus", []any{1.0, 2.0}}, {"memory", []any{1.0, 2.0}}, {"replicas", []any{1.0, 2.0}}, {"mode", []any{true, false}}}}
	pass := &trial{}
	for _, c := range []struct{ a, b cell }{
		{cell{1, 1, 0, 1}, cell{0, 0, 1, 0}}, {cell{1, 0, 0, 1}, cell{0, 1, 0, 0}}, {cell{0, 0, 0, 1}, cell{1, 0, 0, 0}}, {cell{0, 0, 0, 0}, cell{0, 0, 0, 1}},
	} {
		if !s.before(c.a, c.b, pass) || s.before(c.b, c.a, pass) {
			t.Errorf("%v is not before %v", c.a, c.b)
		}
	}
	for prefer, want := range map[string]float64{"memory": 4, "cpus": 2000, "replicas": 2, "price": 2 * (1*10 + 2*3 + 5), "": 0} {
		s.Prefer, s.Price = prefer, &price{CPUs: 10, Memory: 3 << 30, Replicas: 5}
		if got := s.cost(cell{0, 1, 1, 0}, pass); got != want {
			t.Errorf("%s: %v, want %v", prefer, got, want)
		}
	}
	s.Prefer, s.Axes = "cpus", []axis{{"cpus", []any{0.3, 0.9}}, {"replicas", []any{1.0, 3.0}}}
	if many, one := s.cost(cell{0, 1}, pass), s.cost(cell{1, 0}, pass); many != one || s.before(cell{0, 1}, cell{1, 0}, pass) {
		t.Errorf("3 × 0.3 CPU cost %v, and 0.9 CPU %v", many, one)
	}
	s.Axes = []axis{{"memory", []any{1.0, 2.0}}}
	pass.Set.CPUs, pass.Set.Replicas = new(3.0), new(2)
	if got := s.cost(cell{0}, pass); got != 6000 {
		t.Errorf("what is not searched is the trial's: %v", got)
	}
}

// A pass whose files others were charged for may prove that it needs more than the
// highest value: the search has failed, and has a proof without an answer.
func TestACorrectionBeyondTheHighestValue(t *testing.T) {
	for name, c := range map[string]struct {
		change func(*stage)
		want   string // part of what does not hold; "" where all does
	}{
		"it needs more":                {func(*stage) {}, ""},
		"the guard ended the search":   {func(s *stage) { s.Verdict, s.AbortedBy = aborted, "guard" }, ""},
		"it needs no more":             {func(s *stage) { s.Grid = append(s.Grid, 500<<20) }, "do not show that it needs more than its highest value"},
		"nothing is charged to others": {func(s *stage) { s.trials[0].Instances[0].Files.Resident = new(int64(100 << 20)) }, "do not show that it needs more than its highest value"},
		"a search for CPUs": {func(s *stage) {
			s.Dimension, s.Grid = "cpus", []float64{1, 2}
			s.trials[0].Set.CPUs, s.trials[1].Set.CPUs = new(2.0), new(1.0)
		}, "do not show that it needs more than its highest value"},
		"no proof":        {func(s *stage) { s.Certificate = nil }, "no trial failed at its highest value"},
		"an unknown pass": {func(s *stage) { s.Certificate.Passed = "search.memory/9" }, "names the trial search.memory/9"},
		"no failure":      {func(s *stage) { s.Certificate.Failed = nil }, "no failure of its proof covers"},
		"an answer":       {func(s *stage) { s.Found = &settings{Memory: new(int64(400 << 20))} }, "it is failed and has an answer"},
		"no correction":   {func(s *stage) { s.Corrected = 0 }, "it is failed and has an answer"},
	} {
		at := func(id, verdict string, memory int64) *trial {
			return &trial{ID: id, Verdict: verdict, Set: settings{Memory: new(memory << 20)}}
		}
		s := &stage{
			Address: "search.memory", Kind: "search", Service: "service.api", Verdict: failed, Dimension: "memory", Margin: 0.15,
			Grid: []float64{200 << 20, 300 << 20, 400 << 20}, Corrected: 130 << 20,
			Certificate: &proof{Passed: "search.memory/1", Failed: []string{"search.memory/2"}},
			trials:      []*trial{at("search.memory/1", passed, 300), at("search.memory/2", failed, 200)},
		}
		one := instance{Files: &files{Mapped: new(int64(70 << 20)), Resident: new(int64(200 << 20))}}
		one.Memory.Peak = new(int64(290 << 20))
		s.trials[0].Instances = []instance{one}
		c.change(s)
		got := s.answer(&record{stages: []*stage{s}})
		if c.want == "" && len(got) > 0 || c.want != "" && !slices.ContainsFunc(got, func(text string) bool { return strings.Contains(text, c.want) }) {
			t.Errorf("%s: %q, want %q", name, got, c.want)
		}
	}
}

// What a search without an answer has to show: a failure at the most of each setting, or an
// exit in every trial, and no pass that no failure covers.
func TestNothingFound(t *testing.T) {
	// nothing makes the most that was tried fail, and the rest too.
	nothing := func(s *stage) {
		s.Verdict, s.Found, s.Recommended, s.Certificate, s.Points = failed, nil, nil, nil, nil
		for _, one := range s.trials {
			one.Verdict, one.Reason = failed, new("latency")
		}
	}
	exits := func(code int, trials ...*trial) {
		for _, one := range trials {
			one.Reason, one.ExitCode = new("exit"), &code
		}
	}
	for name, c := range map[string]struct {
		workers []any
		change  func(*stage)
		want    string
	}{
		"all failed":               {nil, func(*stage) {}, ""},
		"the answer is removed":    {nil, func(s *stage) { s.trials[0].Verdict, s.trials[3].Verdict = passed, passed }, "search.all/1 passed in full, and no failure covers it"},
		"below a failure":          {nil, func(s *stage) { s.trials[0].Verdict = passed }, ""},
		"a first look passed":      {nil, func(s *stage) { s.trials[3].FirstLook, s.trials[3].Verdict = true, passed }, "no trial failed at cpus 2, memory 1500"},
		"the most was not tried":   {nil, func(s *stage) { s.trials = s.trials[:3] }, "no trial failed at cpus 2, memory 1500"},
		"one setting":              {[]any{"a"}, func(*stage) {}, ""},
		"another setting":          {[]any{"a", "b"}, func(*stage) {}, "no trial failed at cpus 2, memory 1500, workers b"},
		"a first look under load":  {nil, func(s *stage) { s.trials[3].FirstLook, s.trials[3].Load = true, &load{} }, "no trial failed at cpus 2"},
		"a first look without one": {nil, func(s *stage) { s.trials[3].FirstLook = true }, ""},
		"killed in a first look": {nil, func(s *stage) {
			s.trials[3].FirstLook, s.trials[3].Load, s.trials[3].Reason = true, &load{}, new("oom_load")
		}, ""},
		"disproved":                  {nil, func(s *stage) { s.FailedBy, s.trials = "disproved", s.trials[:1] }, ""},
		"a budget, nothing passed":   {nil, func(s *stage) { s.Verdict, s.AbortedBy, s.trials = aborted, "budget", s.trials[:1] }, ""},
		"a budget, and one passed":   {nil, func(s *stage) { s.Verdict, s.AbortedBy, s.trials[3].Verdict = aborted, "budget", passed }, "search.all/4 passed in full"},
		"stopped, and one passed":    {nil, func(s *stage) { s.Verdict, s.AbortedBy, s.trials[3].Verdict = aborted, "engine", passed }, ""},
		"every trial exits":          {nil, func(s *stage) { s.LimitIndependent = true; exits(3, s.trials...) }, ""},
		"two exit, the most is open": {nil, func(s *stage) { s.LimitIndependent, s.trials = true, s.trials[:2]; exits(3, s.trials...) }, ""},
		"one exits":                  {nil, func(s *stage) { s.LimitIndependent, s.trials = true, s.trials[:1]; exits(3, s.trials...) }, "its trials do not show it"},
		"one of them is slow":        {nil, func(s *stage) { s.LimitIndependent = true; exits(3, s.trials[:3]...) }, "its trials do not show it"},
		"one has another code":       {nil, func(s *stage) { s.LimitIndependent = true; exits(3, s.trials[:3]...); exits(4, s.trials[3]) }, "its trials do not show it"},
		"an exit by chance": {nil, func(s *stage) { // the most exits, and passes when it is tried again
			again := *s.trials[3]
			again.ID, again.Verdict, again.Reason = "search.all/5", passed, nil
			exits(3, s.trials[3])
			s.trials = append(s.trials, &again)
		}, "search.all/5 passed in full, and no failure covers it"},
		"a kill by nobody, twice": {nil, func(s *stage) {
			again := *s.trials[3]
			s.trials[3].Verdict, s.trials[3].Unexplained = inconclusive, true
			again.ID, again.Repeats, again.Verdict, again.Unexplained = "search.all/5", "search.all/4", inconclusive, true
			s.trials = append(s.trials, &again)
		}, ""},
		"a kill by nobody, once": {nil, func(s *stage) { s.trials[3].Verdict, s.trials[3].Unexplained = inconclusive, true }, "no trial failed at cpus 2"},
	} {
		r, s := several(c.workers...)
		nothing(s)
		c.change(s)
		got := s.answer(r)
		if c.want == "" && len(got) > 0 || c.want != "" && !slices.ContainsFunc(got, func(text string) bool { return strings.Contains(text, c.want) }) {
			t.Errorf("%s: %q, want %q", name, got, c.want)
		}
	}
}
