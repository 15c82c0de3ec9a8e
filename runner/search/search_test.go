package search

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
)

// service is one whose truth is known: it passes from need on (n: nowhere).
type service struct {
	n, need    int
	firstLooks bool
	estimate   func(index int) (low, high int) // of a trial; nil: unknown
	exits      func(index, attempt int) (code int, exited bool)
	passes     func(index int) bool // instead of need, also under a first look
	// lookNeed is the need under a first look, which is no higher.
	lookNeed int
}

func (s service) try(step Step, attempt int) Tried {
	need := s.need
	if step.FirstLook {
		need = min(need, s.lookNeed)
	}
	t := Tried{Index: step.Index, FirstLook: step.FirstLook, Probe: step.Probe, Passed: step.Index >= need, Low: -1, High: -1}
	if s.passes != nil {
		t.Passed = s.passes(step.Index)
	}
	if s.estimate != nil {
		t.Low, t.High = s.estimate(step.Index)
	}
	if s.exits != nil {
		if code, exited := s.exits(step.Index, attempt); exited {
			t.Passed, t.Exited, t.ExitCode = false, true, code
		}
	}
	return t
}

// run carries a whole search out and holds each step against the rules that
// bind all strategies.
func (s service) run(t *testing.T, strategy string) ([]Tried, Answer) {
	t.Helper()
	var tried []Tried
	for {
		step := Next(strategy, s.n, s.firstLooks, tried)
		if step.Done {
			a := Conclude(s.n, tried)
			if step.LimitIndependent != allExit(tried) {
				t.Fatalf("%s of %+v: the last step and the trials differ on not memory: %+v", strategy, s, tried)
			}
			return tried, a
		}
		if len(tried) == 1 && Next(strategy, s.n, s.firstLooks, tried) != step {
			t.Fatalf("%s of %+v: two steps follow %+v, and --resume asks again: seed random numbers from the arguments", strategy, s, tried)
		}
		if reason := s.breaks(step, tried); reason != "" || len(tried) > 2*s.n+5 {
			t.Fatalf("%s of %+v: step %+v %s after %+v", strategy, s, step, reason, tried)
		}
		tried = append(tried, s.try(step, len(tried)))
	}
}

func (s service) breaks(step Step, tried []Tried) string {
	if step.Index < 0 || step.Index >= s.n {
		return "leaves the grid"
	}
	if step.FirstLook && !s.firstLooks {
		return "is a first look where none is allowed"
	}
	for i, old := range tried {
		switch {
		case old.Index != step.Index || old.FirstLook && old.Passed && !step.FirstLook:
		case i == 0 && len(tried) == 1 && old.Exited:
		default:
			return "repeats a trial"
		}
	}
	return ""
}

// paired are the trials before the probe. Where more never hurts it fails, or
// passes a first look and fails in full.
func paired(tried []Tried) []Tried {
	if i := slices.IndexFunc(tried, func(t Tried) bool { return t.Probe }); i >= 0 {
		return tried[:i]
	}
	return tried
}

// holds checks an answer against the truth.
func (s service) holds(t *testing.T, strategy string, tried []Tried, a Answer) {
	t.Helper()
	want := s.need
	if want >= s.n {
		want = -1
	}
	if a.Found != want || a.AtMost != (want == 0) || allExit(tried) || len(a.Contradictions) > 0 {
		t.Fatalf("%s of n=%d need=%d: answer %+v after %+v", strategy, s.n, s.need, a, tried)
	}
	if want < 0 {
		return
	}
	if p := tried[a.Passed]; !p.Passed || p.FirstLook || p.Index != want {
		t.Fatalf("%s: %+v does not certify %d", strategy, p, want)
	}
	if want == 0 {
		if a.Failed != -1 {
			t.Fatalf("%s: nothing lies below %d, but trial %d is said to have failed there", strategy, want, a.Failed)
		}
		return
	}
	if f := tried[a.Failed]; f.Passed || f.Index != want-1 {
		t.Fatalf("%s: %+v does not show that %d fails", strategy, f, want-1)
	}
}

func TestEveryNeedIsFoundUpTo24Values(t *testing.T) {
	for n := 1; n <= 24; n++ {
		for need := 0; need <= n; need++ {
			for _, strategy := range names() {
				for _, looks := range []bool{false, true} {
					s := service{n: n, need: need, lookNeed: need, firstLooks: looks}
					tried, a := s.run(t, strategy)
					s.holds(t, strategy, tried, a)
					if strategy == "bisect" && len(paired(tried)) > log2(n+1) {
						t.Errorf("bisect of n=%d need=%d took %d trials", n, need, len(tried))
					}
					if strategy == "anchored" && len(paired(tried)) > log2(n)+2 {
						t.Errorf("anchored without estimates, n=%d need=%d: %d trials", n, need, len(tried))
					}
				}
			}
		}
	}
}

