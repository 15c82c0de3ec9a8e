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
		grew.Windows = append(grew.Windows, grown{Users: w.users, Seconds: 10, OK: int64(10 * w.rate), OKRate: w.rate})
	}
	s := &stage{
		Address: "ramp.users", Kind: "ramp", Verdict: passed, Held: new(170), Knee: new(256),
		Certificate: &proof{Passed: "ramp.users/2", Failed: []string{"ramp.users/3"}},
		trials: []*trial{grew, full("ramp.users/2", 170, passed), full("ramp.users/3", 173, failed),
			full("ramp.users/4", 160, passed), full("ramp.users/5", 200, failed)},
	}
	s.Auto = &autoUsers{From: 1, To: 1000}
	return s
}

func TestUsersThatAreFound(t *testing.T) {
	for name, c := range map[string]struct {
		change func(*stage)
		holds  bool
	}{
		"as it was":                   {func(*stage) {}, true},
		"more is held":                {func(s *stage) { s.Held = new(172) }, false},
		"less is held":                {func(s *stage) { s.Held = new(160) }, false},
		"a wider step":                {func(s *stage) { s.trials[2].Users = new(174) }, false},
		"a step of the plan":          {func(s *stage) { s.trials[2].Users, s.Auto.Step = new(174), 4 }, true},
		"a share of the plan":         {func(s *stage) { s.trials[2].Users, s.Auto.Growth = new(179), 0.05 }, true},
		"more than that share":        {func(s *stage) { s.trials[2].Users, s.Auto.Growth = new(180), 0.05 }, false},
		"it failed below":             {func(s *stage) { s.trials[3].Verdict = failed }, false},
		"its pass failed":             {func(s *stage) { s.trials[1].Verdict = failed }, false},
		"another pass":                {func(s *stage) { s.Certificate.Passed = "ramp.users/4" }, false},
		"another failure":             {func(s *stage) { s.Certificate.Failed = []string{"ramp.users/5"} }, false},
		"no failure named":            {func(s *stage) { s.Certificate.Failed = nil }, false},
		"no proof":                    {func(s *stage) { s.Certificate = nil }, false},
		"a load that grew as a proof": {func(s *stage) { s.trials[1].FirstLook = true }, false},
		"a trial that is not there":   {func(s *stage) { s.Certificate.Failed = []string{"ramp.users/9"} }, false},
		"a pass above":                {func(s *stage) { s.trials[4].Verdict = passed }, false},
		"a band":                      {func(s *stage) { s.trials[4].Verdict, s.Mixed = passed, new(200) }, true},
		"a band, and a failure a tenth above": {func(s *stage) {
			s.trials[2].Users, s.trials[4].Verdict, s.Mixed = new(188), passed, new(200)
		}, true},
		"a band, and a failure further above": {func(s *stage) {
			s.trials[2].Users, s.trials[4].Verdict, s.Mixed = new(189), passed, new(200)
		}, false},
		"a band, and a failure further above that is no proof": {func(s *stage) {
			s.trials[2].Users, s.trials[4].Verdict, s.Mixed, s.Certificate.Failed = new(189), passed, new(200), nil
		}, true},
		"two failures": {func(s *stage) { s.Certificate.Failed = []string{"ramp.users/3", "ramp.users/3"} }, false},
		"nothing passed below a failure": {func(s *stage) {
			s.trials, s.Held, s.Certificate, s.Knee, s.Mixed = s.trials[2:], nil, nil, nil, new(200)
			s.trials[1].Verdict, s.trials[2].Verdict, s.Verdict = failed, passed, failed
			s.trials = append(s.trials[:0:0], s.trials[2], s.trials[0], s.trials[1])
		}, true},
		"nothing passed below a failure, and no band": {func(s *stage) {
			s.trials, s.Held, s.Certificate, s.Knee = s.trials[2:], nil, nil, nil
			s.trials[1].Verdict, s.trials[2].Verdict, s.Verdict = failed, passed, failed
			s.trials = append(s.trials[:0:0], s.trials[2], s.trials[0], s.trials[1])
		}, false},
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
		"it held enough, and failed":       {func(s *stage) { s.Verdict = failed }, false},
		"it held enough, and is not known": {func(s *stage) { s.Verdict = inconclusive }, false},
		"it was stopped":                   {func(s *stage) { s.Verdict, s.AbortedBy = aborted, "user" }, true},
		"the last one says nothing":        {func(s *stage) { s.trials[4].Verdict = inconclusive }, false},
		"the last one says nothing, but its answer is so": {func(s *stage) {
			s.trials[4].Verdict, s.Verdict = inconclusive, inconclusive
		}, true},
		"the last one says nothing, and enough is held": {func(s *stage) { s.trials[4].Verdict, s.AtLeast = inconclusive, new(100) }, true},
		"the guard stopped the last one":                {func(s *stage) { s.trials[4].Verdict, s.trials[4].Reason = aborted, new("guard") }, true},
		"the user stopped the last one":                 {func(s *stage) { s.trials[4].Verdict, s.trials[4].Reason = aborted, new("user") }, false},
		"a knee of too few answers": {func(s *stage) {
			for i := range s.trials[0].Windows {
				s.trials[0].Windows[i].OK = 99
			}
		}, false},
		"nothing passed, and it passed": {func(s *stage) {
			s.trials, s.Held, s.Certificate, s.Knee = s.trials[2:3], nil, nil, nil
		}, false},
		"nothing was tried": {func(s *stage) {
			s.trials, s.Held, s.Certificate, s.Knee, s.Verdict = nil, nil, nil, nil, failed
		}, true},
		"nothing was tried, and it passed": {func(s *stage) {
			s.trials, s.Held, s.Certificate, s.Knee = nil, nil, nil, nil
		}, false},
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

func TestStepOfUsersThatAreFound(t *testing.T) {
	for _, c := range []struct {
		auto       autoUsers
		held, want int
	}{
		{autoUsers{}, 99, 1}, {autoUsers{}, 100, 2}, {autoUsers{Step: 7}, 1000, 7},
		{autoUsers{Growth: 0.05}, 20, 1}, {autoUsers{Growth: 0.05}, 21, 2},
		{autoUsers{Growth: 0.07}, 100, 7}, {autoUsers{Growth: 0.07}, 101, 8}, {autoUsers{Growth: 1e-9}, 1, 1},
	} {
		if got := c.auto.step(c.held); got != c.want {
			t.Errorf("%+v: %d from %d, want %d", c.auto, got, c.held, c.want)
		}
	}
}

// The verdict of a ramp follows from what it held, what was asked for and its last trial.
func TestVerdictsOfListedUsers(t *testing.T) {
	for name, c := range map[string]struct {
		change func(*stage)
		holds  bool
	}{
		"as it was":               {func(*stage) {}, true},
		"a pass is a failure":     {func(s *stage) { s.Verdict = failed }, false},
		"too few":                 {func(s *stage) { s.AtLeast = new(100) }, false},
		"too few, and it failed":  {func(s *stage) { s.AtLeast, s.Verdict = new(100), failed }, true},
		"nothing held":            {func(s *stage) { s.trials[0].Verdict, s.Held, s.Certificate = failed, nil, nil }, false},
		"nothing held, it failed": {func(s *stage) { s.trials[0].Verdict, s.Held, s.Certificate, s.Verdict = failed, nil, nil, failed }, true},
		"it was stopped before its last step counted": {func(s *stage) {
			s.trials[1].Verdict, s.Certificate.Failed, s.Verdict = passed, nil, aborted
		}, true},
		"it was stopped after its last step": {func(s *stage) {
			s.trials[1].Verdict, s.Held, s.Certificate, s.Verdict = passed, new(100), &proof{Passed: "a/2"}, aborted
		}, true},
		"it was stopped, and less is held": {func(s *stage) {
			s.trials[1].Verdict, s.Held, s.Certificate, s.Verdict = passed, nil, nil, aborted
		}, false},
		"unknown after what held": {func(s *stage) {
			s.trials[1].Verdict, s.Certificate.Failed, s.Verdict = inconclusive, nil, inconclusive
		}, true},
		"unknown after what held, and it failed": {func(s *stage) {
			s.trials[1].Verdict, s.Certificate.Failed, s.Verdict = inconclusive, nil, failed
		}, false},
	} {
		step := func(id string, users int, verdict string) *trial {
			return &trial{ID: id, Users: &users, Verdict: verdict}
		}
		s := &stage{Kind: "ramp", Verdict: passed, Steps: []int{50, 100}, Held: new(50), Certificate: &proof{Passed: "a/1", Failed: []string{"a/2"}}}
		s.trials = []*trial{step("a/1", 50, passed), step("a/2", 100, failed)}
		c.change(s)
		if said := s.answer(nil); (len(said) == 0) != c.holds {
			t.Errorf("%s: %q", name, said)
		}
	}
}

// The rate of a window is that of its answers, of which its seconds have no fewer.
func TestWindowsOfALoadThatGrew(t *testing.T) {
	for name, c := range map[string]struct {
		change func(*trial)
		holds  bool
	}{
		"as it was":              {func(*trial) {}, true},
		"another rate":           {func(t *trial) { t.Windows[0].OKRate = 65 }, false},
		"other answers":          {func(t *trial) { t.Windows[0].OK = 641 }, false},
		"another time":           {func(t *trial) { t.Windows[0].Seconds = 9 }, false},
		"it was not reached":     {func(t *trial) { t.Windows[2] = grown{Users: 256, Broken: "killed"} }, true},
		"a rate without a time":  {func(t *trial) { t.Windows[2] = grown{Users: 256, OKRate: 3} }, false},
		"more than its seconds":  {func(t *trial) { t.Evidence.Series[0].OK = 89 }, false},
		"as many as its seconds": {func(t *trial) { t.Evidence.Series[0].OK = 90 }, true},
	} {
		one := found().trials[0]
		one.Evidence = &seen{Series: []window{{OK: 1000}, {OK: 3000}}}
		c.change(one)
		if said := one.grows(); (len(said) == 0) != c.holds {
			t.Errorf("%s: %q", name, said)
		}
	}
}

// TestKneeOfListedUsers: the steps of a ramp show its knee too.
func TestKneeOfListedUsers(t *testing.T) {
	step := func(id string, users int, rate float64, verdict string) *trial {
		t := &trial{ID: id, Users: &users, Verdict: verdict, Load: &load{}}
		t.Load.Judged.OKRate, t.Load.Judged.OK = rate, 100
		return t
	}
	s := &stage{Kind: "ramp", Verdict: passed, Steps: []int{50, 100}, Held: new(50), Knee: new(100),
		Certificate: &proof{Passed: "a/1", Failed: []string{"a/2"}}}
	s.trials = []*trial{step("a/1", 50, 40, passed), step("a/2", 100, 41, failed)}
	if said := s.answer(nil); len(said) > 0 {
		t.Error(said)
	}
	s.trials[0].Load.Judged.OK = 99
	if said := s.answer(nil); !slices.Contains(said, "its knee is at 100 users, but no load shows that") {
		t.Error(said)
	}
	s.trials[0].Load.Judged.OK, s.trials[1].Load.Judged.OKRate = 100, 42
	if said := s.answer(nil); !slices.Contains(said, "its knee is at 100 users, but no load shows that") {
		t.Error(said)
	}
}
