package search

import (
	"fmt"
	"slices"
	"strings"
	"testing"
)

// byMemory prefers less on the first axis, then less on the second.
func byMemory(sizes Cell) Grid {
	return Grid{Sizes: sizes, Before: func(a, b Cell) bool {
		for _, axis := range []int{0, 1, 2, Setting} {
			if a[axis] != b[axis] {
				return a[axis] < b[axis]
			}
		}
		return false
	}}
}

// way writes the trials of a search as "9/7?" (passed a first look), "3/2+" and "2/7-",
// with the axes that have more than one value.
func way(g Grid, tried []Tried) string {
	var texts []string
	for _, t := range tried {
		var values []string
		for axis, n := range g.Sizes {
			if n > 1 {
				values = append(values, fmt.Sprint(t.Cell[axis]))
			}
		}
		sign := "-"
		if t.Passed {
			sign = "+"
		}
		if t.Passed && t.FirstLook {
			sign = "?"
		}
		texts = append(texts, strings.Join(values, "/")+sign)
	}
	return strings.Join(texts, " ")
}

func TestTheWayOfACorner(t *testing.T) {
	plane, replicas, settings := Cell{10, 8, 1, 1}, Cell{10, 1, 4, 1}, Cell{6, 4, 1, 3}
	for name, c := range map[string]struct {
		sizes  Cell
		needs  []Cell
		shows  bool
		fits   func(Cell) bool
		want   string
		failed int // number of failures in the proof
	}{
		"its need is seen":        {sizes: plane, needs: []Cell{{3, 2}}, shows: true, want: "9/7? 3/2+ 9/1- 2/7-", failed: 2},
		"nothing is seen":         {sizes: plane, needs: []Cell{{3, 2}}, want: "9/7? 4/7+ 9/3+ 9/1- 1/7- 2/7- 3/7+ 9/2+ 3/2+", failed: 2},
		"nothing passes":          {sizes: plane, want: "9/7-"},
		"the least of everything": {sizes: plane, needs: []Cell{{0, 0}}, shows: true, want: "9/7? 0/0+"},
		"two points":              {sizes: plane, needs: []Cell{{2, 5}, {6, 1}}, want: "9/7? 4/7+ 9/3+ 9/1+ 9/0- 1/7- 2/7+ 2/1- 2/4- 2/6+ 2/5+", failed: 2},
		"the host cannot hold the top": {sizes: replicas, needs: []Cell{{5, 0, 0}, {3, 0, 1}, {3, 0, 2}, {2, 0, 3}},
			fits: func(c Cell) bool { return (c[0]+1)*(c[2]+1) <= 12 },
			want: "4/0- 2/1- 7/0+ 1/2- 4/1+ 1/3- 2/2- 3/1+ 2/3+", failed: 2},
		"settings": {sizes: settings, needs: []Cell{{4, 1, 0, 0}, {2, 2, 0, 1}}, shows: true,
			want: "5/3/0? 4/1/0+ 5/0/0- 5/3/1? 5/1/1- 5/3/2- 5/2/1+ 3/3/0- 3/3/1+ 2/3/1+ 0/3/1- 1/3/1- 2/2/1+", failed: 4},
	} {
		t.Run(name, func(t *testing.T) {
			grid := byMemory(c.sizes)
			grid.Fits = c.fits
			s := gridService{grid: grid, needs: c.needs, shows: c.shows}
			tried, proof := s.run(t, "corner", true)
			if got := way(grid, tried); got != c.want || len(proof.Failed) != c.failed {
				t.Errorf("got %s\nwant %s\n%+v", got, c.want, proof)
			}
		})
	}
}

