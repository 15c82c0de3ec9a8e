package journal

import (
	"testing"

	"plan/engine"
	"plan/plans"
)

// answered is a search that found 100 bytes and recommends 150, with a load of
// two users who ask "predict".
func answered() Stage {
	return Stage{
		Address: "search.memory", Kind: plans.Search, Service: "service.api", Dimension: plans.Memory, HasLoad: true,
		Found: &Point{Memory: new(int64(100))}, Recommended: &Point{Memory: new(int64(150))}, Certificate: &Certificate{Passed: "search.memory/1"},
		Trials: []Trial{{ID: "search.memory/1", Verdict: Passed, Set: Settings{Memory: new(int64(100))}, Users: new(2), Load: asking("predict"), Configuration: 1, Scenario: 1}},
	}
}

func asking(requests ...string) *Load {
	l := &Load{ByRequest: map[string]engine.Counts{}}
	for _, name := range requests {
		l.ByRequest[name] = engine.Counts{}
	}
	return l
}

func TestWhatDisprovesAnAnswer(t *testing.T) {
	check := func(change func(*Trial)) Stage {
		t := Trial{ID: "it", Verdict: Failed, Reason: new(OOMLoad), Set: Settings{Memory: new(int64(100))}, Phase: PhaseLoad, Users: new(2), Load: asking("predict"), Configuration: 1, Scenario: 1}
		change(&t)
		return Stage{Address: "check.c", Kind: plans.Check, Service: "service.api", Trials: []Trial{{Verdict: Passed}, t}}
	}
	ramp := func(users int, steps ...int) Stage {
		s := check(func(t *Trial) { t.Users = &users })
		s.Kind, s.Steps = plans.Ramp, steps
		return s
	}
	auto := func(users int, windows ...Window) Stage { // from 10 users on
		s := check(func(t *Trial) { t.Users, t.Windows, t.FirstLook = &users, windows, windows != nil })
		s.Kind, s.Auto = plans.Ramp, &AutoUsers{From: 10, To: 20}
		return s
	}
	another := func(s Stage) Stage {
		s.Trials[1].Configuration = 2
		return s
	}
	elsewhere := check(func(*Trial) {})
	elsewhere.Service = "service.other"
	silent := func(phase Phase, scenario bool) Stage { // it has no load
		s := check(func(t *Trial) { t.Phase, t.Users, t.Load = phase, nil, nil })
		s.HasScenario = scenario
		return s
	}
	for name, c := range map[string]struct {
		stage Stage
		want  bool
	}{
		"without a load, after it was ready":      {silent(PhaseHold, false), true},
		"without a load, after requests":          {silent(PhaseHold, true), true},
		"at what was found, under the same load":  {check(func(*Trial) {}), true},
		"at what is recommended":                  {check(func(t *Trial) { t.Set.Memory = new(int64(150)) }), true},
		"between them":                            {check(func(t *Trial) { t.Set.Memory = new(int64(120)) }), false},
		"below them":                              {check(func(t *Trial) { t.Set.Memory = new(int64(50)) }), false},
		"without a limit":                         {check(func(t *Trial) { t.Set.Memory = nil }), false},
		"with a CPU limit of its own":             {check(func(t *Trial) { t.Set.CPUs = new(0.5) }), true},
		"of another service":                      {elsewhere, false},
		"it passed":                               {check(func(t *Trial) { t.Verdict, t.Reason = Passed, nil }), false},
		"it was slow":                             {check(func(t *Trial) { t.Reason = new(Latency) }), false},
		"a worker was killed":                     {check(func(t *Trial) { t.Reason = new(OOMWorker) }), true},
		"fewer users":                             {check(func(t *Trial) { t.Users = new(1) }), true},
		"more users":                              {check(func(t *Trial) { t.Users = new(3) }), false},
		"after the load of more users":            {check(func(t *Trial) { t.Users, t.Phase = new(3), PhaseHold }), false},
		"more users, before their load":           {check(func(t *Trial) { t.Users, t.Phase = new(3), PhaseFirst }), true},
		"more users, at the start":                {check(func(t *Trial) { t.Users, t.Phase = new(3), PhaseStart }), true},
		"another request":                         {check(func(t *Trial) { t.Load = asking("predict", "batch") }), false},
		"no request was sent":                     {check(func(t *Trial) { t.Load = asking() }), true},
		"what was sent is not known":              {check(func(t *Trial) { t.Load = nil }), true},
		"another scenario":                        {check(func(t *Trial) { t.Scenario = 2 }), false},
		"another scenario, before its load":       {check(func(t *Trial) { t.Scenario, t.Phase = 2, PhaseFirst }), true},
		"another scenario, what was sent is lost": {check(func(t *Trial) { t.Scenario, t.Load = 2, nil }), false},
		"a scenario that is not known":            {check(func(t *Trial) { t.Scenario = 0 }), true},
		"another environment":                     {check(func(t *Trial) { t.Configuration = 2 }), false},
		"another environment, at the start":       {check(func(t *Trial) { t.Configuration, t.Phase = 2, PhaseStart }), false},
		"another environment, the first step":     {another(ramp(10, 10, 20)), false},
		"another environment, without a load":     {another(silent(PhaseHold, false)), false},
		"an environment that is not known":        {check(func(t *Trial) { t.Configuration = 0 }), true},
		"arrivals":                                {check(func(t *Trial) { t.Arrivals = new(0.1) }), false},
		"the first step of a ramp":                {ramp(10, 10, 20), true},
		"a later step":                            {ramp(20, 10, 20), false},
		"a later step with no more users than it": {ramp(2, 10, 20), true},
		"the only step of a ramp":                 {ramp(10, 10), true},
		"a ramp without its steps":                {ramp(10), false},
		"the fewest users that a ramp finds":      {auto(10), true},
		"more than the fewest":                    {auto(11), false},
		"a load that grew to the fewest":          {auto(10, Window{Users: 10}), false},
	} {
		s := answered()
		got, is := Run{Stages: []Stage{s, c.stage}}.Disproof(s)
		if is != c.want || is && got.ID != "it" {
			t.Errorf("%s: %v", name, is)
		}
	}
}

