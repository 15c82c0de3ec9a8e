package search

import (
	"slices"
	"testing"
)

// bare is a step without its reason.
func bare(s Step) Step {
	s.Why = ""
	return s
}

func pass(x int) Tried     { return Tried{Index: x, Passed: true, Low: -1, High: -1} }
func fail(x int) Tried     { return Tried{Index: x, Low: -1, High: -1} }
func looked(t Tried) Tried { t.FirstLook = true; return t }
func probed(t Tried) Tried { t.Probe = true; return t }
func disproves(x int) Tried {
	t := fail(x)
	t.Disproves = true
	return t
}

// banded passes from need on, but for some values above it.
func banded(need int, band ...int) func(index int) bool {
	return func(index int) bool { return index >= need && !slices.Contains(band, index) }
}

// A service that takes 500M where its limit is 400M or more, and 60M below:
// 50M to 1000M by 50M, and 1G.
func TestEveryStrategyFindsTheLeastBelowABand(t *testing.T) {
	own := func(index int) (int, int) {
		if index >= 7 {
			return 10, 10
		}
		return 1, 1
	}
	for strategy, want := range map[string]string{
		"anchored": "20+ 10+ 9- probe 5+ 1+ 0-",
		"bisect":   "10+ 4+ 1+ 0-",
		"ladder":   "0- 1+",
	} {
		s := service{n: 21, passes: banded(1, 7, 8, 9), estimate: own}
		tried, a := s.run(t, strategy)
		if got := walk(tried); got != want || a.Found != 1 {
			t.Errorf("%s: %s found %d, want %s", strategy, got, a.Found, want)
		}
	}
}

// Wherever the band is, an answer is a value that passes, above one that fails;
// and where the middle below the band passes it is the least of all.
func TestAnAnswerIsAPairWhereverMoreHurts(t *testing.T) {
	const n = 14
	for need := range n {
		for low := need + 1; low < n; low++ {
			for high := low; high < n-1; high++ {
				var band []int
				for x := low; x <= high; x++ {
					band = append(band, x)
				}
				for _, strategy := range names() {
					for _, looks := range []bool{false, true} {
						s := service{n: n, passes: banded(need, band...), firstLooks: looks}
						tried, a := s.run(t, strategy)
						if len(tried) > Most(strategy, n) {
							t.Fatalf("%s, need %d, band %v: %d trials: %s", strategy, need, band, len(tried), walk(tried))
						}
						if a.Found < 0 || !tried[a.Passed].Passed || tried[a.Passed].FirstLook || tried[a.Passed].Index != a.Found ||
							a.Found > 0 && (tried[a.Failed].Passed || tried[a.Failed].Index != a.Found-1) {
							t.Fatalf("%s, need %d, band %v: %+v after %s", strategy, need, band, a, walk(tried))
						}
						i := slices.IndexFunc(tried, func(t Tried) bool { return t.Probe && t.Passed })
						if i >= 0 && tried[i].Index < low && a.Found != need {
							t.Errorf("%s, need %d, band %v: found %d after %s", strategy, need, band, a.Found, walk(tried))
						}
						if told := len(a.Contradictions) > 0; told != (a.Found < low && slices.ContainsFunc(tried, func(t Tried) bool { return !t.Passed && t.Index > a.Found })) {
							t.Errorf("%s, need %d, band %v: told %v after %s", strategy, need, band, told, walk(tried))
						}
					}
				}
			}
		}
	}
}

func TestWhenAProbeSaysSomethingNew(t *testing.T) {
	undecided := looked(fail(4))
	undecided.Undecided = true
	for name, c := range map[string]struct {
		tried []Tried
		want  int // -1: none
	}{
		"nothing was tried below":                     {[]Tried{pass(20), pass(10), fail(9)}, 5},
		"of an odd answer the lower middle":           {[]Tried{pass(20), pass(11), fail(10)}, 5},
		"the least with a middle":                     {[]Tried{pass(20), pass(3), fail(2)}, 1},
		"one above the middle failed":                 {[]Tried{pass(20), pass(10), fail(9), fail(6)}, 5},
		"the middle failed":                           {[]Tried{pass(20), fail(5), pass(10), fail(9)}, -1},
		"one below it failed":                         {[]Tried{pass(20), fail(0), pass(10), fail(9)}, -1},
		"one below it failed in a first look":         {[]Tried{pass(20), looked(fail(4)), pass(10), fail(9)}, -1},
		"a first look below it that tells little":     {[]Tried{pass(20), undecided, pass(10), fail(9)}, 5},
		"the pair is the middle itself":               {[]Tried{pass(20), pass(2), fail(1)}, -1},
		"the least passed":                            {[]Tried{pass(20), pass(0)}, -1},
		"even the top failed":                         {[]Tried{fail(20)}, -1},
		"it was probed":                               {[]Tried{pass(20), pass(10), fail(9), probed(fail(5))}, -1},
		"it was probed, and nothing was told":         {[]Tried{pass(20), pass(10), fail(9), probed(undecided)}, -1},
		"an answer was disproved":                     {[]Tried{pass(20), pass(10), fail(9), disproves(10), pass(11)}, -1},
		"the probe's values have nothing, the answer": {[]Tried{pass(20), pass(10), fail(9), probed(looked(pass(5))), fail(5)}, -1},
	} {
		step := bare(Next("anchored", 21, true, c.tried))
		if want := (Step{Index: c.want, FirstLook: true, Probe: true}); c.want >= 0 && step != want || c.want < 0 && step != (Step{Done: true}) {
			t.Errorf("%s: %+v", name, step)
		}
	}
	if step := bare(Next("bisect", 21, false, []Tried{pass(10), fail(9)})); step != (Step{Index: 5, Probe: true}) {
		t.Errorf("where a look is no shorter: %+v", step)
	}
}