// A service that two replicas hold only with more CPU: once it is known that
// memory was not what two of them lacked, one trial with all memory decides the rest.
func TestWhatAFailureWasNotShortOf(t *testing.T) {
	cost := func(c Cell) int { return (c[2] + 1) * (40*(c[1]+1) + 12 + c[0]) }
	grid := Grid{Sizes: Cell{10, 4, 3, 1}, Before: func(a, b Cell) bool { return cost(a) < cost(b) }}
	for _, c := range []struct {
		tells bool
		needs []Cell
		want  string
	}{
		{false, []Cell{{0, 0, 2}, {0, 1, 1}}, "9/3/2? 0/0/2+ 9/3/0- 9/3/1+ 0/0/1- 5/0/1- 8/0/1- 9/0/1-"},
		{true, []Cell{{0, 0, 2}, {0, 1, 1}}, "9/3/2? 0/0/2+ 9/3/0- 9/3/1+ 0/0/1- 9/0/1-"},
		{true, []Cell{{0, 0, 2}, {3, 0, 1}}, "9/3/2? 0/0/2+ 9/3/0- 9/3/1+ 0/0/1- 5/0/1+ 3/0/1+ 2/0/1-"},
	} {
		s := gridService{grid: grid, needs: c.needs, shows: true, tells: c.tells}
		if tried, _ := s.run(t, "corner", true); way(grid, tried) != c.want {
			t.Errorf("got %s\nwant %s", way(grid, tried), c.want)
		}
	}
}

// Where the highest value passed, it is known what the failure was short of.
func TestAFailureBelowAPass(t *testing.T) {
	grid := Grid{Sizes: Cell{8, 2, 1, 1}}
	tried := cells(t, "7/1+ 7/0+ 0/0- 0/1-")
	tried[3].Ample[0] = true
	if step := grid.Next("corner", false, tried); step.Cell == (Cell{6, 1}) {
		t.Errorf("%+v", step)
	}
}

// Where cells are open that are not under it, the trial would not be the last one.
func TestAFailureBesideOtherOpenCells(t *testing.T) {
	grid := Grid{Sizes: Cell{8, 2, 1, 1}}
	tried := cells(t, "7/1+ 0/0-")
	tried[1].Ample[0] = true
	if step := grid.Next("corner", false, tried); step.Cell == (Cell{6, 0}) {
		t.Errorf("%+v", step)
	}
}

// What the trials of a grid leave to decide.
func TestWhatACornerDoesWithTrialsThatDecideLittle(t *testing.T) {
	grid := byMemory(Cell{10, 8, 1, 1})
	top := Tried{Cell: Cell{9, 7}, Needs: [Axes]Need{{-1, -1}, {-1, -1}, {-1, -1}, {-1, -1}}}
	exits, undecided, passes := top, top, top
	exits.Exited, exits.ExitCode = true, 3
	undecided.FirstLook, undecided.Undecided = true, true
	passes.Passed = true
	other := exits
	other.ExitCode = 4
	low := passes
	low.Cell = Cell{0, 0}
	for name, c := range map[string]struct {
		tried []Tried
		want  Step
	}{
		"nothing was tried":           {nil, Step{Cell: Cell{9, 7}, FirstLook: true}},
		"it exited by itself":         {[]Tried{exits}, Step{Cell: Cell{9, 7}}},
		"it exited in the same way":   {[]Tried{exits, exits}, Step{Done: true, LimitIndependent: true}},
		"it exited in another way":    {[]Tried{exits, other}, Step{Done: true}},
		"it did not exit again":       {[]Tried{exits, passes}, Step{Cell: Cell{4, 7}}},
		"a first look decides little": {[]Tried{undecided}, Step{Cell: Cell{9, 7}}},
		"it failed":                   {[]Tried{top}, Step{Done: true}},
		"the least passed":            {[]Tried{passes, low}, Step{Done: true}},
		"a failure above a pass":      {[]Tried{low, top}, Step{Done: true}},
	} {
		if got := bare(grid.Next("corner", true, c.tried)); got != c.want {
			t.Errorf("%s: %+v, want %+v", name, got, c.want)
		}
	}
}

