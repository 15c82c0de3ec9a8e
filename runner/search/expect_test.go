package search

import (
	"math/rand/v2"
	"testing"
	"time"
)

// A search for one of 37 values takes the trial at the top, a pass, a failure below it
// and a few more where the estimate is one value off; and the probe.
func TestWhatASearchIsExpectedToTake(t *testing.T) {
	within := func(name string, got Expected, looks, least, most float64) {
		t.Helper()
		if all := got.Full + got.Failures; got.Looks != looks || all < least || all > most {
			t.Errorf("%s: %+v", name, got)
		}
	}
	within("nothing tried", Line(37).Expect("anchored", true, nil), 1, 2, 5)
	top := Tried{Passed: true, FirstLook: true, Cell: Cell{36}, Needs: [Axes]Need{{8, 8}}}
	within("the top", Line(37).Expect("anchored", true, []Tried{top}), 0, 2, 6)
	all := []Tried{top, {Passed: true, Cell: Cell{8}, Needs: [Axes]Need{{8, 8}}}, {Cell: Cell{7}}, {Cell: Cell{4}, Probe: true}}
	within("all", Line(37).Expect("anchored", true, all), 0, 0, 0)
	within("a ladder", Line(37).Expect("ladder", false, nil), 0, 12, 26)
	within("nothing agrees", Line(3).Expect("bisect", false, []Tried{{Cell: Cell{2}}}), 0, 0, 0)
	grid := Grid{Sizes: Cell{16, 36, 1, 1}, Before: func(a, b Cell) bool { return a[0]+a[1] < b[0]+b[1] || a[0]+a[1] == b[0]+b[1] && a[0] < b[0] }}
	within("a grid", grid.Expect("corner", true, nil), 1, 3, 8)
	within("no cells", Grid{}.Expect("corner", true, nil), 0, 0, 0)
	within("no cells are left", Grid{}.Expect("corner", true, []Tried{{}}), 0, 0, 0)
}

// What is counted without a search is what the search would take, trial by trial.
func TestWhatIsExpectedOfASearchThatTriesAll(t *testing.T) {
	failed := func(axis ...int) Tried {
		var c Cell
		copy(c[:], axis)
		return Tried{Cell: c}
	}
	passed := func(axis ...int) Tried { p := failed(axis...); p.Passed = true; return p }
	look := passed(2, 1)
	look.FirstLook = true
	exited := Tried{Cell: Cell{0}, Exited: true}
	disproved := Tried{Cell: Cell{2}, Disproves: true}
	square := Grid{Sizes: Cell{3, 2, 1, 2}, Before: func(a, b Cell) bool { return a[0]+3*a[1]+6*a[3] < b[0]+3*b[1]+6*b[3] }}
	part := square
	part.Fits = func(c Cell) bool { return c[0]+c[1] < 3 }
	for name, c := range map[string]struct {
		grid     Grid
		strategy string
		tried    []Tried
		needs    []Cell
	}{
		"a ladder to the least":             {Line(9), "ladder", nil, []Cell{{0}}},
		"a ladder to the second":            {Line(9), "ladder", nil, []Cell{{1}}},
		"a ladder to the third":             {Line(9), "ladder", nil, []Cell{{2}}},
		"a ladder to the middle":            {Line(9), "ladder", nil, []Cell{{4}}},
		"a ladder to the one below the top": {Line(9), "ladder", nil, []Cell{{7}}},
		"a ladder to the top":               {Line(9), "ladder", nil, []Cell{{8}}},
		"a ladder of one value":             {Line(1), "ladder", nil, []Cell{{0}}},
		"a ladder that has begun":           {Line(9), "ladder", []Tried{failed(0), failed(1)}, []Cell{{6}}},
		"a ladder that has ended":           {Line(9), "ladder", []Tried{failed(0), passed(1)}, []Cell{{1}}},
		"a ladder that began with an exit":  {Line(9), "ladder", []Tried{exited}, []Cell{{6}}},
		"a ladder above what is disproved":  {Line(9), "ladder", []Tried{failed(0), failed(1), passed(2), disproved}, []Cell{{7}}},
		"a ladder of replicas":              {Grid{Sizes: Cell{1, 1, 9, 1}}, "ladder", nil, []Cell{{0, 0, 5}}},
		"all":                               {square, "full", nil, []Cell{{1, 1}, {2, 0, 0, 1}}},
		"all that fit":                      {part, "full", nil, []Cell{{1, 1}, {2, 0, 0, 1}}},
		"the rest of all":                   {square, "full", []Tried{failed(0, 0), passed(1, 1), look}, []Cell{{1, 1}, {2, 0, 0, 1}}},
		"nothing of all":                    {Grid{Sizes: Cell{2, 1, 1, 1}}, "full", []Tried{failed(0), passed(1)}, []Cell{{1}}},
	} {
		var want Expected
		tried := append([]Tried(nil), c.tried...)
		for step := c.grid.Next(c.strategy, true, tried); !step.Done; step = c.grid.Next(c.strategy, true, tried) {
			one := Tried{Cell: step.Cell, FirstLook: step.FirstLook, Passed: c.needs[step.Cell[Setting]].Under(step.Cell)}
			switch tried = append(tried, one); {
			case !one.Passed:
				want.Failures++
			case one.FirstLook:
				want.Looks++
			default:
				want.Full++
			}
		}
		got, played := c.grid.rest(c.strategy, true, c.tried, c.needs, rand.New(rand.NewPCG(1, 2)))
		if got != want || played > 4 || c.strategy == "full" && played > 0 {
			t.Errorf("%s: %+v by %d trials, want %+v", name, got, played, want)
		}
	}
}

// A status is printed before each trial: what is expected is known at once, also where a
// search takes thousands of trials. Trial by trial these took more than ten minutes.
func TestWhatIsExpectedIsKnownAtOnce(t *testing.T) {
	byLeast := func(a, b Cell) bool {
		for axis := range a {
			if a[axis] != b[axis] {
				return a[axis] < b[axis]
			}
		}
		return false
	}
	for strategy, sizes := range map[string]Cell{
		"full": {100, 100, 1, 1}, "ladder": {10_000, 1, 1, 1},
	} {
		begun := time.Now()
		got := Grid{Sizes: sizes, Before: byLeast}.Expect(strategy, true, nil)
		if took := time.Since(begun); took > 30*time.Second || got.Full == 0 {
			t.Errorf("%s: %+v after %v", strategy, got, took)
		}
	}
}

// Where the host holds no cell, nothing is tried.
func TestASearchWithoutCells(t *testing.T) {
	for _, s := range table {
		for _, sizes := range []Cell{{}, {0, 1, 1, 1}, {0, 16, 1, 1}, {0, 0, 0, 3}} {
			if step := (Grid{Sizes: sizes}).Next(s.Name, true, nil); !step.Done || step.LimitIndependent {
				t.Errorf("%s of %v: %+v", s.Name, sizes, step)
			}
		}
	}
}