func TestArrivalsAreComparedWithArrivals(t *testing.T) {
	for rate, want := range map[float64]bool{4: true, 5: true, 5.1: false} {
		s := answered()
		s.Trials[0].Arrivals = new(5.0)
		other := Stage{Service: s.Service, HasLoad: true, Trials: []Trial{{ID: "it", Reason: new(OOMLoad), Set: s.Trials[0].Set, Phase: PhaseLoad, Users: new(2), Arrivals: &rate}}}
		if _, is := (Run{Stages: []Stage{s, other}}).Disproof(s); is != want {
			t.Errorf("%v/s: %v", rate, is)
		}
	}
}

func TestWhatHasNoAnswerIsNotDisproved(t *testing.T) {
	for name, change := range map[string]func(*Stage){
		"nothing found":        func(s *Stage) { s.Found = nil },
		"no proof":             func(s *Stage) { s.Certificate = nil },
		"a search for CPUs":    func(s *Stage) { s.Dimension = plans.CPUs },
		"its trial is lost":    func(s *Stage) { s.Certificate.Passed = "search.memory/7" },
		"its trial is unasked": func(s *Stage) { s.Trials[0].Load = nil },
	} {
		s := answered()
		other := Stage{Service: s.Service, HasLoad: true, Trials: []Trial{{ID: "it", Reason: new(OOMLoad), Set: s.Trials[0].Set, Phase: PhaseLoad, Users: new(2)}}}
		if _, is := (Run{Stages: []Stage{s, other}}).Disproof(s); !is {
			t.Fatal("it is disproved as it stands")
		}
		change(&s)
		if _, is := (Run{Stages: []Stage{s, other}}).Disproof(s); is {
			t.Errorf("%s: it is disproved", name)
		}
	}
}

// A search asks in each of its trials what its proof was asked, also where that is nothing.
func TestATrialOfTheSearchDisprovesItsAnswer(t *testing.T) {
	for name, c := range map[string]struct {
		change func(*Stage)
		want   bool
	}{
		"under its load": {func(*Stage) {}, true},
		"without a load": {func(s *Stage) { s.HasLoad, s.Trials[0].Load, s.Trials[0].Users = false, nil, nil }, true},
		"another one was set aside": {func(s *Stage) {
			s.Trials, s.SetAside = []Trial{{ID: "search.memory/0"}, s.Trials[1], s.Trials[0]}, 1
		}, true},
		"it was set aside": {func(s *Stage) { s.Trials[1], s.Trials[0], s.SetAside = s.Trials[0], s.Trials[1], 1 }, false},
	} {
		s := answered()
		s.Trials = append(s.Trials, Trial{ID: "it", Reason: new(OOMLoad), Set: Settings{Memory: new(int64(150))}, Phase: PhaseHold, Users: new(3)})
		c.change(&s)
		if _, is := (Run{Stages: []Stage{s}}).Disproof(s); is != c.want {
			t.Errorf("%s: %v", name, is)
		}
	}
}