// A probe is tried in full where a full trial failed later than a first look ends.
func TestWhetherAProbeIsAFirstLook(t *testing.T) {
	took := func(seconds float64, t Tried) Tried { t.Seconds = seconds; return t }
	look, full := took(20, looked(pass(20))), took(60, pass(10))
	for name, c := range map[string]struct {
		tried []Tried
		want  bool
	}{
		"it failed earlier":           {[]Tried{look, full, took(19, fail(9))}, true},
		"it failed as a look ends":    {[]Tried{look, full, took(20, fail(9))}, true},
		"it failed later":             {[]Tried{look, full, took(21, fail(9))}, false},
		"in less than a second":       {[]Tried{took(0.5, looked(pass(20))), full, took(0.75, fail(9))}, false},
		"a first look failed":         {[]Tried{look, full, took(30, looked(fail(9)))}, true},
		"the first look failed later": {[]Tried{look, took(30, looked(fail(8))), full, took(21, fail(9))}, false},
		"no first look passed":        {[]Tried{took(60, pass(20)), full, took(21, fail(9))}, true},
	} {
		if step := Next("anchored", 21, true, c.tried); !step.Probe || step.FirstLook != c.want {
			t.Errorf("%s: %+v", name, step)
		}
	}
}

// What passed a first look alone is tried in full before anything below it.
func TestAProbeThatPassesOpensWhatIsBelow(t *testing.T) {
	pair := []Tried{pass(20), pass(10), fail(9)}
	for name, c := range map[string]struct {
		more  []Tried
		want  Step
		found int
	}{
		"in a first look":     {[]Tried{probed(looked(pass(5)))}, Step{Index: 5}, 10},
		"in full":             {[]Tried{probed(pass(5))}, Step{Index: 2}, 10},
		"then in full":        {[]Tried{probed(looked(pass(5))), pass(5)}, Step{Index: 2}, 10},
		"and the pair":        {[]Tried{probed(pass(5)), pass(2), fail(1)}, Step{Done: true}, 2},
		"and the least of it": {[]Tried{probed(pass(5)), pass(0)}, Step{Done: true}, 0},
		"but not in full":     {[]Tried{probed(looked(pass(5))), fail(5)}, Step{Done: true}, 10},
	} {
		tried := slices.Concat(pair, c.more)
		if step := bare(Next("bisect", 21, true, tried)); step != c.want {
			t.Errorf("%s: %+v", name, step)
		}
		if a := Conclude(21, tried); a.Found != c.found || a.AtMost != (c.found == 0) {
			t.Errorf("%s: %+v", name, a)
		}
	}
}

func TestWhatDisprovesAnAnswerLeavesWhatIsAbove(t *testing.T) {
	below := []Tried{pass(20), pass(10), fail(9), probed(pass(5)), pass(1), fail(0)} // found 1
	for name, c := range map[string]struct {
		tried  []Tried
		step   Step
		found  int // -1: none yet
		failed int // position
	}{
		"the answer":                         {[]Tried{fail(4), pass(5), disproves(5)}, Step{Index: 6}, -1, -1},
		"what is recommended":                {[]Tried{fail(4), pass(5), disproves(7)}, Step{Index: 8}, -1, -1},
		"and the next one passes":            {[]Tried{fail(4), pass(5), disproves(7), pass(8)}, Step{Done: true}, 8, 2},
		"what had passed above":              {[]Tried{fail(4), pass(5), pass(6), disproves(5)}, Step{Done: true}, 6, 3},
		"a first look that had passed":       {[]Tried{fail(4), pass(5), looked(pass(6)), disproves(5)}, Step{Index: 6}, -1, -1},
		"the next answer too":                {[]Tried{fail(4), pass(5), disproves(5), pass(6), disproves(6), pass(7)}, Step{Done: true}, 7, 4},
		"and the next one fails":             {[]Tried{pass(20), fail(4), pass(5), disproves(7), fail(8), pass(9)}, Step{Done: true}, 9, 4},
		"the top":                            {[]Tried{fail(4), pass(5), disproves(20)}, Step{Done: true}, -1, -1},
		"below a band, the pair above stays": {append(below[:6:6], disproves(1)), Step{Index: 2}, 10, 2},
		"below a band, and one above":        {append(below[:6:6], disproves(1), pass(2)), Step{Done: true}, 2, 6},
		"all below a band":                   {append(below[:6:6], disproves(5)), Step{Done: true}, 10, 2},
		"below a band, what passed above":    {append(below[:4:4], pass(4), fail(3), pass(6), disproves(4)), Step{Done: true}, 5, 7},
		"in the band":                        {append(below[:6:6], disproves(8)), Step{Done: true}, 10, 2},
		"all below a band, and the rest":     {append(below[:6:6], disproves(5), disproves(10)), Step{Index: 11}, -1, -1},
		"all below a band, and one of rest":  {append(below[:6:6], disproves(5), disproves(10), pass(11)), Step{Done: true}, 11, 7},
	} {
		for _, strategy := range names() {
			if step := bare(Next(strategy, 21, true, c.tried)); step != c.step {
				t.Errorf("%s, %s: %+v", name, strategy, step)
			}
		}
		a := Conclude(21, c.tried)
		if a.Found != c.found || a.Failed != c.failed {
			t.Errorf("%s: %+v", name, a)
		}
		if a.Found >= 0 && c.tried[a.Passed].Index != a.Found {
			t.Errorf("%s: %+v proves %d", name, c.tried[a.Passed], a.Found)
		}
	}
	if a := Conclude(9, []Tried{fail(4), pass(5), disproves(6), pass(7)}); len(a.Contradictions) > 0 {
		t.Errorf("told twice: %+v", a.Contradictions)
	}
}