// Every need with every estimate, and with first looks that pass too easily.
func TestAnchoredIsRightForEveryEstimateUpTo12Values(t *testing.T) {
	for n := 1; n <= 12; n++ {
		for need := 0; need <= n; need++ {
			for look := max(0, need-1); look <= need; look++ { // only the top is looked at
				for low := -1; low <= n; low++ {
					for high := -1; high <= n; high++ {
						for _, looks := range []bool{false, true} {
							s := service{n: n, need: need, lookNeed: look, firstLooks: looks,
								estimate: func(int) (int, int) { return low, high }}
							tried, a := s.run(t, "anchored")
							s.holds(t, "anchored", tried, a)
							if len(tried) > Most("anchored", n) {
								t.Fatalf("n=%d need=%d low=%d high=%d: %d trials: %+v", n, need, low, high, len(tried), tried)
							}
						}
					}
				}
			}
		}
	}
}

func TestThreeTrialsWhereTheEstimateIsExact(t *testing.T) {
	most := 300
	if testing.Short() {
		most = 100
	}
	for n := 1; n <= most; n++ {
		for need := range n {
			for _, looks := range []bool{false, true} {
				s := service{n: n, need: need, firstLooks: looks, estimate: func(int) (int, int) { return need, need + 3 }}
				tried, a := s.run(t, "anchored")
				s.holds(t, "anchored", tried, a)
				if len(paired(tried)) > 3 {
					t.Fatalf("n=%d need=%d: %d trials: %+v", n, need, len(tried), tried)
				}
			}
		}
	}
}

// Estimates that differ from trial to trial in any way change the cost within
// the bound, and never the answer.
func TestAllStrategiesAgreeWhateverTheEstimates(t *testing.T) {
	services := uint64(8000)
	if testing.Short() {
		services = 1000
	}
	for seed := range services {
		random := rand.New(rand.NewPCG(seed, 1))
		n := 1 + random.IntN(400)
		need := random.IntN(n + 1)
		salt := random.Uint64()
		s := service{n: n, need: need, lookNeed: random.IntN(need + 1), firstLooks: seed%2 == 0,
			estimate: func(index int) (int, int) {
				r := rand.New(rand.NewPCG(salt, uint64(index)))
				return r.IntN(n+3) - 1, r.IntN(n+3) - 1
			}}
		for _, strategy := range names() {
			if strategy == "ladder" && n > 60 {
				continue // a ladder of hundreds of trials shows no more than one of sixty
			}
			tried, a := s.run(t, strategy)
			s.holds(t, strategy, tried, a)
			if len(tried) > Most(strategy, n) {
				t.Fatalf("seed %d: %s of %d values took %d trials: %+v", seed, strategy, n, len(tried), tried)
			}
		}
	}
}

func TestServicesThatSizeThemselvesByTheirLimit(t *testing.T) {
	services := uint64(3000)
	if testing.Short() {
		services = 200
	}
	for seed := range services {
		random := rand.New(rand.NewPCG(seed, 2))
		n := 2 + random.IntN(200)
		share := 0.3 + 0.7*random.Float64()
		s := service{n: n, need: random.IntN(n), firstLooks: seed%2 == 0,
			estimate: func(index int) (int, int) { return int(share * float64(index)), index }}
		for _, strategy := range names() {
			tried, a := s.run(t, strategy)
			s.holds(t, strategy, tried, a)
			if len(tried) > Most(strategy, n) {
				t.Fatalf("seed %d: %s took %d trials", seed, strategy, len(tried))
			}
		}
	}
}

func TestAnEndAtEveryLimitIsNotMemory(t *testing.T) {
	for n := 1; n <= 40; n++ {
		for _, strategy := range names() {
			for _, looks := range []bool{false, true} {
				s := service{n: n, firstLooks: looks, exits: func(int, int) (int, bool) { return 1, true }}
				tried, a := s.run(t, strategy)
				if !allExit(tried) || a.Found != -1 || len(tried) != 2 || tried[1].Index != n-1 {
					t.Errorf("%s, n=%d: %+v after %+v", strategy, n, a, tried)
				}
			}
		}
	}
}

func TestAnEndAtLowLimitsOnlyIsAFailure(t *testing.T) {
	for n := 1; n <= 30; n++ {
		for need := range n {
			for _, strategy := range names() {
				s := service{n: n, need: need, lookNeed: need, firstLooks: true,
					exits: func(index, _ int) (int, bool) { return 1, index < need }}
				tried, a := s.run(t, strategy)
				s.holds(t, strategy, tried, a)
				if len(tried) > Most(strategy, n) {
					t.Errorf("%s, n=%d need=%d: %d trials", strategy, n, need, len(tried))
				}
			}
		}
	}
}