// What is asked nothing is asked no more than by a search without a load, or one with arrivals.
func TestAStageWithoutRequestsAsksNoMore(t *testing.T) {
	for name, c := range map[string]struct {
		search   func(*Stage)
		scenario bool
		want     bool
	}{
		"no load":                   {func(s *Stage) { s.HasLoad, s.Trials[0].Load, s.Trials[0].Users = false, nil, nil }, false, true},
		"no load, and requests":     {func(s *Stage) { s.HasLoad, s.Trials[0].Load, s.Trials[0].Users = false, nil, nil }, true, false},
		"arrivals":                  {func(s *Stage) { s.Trials[0].Arrivals = new(5.0) }, false, true},
		"a proof that is not there": {func(s *Stage) { s.Certificate.Passed = "search.memory/7" }, false, true},
	} {
		s := answered()
		c.search(&s)
		other := Stage{Address: "check.c", Service: s.Service, HasScenario: c.scenario,
			Trials: []Trial{{ID: "it", Reason: new(OOMLoad), Set: Settings{Memory: new(int64(150))}, Phase: PhaseHold}}}
		if _, is := (Run{Stages: []Stage{s, other}}).Disproof(s); is != c.want {
			t.Errorf("%s: %v", name, is)
		}
	}
}

func TestTrialsThatAreSetAsideDoNotCount(t *testing.T) {
	all := []Trial{{ID: "1"}, {ID: "2"}, {ID: "3"}}
	for aside, want := range map[int]int{0: 3, 1: 2, 3: 0, 4: 0} {
		s := Stage{Trials: all, SetAside: aside}.Counted()
		if len(s.Trials) != want || s.SetAside != 0 || len(s.Counted().Trials) != want {
			t.Errorf("%d: %d are left", aside, len(s.Trials))
		}
	}
}

// The environment may follow from the limit: then a trial at what is recommended has that
// of the search's own trial there.
func TestTheEnvironmentAtWhatIsRecommended(t *testing.T) {
	for name, c := range map[string]struct {
		memory      int64
		environment int
		change      func(*Stage)
		want        bool
	}{
		"as there":                 {150, 2, func(*Stage) {}, true},
		"as at what was found":     {150, 1, func(*Stage) {}, false},
		"found, as there":          {100, 1, func(*Stage) {}, true},
		"found, as recommended":    {100, 2, func(*Stage) {}, false},
		"nothing was tried there":  {150, 1, func(s *Stage) { s.Certificate.Recommended = "" }, true},
		"the journal is older":     {150, 2, func(s *Stage) { s.Trials[1].Configuration = 0 }, true},
		"nothing, and another one": {150, 2, func(s *Stage) { s.Certificate.Recommended = "" }, false},
	} {
		s := answered()
		s.Certificate.Recommended = "search.memory/2"
		s.Trials = append(s.Trials, Trial{ID: "search.memory/2", Verdict: Passed, Set: Settings{Memory: new(int64(150))}, Users: new(2), Configuration: 2})
		c.change(&s)
		other := Stage{Address: "check.c", Service: s.Service, HasLoad: true,
			Trials: []Trial{{ID: "it", Reason: new(OOMStart), Set: Settings{Memory: &c.memory}, Phase: PhaseStart, Users: new(2), Configuration: c.environment}}}
		if _, is := (Run{Stages: []Stage{s, other}}).Disproof(s); is != c.want {
			t.Errorf("%s: %v", name, is)
		}
	}
	// A trial of the search itself has the environment of its own value, which may be above what passed.
	s := answered()
	s.Trials = append(s.Trials, Trial{ID: "it", Reason: new(OOMStart), Set: Settings{Memory: new(int64(100))}, Phase: PhaseStart, Configuration: 2})
	if _, is := (Run{Stages: []Stage{s}}).Disproof(s); !is {
		t.Error("a trial of the search does not disprove its answer")
	}
}
