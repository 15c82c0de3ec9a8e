package verify

import (
	"slices"
	"testing"
)

// leveled is a search of 500 to 900 bytes whose answer is 800. Its service starts with 600,
// and responds with 700.
func leveled() (*record, *stage) {
	at := func(id, verdict, phase string, memory int64) *trial {
		return &trial{ID: id, Verdict: verdict, Phase: phase, Set: settings{Memory: &memory}}
	}
	s := &stage{
		Address: "search.memory", Kind: "search", Verdict: passed, Dimension: "memory", Grid: []float64{500, 600, 700, 800, 900}, HasLoad: true,
		trials: []*trial{
			at("search.memory/1", passed, "end", 800), at("search.memory/2", failed, "start", 500), at("search.memory/3", failed, "first_request", 600),
			at("search.memory/4", failed, "load", 700),
		},
		Certificate: &proof{Passed: "search.memory/1", Failed: []string{"search.memory/4"}},
		Levels: []level{
			{Name: "starts", Found: settings{Memory: new(int64(600))}, Reached: "search.memory/3", Missed: "search.memory/2"},
			{Name: "responds", Found: settings{Memory: new(int64(700))}, Reached: "search.memory/4", Missed: "search.memory/3"},
		},
	}
	s.trials[3].Load = &load{counts: counts{OK: 9}}
	return &record{stages: []*stage{s}}, s
}

func TestLevelsAreChecked(t *testing.T) {
	for name, c := range map[string]struct {
		change func(*stage)
		holds  bool
	}{
		"as the trials say":             {func(*stage) {}, true},
		"an earlier version wrote none": {func(s *stage) { s.Levels = nil }, true},
		"one is missing":                {func(s *stage) { s.Levels = s.Levels[:1] }, false},
		"the other is missing":          {func(s *stage) { s.Levels = s.Levels[1:] }, false},
		"in another order":              {func(s *stage) { slices.Reverse(s.Levels) }, false},
		"another name":                  {func(s *stage) { s.Levels[0].Name = "responds" }, false},
		"a lower value":                 {func(s *stage) { s.Levels[0].Found.Memory = new(int64(500)) }, false},
		"no value":                      {func(s *stage) { s.Levels[0].Found.Memory = nil }, false},
		"another trial reached it":      {func(s *stage) { s.Levels[0].Reached = "search.memory/4" }, false},
		"another trial did not":         {func(s *stage) { s.Levels[1].Missed = "search.memory/2" }, false},
		"a value between":               {func(s *stage) { s.Levels[0].Undecided = 1 }, false},
		"a trial between":               {func(s *stage) { s.trials[2].Set.Memory = new(int64(500)) }, false},
		"a trial without a result": {func(s *stage) {
			s.trials[2].Verdict, s.Levels = inconclusive, s.Levels[1:]
			s.Levels[0].Missed, s.Levels[0].Undecided = "search.memory/2", 1
		}, false}, // both are at 700 then
		"both at one value": {func(s *stage) {
			s.trials[2].Verdict, s.Levels[0] = inconclusive, s.Levels[1]
			s.Levels[0].Name = "starts"
			for i := range s.Levels {
				s.Levels[i].Missed, s.Levels[i].Undecided = "search.memory/2", 1
			}
		}, true},
		"it did not respond under the load": {func(s *stage) { s.trials[3].Load.OK = 0 }, false},
		"no response is a level":            {func(s *stage) { s.trials[3].Load.OK, s.Levels = 0, s.Levels[:1] }, true},
		"a scenario without a load":         {func(s *stage) { s.HasLoad, s.HasScenario, s.Levels = false, true, s.Levels[:1] }, true},
		"neither":                           {func(s *stage) { s.HasLoad = false }, false},
		"it exits at every limit":           {func(s *stage) { s.LimitIndependent = true }, false},
		"its proof is not there":            {func(s *stage) { s.Certificate.Passed = "search.memory/9" }, false},
		"no answer":                         {func(s *stage) { s.Certificate, s.trials[0].Verdict, s.trials[0].Load = nil, failed, s.trials[3].Load }, true},
		"no failure":                        {func(s *stage) { s.Certificate, s.trials = nil, s.trials[:1] }, false},
		"others were charged for its files": {func(s *stage) {
			s.Levels = s.Levels[:1]
			s.trials[3].Instances = []instance{{Files: &files{Mapped: new(int64(0)), Resident: new(int64(30 << 20))}}}
			s.trials[3].Instances[0].Memory.Peak = new(int64(700))
		}, true},
		"a setting alone": {func(s *stage) { s.Dimension, s.Grid, s.Axes = "", nil, []axis{{"workers", []any{"a"}}} }, false},
	} {
		_, s := leveled()
		c.change(s)
		if got := s.leveled(); (len(got) == 0) != c.holds {
			t.Errorf("%s: %q", name, got)
		}
	}
}

// Of several dimensions a trial with more of everything else shows what is too little, and
// one with less what is enough, with the same settings.
func TestLevelsOfSeveralDimensionsAreChecked(t *testing.T) {
	for name, c := range map[string]struct {
		cpus, start float64 // of the trials that reached the level, and that did not
		worker      string  // of the one that did not
		holds       bool
	}{
		"on the line":            {1, 1, "a", true},
		"no start with more CPU": {1, 2, "a", true},
		"a start with less CPU":  {0.5, 1, "a", true},
		"no start with less CPU": {1, 0.5, "a", false},
		"a start with more CPU":  {2, 1, "a", false},
		"another setting":        {1, 1, "b", false},
	} {
		_, s := several("a", "b")
		s.HasLoad = true
		s.trials[1].Phase, s.trials[1].Set.CPUs = "first_request", &c.cpus
		s.trials[2].Phase, s.trials[2].Set.CPUs, s.trials[2].Set.Memory = "start", &c.start, new(int64(500))
		s.trials[2].Set.Vary = map[string]any{"workers": c.worker}
		s.trials[0].Set.Memory = new(int64(1500))
		s.trials[1].Set.Memory = new(int64(1000))
		s.Levels = []level{{Name: "starts", Found: s.trials[1].Set, Reached: "search.all/2", Missed: "search.all/3"}}
		if got := s.leveled(); (len(got) == 0) != c.holds {
			t.Errorf("%s: %q", name, got)
		}
	}
}
