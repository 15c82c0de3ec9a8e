package search

import "testing"

// The parts of the way, each by itself. Values are those of a grid of 9, whose
// top is 8, unless a test says otherwise.

func TestTheLogarithmIsRoundedUp(t *testing.T) {
	for x, want := range map[int]int{0: 0, 1: 0, 2: 1, 3: 2, 4: 2, 5: 3, 8: 3, 9: 4} {
		if got := log2(x); got != want {
			t.Errorf("of %d: %d, want %d", x, got, want)
		}
	}
}

func TestOnlyWhatLiesBetweenIsOpen(t *testing.T) {
	b := bracket{n: 9, low: 2, high: 5}
	for x, want := range map[int]bool{1: false, 2: false, 3: true, 4: true, 5: false, 6: false} {
		if b.open(x) != want {
			t.Errorf("%d: %v", x, b.open(x))
		}
	}
}

// Where a failure takes a ninth of a pass, lower values are tried, and never more of them
// than halving needs.
func TestTheNextValueHasTheLeastExpectedSeconds(t *testing.T) {
	for _, c := range []struct {
		gap, passing, failing, want int
	}{
		{2, 180, 20, 1}, {3, 180, 20, 1}, {4, 180, 20, 2}, {5, 180, 20, 2}, {6, 180, 20, 2}, {9, 180, 20, 3}, {10, 180, 20, 3}, {16, 180, 20, 8},
		{5, 20, 180, 3}, {9, 20, 180, 6}, {9, 1, 1, 4}, {9, 0, 0, 4}, {257, 180, 20, 128}, {300, 180, 20, 150},
	} {
		b := bracket{n: 400, low: 9, high: 9 + c.gap, passing: float64(c.passing), failing: float64(c.failing)}
		if got := b.middle() - b.low; got != c.want {
			t.Errorf("of %d values, %d s and %d s: %d, want %d", c.gap, c.passing, c.failing, got, c.want)
		}
	}
	for gap := 2; gap <= 64; gap++ {
		b := bracket{n: 100, low: -1, high: gap - 1, passing: 180, failing: 20}
		if got := halved(b); got != log2(gap) {
			t.Errorf("%d values take up to %d trials", gap, got)
		}
	}
}

// halved is how many trials halving really needs at most.
func halved(b bracket) int {
	if b.closed() {
		return 0
	}
	x := b.middle()
	return 1 + max(halved(b.after(x, true)), halved(b.after(x, false)))
}

func TestWhatHalvingNeedsIsKnownBefore(t *testing.T) {
	for n := 1; n <= 40; n++ {
		for low := -1; low < n; low++ {
			for high := low + 1; high <= n; high++ {
				for _, look := range []bool{false, high == n && low < n-1} {
					b := bracket{n: n, low: low, high: high, look: look}
					if b.left() != halved(b) {
						t.Fatalf("%+v: %d, but it takes %d", b, b.left(), halved(b))
					}
				}
			}
		}
	}
}

func TestWhatATrialAtTheTopShows(t *testing.T) {
	top := func(low, high int) Tried { return Tried{Index: 8, Passed: true, Low: low, High: high} }
	for name, c := range map[string]struct {
		tried   []Tried
		a, peak int
		known   bool
	}{
		"both":                   {[]Tried{top(3, 5)}, 3, 5, true},
		"the least":              {[]Tried{top(0, 0)}, 0, 0, true},
		"the peak alone":         {[]Tried{top(-1, 5)}, 5, 5, true},
		"the working set alone":  {[]Tried{top(3, -1)}, 3, 3, true},
		"a peak below it":        {[]Tried{top(5, 3)}, 5, 5, true},
		"the top itself":         {[]Tried{top(8, 8)}, 8, 8, true},
		"beyond the grid":        {[]Tried{top(9, 10)}, 8, 8, true},
		"nothing":                {[]Tried{top(-1, -1)}, 0, 0, false},
		"nothing, then the next": {[]Tried{top(-1, -1), top(2, 4)}, 2, 4, true},
		"a failure at the top":   {[]Tried{{Index: 8, Low: 3, High: 5}}, 0, 0, false},
		"a pass below the top":   {[]Tried{{Index: 7, Passed: true, Low: 3, High: 5}}, 0, 0, false},
		"no trial":               {nil, 0, 0, false},
	} {
		a, peak, known := estimate(9, c.tried)
		if known != c.known || known && (a != c.a || peak != c.peak) {
			t.Errorf("%s: %d, %d, %v", name, a, peak, known)
		}
	}
}

func TestTheLowestPassGivesAnEstimateOfItsOwn(t *testing.T) {
	b := bracket{n: 9, low: -1, high: 6} // its middle is 2
	for name, c := range map[string]struct {
		tried []Tried
		want  int
	}{
		"its own":               {[]Tried{{Index: 8, Passed: true, Low: 4}, {Index: 6, Passed: true, Low: 5}}, 5},
		"the least":             {[]Tried{{Index: 6, Passed: true, Low: 0}}, 0},
		"not known":             {[]Tried{{Index: 6, Passed: true, Low: -1}}, 2},
		"nothing new":           {[]Tried{{Index: 6, Passed: true, Low: 6}}, 2},
		"of another trial only": {[]Tried{{Index: 8, Passed: true, Low: 4}}, 2},
		"of a failure":          {[]Tried{{Index: 6, Low: 4}}, 2},
	} {
		if got := ownEstimate(b, c.tried); got != c.want {
			t.Errorf("%s: %d, want %d", name, got, c.want)
		}
	}
}

