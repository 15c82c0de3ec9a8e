package verify

import (
	"slices"
	"testing"
)

// found is a ramp that found its users: 170 held, 173 failed.
func found() *stage {
	full := func(id string, users int, verdict string) *trial {
		return &trial{ID: id, Users: &users, Verdict: verdict}
	}
	grew := full("ramp.users/1", 1000, failed)
	grew.FirstLook = true
	for _, w := range []struct {
		users int
		rate  float64
	}{{64, 64}, {128, 120}, {256, 125}} {
		grew.Windows = append(grew.Windows, struct {
			Users  int
			OK     int64
			OKRate float64 `json:"ok_rate"`
			Broken string
		}{Users: w.users, OK: 1000, OKRate: w.rate})
	}
	s := &stage{
		Address: "ramp.users", Kind: "ramp", Verdict: passed, Held: new(170), Knee: new(256),
		Certificate: &proof{Passed: "ramp.users/2", Failed: []string{"ramp.users/3"}},
		trials: []*trial{grew, full("ramp.users/2", 170, passed), full("ramp.users/3", 173, failed),
			full("ramp.users/4", 160, passed), full("ramp.users/5", 200, failed)},
	}
	s.Auto = &struct{ From, To, Step int }{From: 1, To: 1000}
	return s
}

func TestUsersThatAreFound(t *testing.T) {
	for name, c := range map[string]struct {
		change func(*stage)
		holds  bool
	}{
		"as it was":                    {func(*stage) {}, true},
		"more is held":                 {func(s *stage) { s.Held = new(172) }, false},
		"less is held":                 {func(s *stage) { s.Held = new(160) }, false},
		"a wider step":                 {func(s *stage) { s.trials[2].Users = new(174) }, false},
		"a step of the plan":           {func(s *stage) { s.trials[2].Users, s.Auto.Step = new(174), 4 }, true},
		"it failed below":              {func(s *stage) { s.trials[3].Verdict = failed }, false},
		"its pass failed":              {func(s *stage) { s.trials[1].Verdict = failed }, false},
		"another pass":                 {func(s *stage) { s.Certificate.Passed = "ramp.users/4" }, false},
		"another failure":              {func(s *stage) { s.Certificate.Failed = []string{"ramp.users/5"} }, false},
		"no failure named":             {func(s *stage) { s.Certificate.Failed = nil }, false},
		"no proof":                     {func(s *stage) { s.Certificate = nil }, false},
		"a load that grew as a proof":  {func(s *stage) { s.trials[1].FirstLook = true }, false},
		"a trial that is not there":    {func(s *stage) { s.Certificate.Failed = []string{"ramp.users/9"} }, false},
		"a pass above":                 {func(s *stage) { s.trials[4].Verdict = passed }, false},
		"a band":                       {func(s *stage) { s.trials[4].Verdict, s.Mixed = passed, new(200) }, true},
		"a band that is not there":     {func(s *stage) { s.Mixed = new(200) }, false},
		"another band":                 {func(s *stage) { s.trials[4].Verdict, s.Mixed = passed, new(180) }, false},
		"another knee":                 {func(s *stage) { s.Knee = new(128) }, false},
		"no knee":                      {func(s *stage) { s.Knee = nil }, true},
		"fewer than the fewest":        {func(s *stage) { s.Auto.From = 165 }, false},
		"too few":                      {func(s *stage) { s.AtLeast = new(171) }, false},
		"enough":                       {func(s *stage) { s.AtLeast = new(170) }, true},
		"nothing failed up to the end": {func(s *stage) { s.trials, s.Certificate.Failed, s.Auto.To = s.trials[:2], nil, 170 }, true},
		"nothing failed, and it ended": {func(s *stage) { s.trials, s.Certificate.Failed = s.trials[:2], nil }, false},
		"nothing failed, and it failed": {func(s *stage) {
			s.trials, s.Certificate.Failed, s.Auto.To, s.AtLeast, s.Verdict = s.trials[:2], nil, 170, new(200), failed
		}, false},
		"nothing failed, and it is not known": {func(s *stage) {
			s.trials, s.Certificate.Failed, s.Auto.To, s.AtLeast, s.Verdict = s.trials[:2], nil, 170, new(200), "inconclusive"
		}, true},
		"saturated": {func(s *stage) {
			s.trials, s.Certificate.Failed, s.Held, s.trials[1].Users = s.trials[:2], nil, new(512), new(512)
		}, true},
		"nothing passed": {func(s *stage) { s.trials = s.trials[2:3] }, false},
		"nothing passed, none is held": {func(s *stage) {
			s.trials, s.Held, s.Certificate, s.Knee, s.Verdict = s.trials[2:3], nil, nil, nil, failed
		}, true},
	} {
		s := found()
		c.change(s)
		if said := s.answer(&record{stages: []*stage{s}}); (len(said) == 0) != c.holds {
			t.Errorf("%s: %q", name, said)
		}
	}
}

// TestKneeOfListedUsers: the steps of a ramp show its knee too.
func TestKneeOfListedUsers(t *testing.T) {
	step := func(id string, users int, rate float64, verdict string) *trial {
		t := &trial{ID: id, Users: &users, Verdict: verdict, Load: &load{}}
		t.Load.Judged.OKRate = rate
		return t
	}
	s := &stage{Kind: "ramp", Verdict: passed, Steps: []int{50, 100}, Held: new(50), Knee: new(100),
		Certificate: &proof{Passed: "a/1", Failed: []string{"a/2"}}}
	s.trials = []*trial{step("a/1", 50, 40, passed), step("a/2", 100, 41, failed)}
	if said := s.answer(nil); len(said) > 0 {
		t.Error(said)
	}
	s.trials[1].Load.Judged.OKRate = 42
	if said := s.answer(nil); !slices.Contains(said, "its knee is at 100 users, and no load shows that") {
		t.Error(said)
	}
}