func TestAnotherCodeAtTheTopIsAFailureThere(t *testing.T) {
	for _, strategy := range names() {
		s := service{n: 9, exits: func(_, attempt int) (int, bool) { return 1 + attempt, true }}
		tried, a := s.run(t, strategy)
		if allExit(tried) || a.Found != -1 || len(tried) != 2 {
			t.Errorf("%s: %+v after %+v", strategy, a, tried)
		}
	}
}

func TestAnEndThatDoesNotComeBackAtTheTopIsReportedAndForgotten(t *testing.T) {
	s := service{n: 9, need: 4, lookNeed: 4, firstLooks: true,
		exits: func(_, attempt int) (int, bool) { return 1, attempt == 0 }}
	tried, a := s.run(t, "anchored")
	if a.Found != 4 || !slices.Equal(a.Contradictions, []Contradiction{{Passed: 1, Failed: 0}}) {
		t.Errorf("%+v after %+v", a, tried)
	}
}

// The walks as they are described, step by step.
func TestTheWayOfAnAnchoredSearch(t *testing.T) {
	for name, c := range map[string]struct {
		need, low, high int
		want            string
	}{
		"exact":                    {13, 13, 20, "40? 13+ 12- probe 6? 6-"},
		"need is the top":          {40, 40, 40, "40? 39- 40+ probe 20? 20-"},
		"need is the least":        {0, 0, 3, "40? 0+"},
		"too low, walks down":      {17, 10, 20, "40? 10- 20+ 19+ 18+ 16- 17+ probe 8? 8-"},
		"too low, gallops":         {25, 10, 20, "40? 10- 20- 21- 22- 24- 32+ 28+ 26+ 25+"},
		"too high":                 {5, 30, 35, "40? 30+ 29+ 28+ 26+ 12+ 5+ 2- 3- 4-"},
		"two too high":             {28, 30, 35, "40? 30+ 29+ 28+ 26- 27- probe 14? 14-"},
		"three too high":           {27, 30, 35, "40? 30+ 29+ 28+ 26- 27+ probe 13? 13-"},
		"nothing known":            {13, -1, -1, "40? 19+ 9- 14+ 11- 12- 13+ probe 6? 6-"},
		"only the peak":            {20, -1, 20, "40? 20+ 19- probe 10? 10-"},
		"only the working set":     {14, 13, -1, "40? 13- 14+ probe 7? 7-"},
		"the first look was wrong": {41, 38, 38, "40? 38- 39- 40-"},
		"exact, at the least":      {0, 0, 0, "40? 0+"},
		"seen at the top, is low":  {5, 40, 40, "40? 39+ 38+ 36+ 17+ 8+ 3- 5+ 4- probe 2? 2-"},
		"peaks at the top":         {20, 10, 40, "40? 10- 39+ 38+ 36+ 32+ 24+ 17- 20+ 18- 19-"},
		"gallops, not to the top":  {34, 10, 24, "40? 10- 24- 25- 26- 28- 32- 36+ 34+ 33-"},
	} {
		s := service{n: 41, need: c.need, firstLooks: true, estimate: func(int) (int, int) { return c.low, c.high }}
		tried, _ := s.run(t, "anchored")
		if got := walk(tried); got != c.want {
			t.Errorf("%s:\n got %s\nwant %s", name, got, c.want)
		}
	}
}

// walk writes trials as "40?" (passed a first look), "13+" and "12-".
func walk(tried []Tried) string {
	text := ""
	for i, t := range tried {
		sign := "-"
		switch {
		case t.Passed && t.FirstLook:
			sign = "?"
		case t.Passed:
			sign = "+"
		}
		if i > 0 {
			text += " "
		}
		if t.Probe {
			text += "probe "
		}
		text += fmt.Sprint(t.Index, sign)
	}
	return text
}

func TestAFailureAboveAPassMovesTheAnswerUp(t *testing.T) {
	tried := []Tried{{Index: 3, Passed: true}, {Index: 5}, {Index: 6, Passed: true}}
	a := Conclude(9, tried)
	if a.Found != 6 || a.Passed != 2 || a.Failed != 1 || !slices.Equal(a.Contradictions, []Contradiction{{Passed: 0, Failed: 1}}) {
		t.Errorf("%+v", a)
	}
	for _, strategy := range names() {
		if step := Next(strategy, 9, false, tried[:2]); step.Done || step.Index < 6 {
			t.Errorf("%s goes on with %+v", strategy, step)
		}
	}
}

func TestASearchThatWasCutOffHasNoAnswer(t *testing.T) {
	for _, tried := range [][]Tried{nil, {{Index: 8, Passed: true, FirstLook: true}, {Index: 2}, {Index: 6, Passed: true}}} {
		if a := Conclude(9, tried); a.Found != -1 || a.Passed != -1 || a.Failed != -1 {
			t.Errorf("%+v", a)
		}
	}
}