// The border of what is open begins with the least of the first dimension.
func TestWhenACornerFollowsTheBorder(t *testing.T) {
	grid := byMemory(Cell{10, 8, 1, 1})
	for n, want := range map[int]Cell{grid.soon() - 1: {4, 7}, grid.soon(): {0, 7}} {
		tried := slices.Repeat(cells(t, "9/7+"), n)
		if step := grid.Next("corner", false, tried); step.Cell != want {
			t.Errorf("after %d trials: %+v, want %v", n, step, want)
		}
	}
}

// An exit at the top of any setting is tried again before anything else, and counts no
// more where that trial passes, also where the trials of other settings lie between.
func TestAnExitAtTheTopOfASettingThatPassesAgain(t *testing.T) {
	grid := byMemory(Cell{10, 8, 1, 2})
	top := func(setting int, passed bool) Tried {
		return Tried{Cell: Cell{9, 7, 0, setting}, Passed: passed, Exited: !passed,
			Needs: [Axes]Need{{-1, -1}, {-1, -1}, {-1, -1}, {-1, -1}}}
	}
	for name, c := range map[string]struct {
		tried   []Tried
		want    Cell
		setting int // that the search goes on in after these trials
	}{
		"of the first":                     {tried: []Tried{top(0, false)}, want: Cell{9, 7, 0, 0}, setting: 0},
		"of the second":                    {tried: []Tried{top(0, true), top(1, false)}, want: Cell{9, 7, 0, 1}, setting: 1},
		"of the first, after the second":   {tried: []Tried{top(0, false), top(1, true)}, want: Cell{9, 7, 0, 0}, setting: 0},
		"of both, the first passed again":  {tried: []Tried{top(0, false), top(0, true), top(1, false)}, want: Cell{9, 7, 0, 1}, setting: 1},
		"of both, the second passed again": {tried: []Tried{top(0, false), top(1, false), top(1, true)}, want: Cell{9, 7, 0, 0}, setting: 0},
	} {
		step := grid.Next("corner", true, c.tried)
		if step.Cell != c.want || step.FirstLook {
			t.Errorf("%s: %+v", name, step)
			continue
		}
		tried := append(c.tried, top(c.setting, true))
		k := newKnown(grid, tried)
		if open := k.extent(grid.boxes()[c.setting]).total; open == 0 {
			t.Errorf("%s: nothing is open after it passed", name)
		}
	}
	tried := []Tried{top(0, false), top(1, true), top(0, true)}
	if step := grid.Next("corner", true, tried); step.Done || step.Cell[Setting] != 0 {
		t.Errorf("it goes on with %+v", step)
	}
	for _, need := range []Cell{{3, 2, 0, 0}, {3, 2, 0, 1}} {
		s := gridService{grid: grid, needs: []Cell{need, {9, 7, 0, 0}, {9, 7, 0, 1}}}
		all := slices.Clone(tried)
		for step := grid.Next("corner", true, all); !step.Done; step = grid.Next("corner", true, all) {
			all = append(all, s.try(step))
		}
		p := grid.Conclude(all)
		if p.Passed < 0 || all[p.Passed].Cell != need || slices.Contains(p.Failed, 0) {
			t.Errorf("need %v: %+v after %s", need, p, way(grid, all))
		}
	}
}

// A pass below a failure proves nothing, and is reported.
func TestAGridWithAContradiction(t *testing.T) {
	grid := byMemory(Cell{4, 4, 1, 1})
	tried := []Tried{{Cell: Cell{1, 1}, Passed: true}, {Cell: Cell{2, 2}}, {Cell: Cell{3, 3}, Passed: true}, {Cell: Cell{2, 3}}, {Cell: Cell{3, 2}}}
	p := grid.Conclude(tried)
	if p.Passed != 2 || p.Best != 2 || len(p.Contradictions) != 3 || p.Contradictions[0] != (Contradiction{Passed: 0, Failed: 1}) || p.Open != 0 {
		t.Errorf("%+v", p)
	}
	if p := grid.Conclude(tried[:4]); p.Passed != -1 || p.Best != 2 || p.Open != 3 {
		t.Errorf("without the last failure: %+v", p)
	}
}