func TestAGallopStaysBelowTheTop(t *testing.T) {
	for _, c := range []struct{ low, peak, want int }{
		{20, 20, 21}, {21, 20, 22}, {22, 20, 24}, {28, 20, 36},
		{21, 3, 39},  // just below the top
		{22, 4, 31},  // it would be the top: the middle
		{30, 12, 35}, // beyond the top
	} {
		b := bracket{n: 41, low: c.low, high: 41, look: true}
		top := Tried{Index: 40, Passed: true, FirstLook: true, Low: 2, High: c.peak}
		if got, _ := b.followEstimates([]Tried{top}); got != c.want {
			t.Errorf("from %d, with %d failed: %d, want %d", c.peak, c.low, got, c.want)
		}
	}
}

func TestOnlyWhatNothingPassedAboveIsGalloped(t *testing.T) {
	at := func(low, high int) []Tried {
		return []Tried{{Index: 40, Passed: true, FirstLook: true, Low: low, High: high}}
	}
	for name, c := range map[string]struct {
		b    bracket
		want int
	}{
		"the top passed a first look": {bracket{n: 41, low: 20, high: 41, look: true}, 28},
		"the top passed":              {bracket{n: 41, low: 20, high: 40}, 28},
		"the value below it passed":   {bracket{n: 41, low: 20, high: 39}, 29},
		"a lower one passed":          {bracket{n: 41, low: 20, high: 38}, 29},
	} {
		if got, _ := c.b.followEstimates(at(3, 12)); got != c.want {
			t.Errorf("%s: %d, want %d", name, got, c.want)
		}
	}
}

// After an estimate of 30 passed, and 29 too, 28 is next, unless 29 used less than that.
func TestAPassThatUsedFarLessGivesTheNextEstimate(t *testing.T) {
	used := func(x, low int) Tried { return Tried{Index: x, Passed: true, Low: low, High: -1} }
	for name, c := range map[string]struct {
		at30, at29 int // the need that the trial there showed
		want       int
	}{
		"as much as with the most": {30, 29, 28},
		"just the next value":      {30, 28, 28},
		"less":                     {30, 5, 5},
		"the least":                {30, 0, 0},
		"not known":                {30, -1, 28},
		"above it alone":           {5, -1, 28},
		"less than above":          {10, 5, 5},
		"one below the next value": {30, 27, 14}, // the middle is less
	} {
		b := bracket{n: 41, low: -1, high: 29}
		top := Tried{Index: 40, Passed: true, FirstLook: true, Low: 30, High: 35}
		if got, _ := b.followEstimates([]Tried{top, used(30, c.at30), used(29, c.at29)}); got != c.want {
			t.Errorf("%s: %d, want %d", name, got, c.want)
		}
	}
}

func TestTheProofIsTheTrialAtTheAnswer(t *testing.T) {
	look := Tried{Index: 5, Passed: true, FirstLook: true}
	undecided := Tried{Index: 4, Undecided: true}
	for name, c := range map[string]struct {
		tried                 []Tried
		found, passed, failed int
	}{
		"in order":                          {[]Tried{fail(4), pass(5)}, 5, 1, 0},
		"a pass above, later":               {[]Tried{fail(4), pass(5), pass(8)}, 5, 1, 0},
		"a failure below, later":            {[]Tried{fail(4), pass(5), fail(2)}, 5, 1, 0},
		"a first look there, later":         {[]Tried{fail(4), pass(5), look}, 5, 1, 0},
		"a failure that a look had, later":  {[]Tried{fail(4), pass(5), undecided}, 5, 1, 0},
		"a pass and a failure of one value": {[]Tried{fail(5), pass(5), pass(6)}, 6, 2, 0},
		"nothing but an end at the top":     {[]Tried{{Index: 8, Exited: true}}, -1, -1, -1},
		"the least":                         {[]Tried{pass(0)}, 0, 0, -1},
	} {
		if a := Conclude(9, c.tried); a.Found != c.found || a.Passed != c.passed || a.Failed != c.failed {
			t.Errorf("%s: found %d, passed %d, failed %d", name, a.Found, a.Passed, a.Failed)
		}
	}
}

func TestALookThatIsUndecidedIsTriedInFullAndOnce(t *testing.T) {
	look := Tried{Index: 8, FirstLook: true, Undecided: true, Low: -1, High: -1}
	if step := bare(Next("anchored", 9, true, []Tried{look})); step != (Step{Index: 8}) {
		t.Errorf("after the look: %+v", step)
	}
	full := Tried{Index: 8, Passed: true, Low: 3, High: 5}
	if step := bare(Next("anchored", 9, true, []Tried{look, full})); step != (Step{Index: 3}) {
		t.Errorf("after the full trial: %+v", step)
	}
}
