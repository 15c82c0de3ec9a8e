package search

import (
	"fmt"
	"testing"
)

// What trials prove, of a line of four values and of a grid of four by three.
func TestProofs(t *testing.T) {
	line, grid := Line(4), Grid{Sizes: Cell{4, 3, 1, 1}, Before: bySum}
	for _, c := range []struct {
		name  string
		grid  Grid
		tried string
		want  string // passed, failed, at most, best, open, points
	}{
		{"nothing was tried", line, "", "-1 [] false -1 0 []"},
		{"the most failed", line, "3/0-", "-1 [] false -1 0 []"},
		{"a pair", line, "3/0+ 1/0+ 0/0-", "1 [2] false 1 0 [1]"},
		{"the failure was first", line, "0/0- 1/0+", "1 [0] false 1 0 [1]"},
		{"the least passed", line, "0/0+", "0 [] true 0 0 [0]"},
		{"values are open", line, "3/0+ 0/0-", "-1 [] false 0 2 [0]"},
		{"values are open, and the failure was first", line, "0/0- 3/0+", "-1 [] false 1 2 [1]"},
		{"all are open", line, "3/0+", "-1 [] false 0 3 [0]"},
		{"nothing was tried on a grid", grid, "", "-1 [] false -1 0 []"},
		{"the corner passed", grid, "3/2+ 1/2+ 0/2- 3/1+ 3/0- 1/1+", "5 [2 4] false 5 0 [5]"},
		{"what covers the most was last", grid, "3/2+ 3/0- 0/2- 1/1+", "3 [1 2] false 3 0 [3]"},
		{"the same failure twice", grid, "1/1+ 0/2- 0/2- 3/0-", "0 [1 3] false 0 0 [0]"},
		{"the same pass twice", grid, "0/0+ 0/0+", "0 [] true 0 0 [0]"},
		{"the least cell passed", grid, "3/2+ 0/0+", "1 [] true 1 0 [1]"},
		{"one cell is cheaper, and failed", grid, "0/1+ 0/0-", "0 [1] false 0 0 [0]"},
		{"two points, and cells are open", grid, "3/2+ 2/0+ 0/2+", "-1 [] false 2 3 [2 1]"},
	} {
		p := c.grid.Conclude(cells(t, c.tried))
		if got := fmt.Sprint(p.Passed, p.Failed, p.AtMost, p.Best, p.Open, p.Points); got != c.want {
			t.Errorf("%s: %s, want %s", c.name, got, c.want)
		}
	}
}

// Cells that the host cannot hold are undecided where they are preferred to the best that
// passed, also where no cell of their value fits.
func TestCellsThatTheHostCannotHold(t *testing.T) {
	byFirst := func(a, b Cell) bool { return a[0] < b[0] || a[0] == b[0] && a[1] < b[1] }
	for _, c := range []struct {
		name   string
		sizes  Cell // of what the host holds
		before func(a, b Cell) bool
		tried  string
		want   string // passed, failed, at most, best, open
	}{
		{"all fit", Cell{4, 3, 1, 1}, byFirst, "1/0+ 0/2-", "0 [1] false 0 0"},
		{"a value of the second dimension does not", Cell{4, 2, 1, 1}, byFirst, "1/0+ 0/1-", "-1 [] false 0 1"},
		{"nor does another", Cell{4, 1, 1, 1}, byFirst, "1/0+ 0/0-", "-1 [] false 0 2"},
		{"and nothing is preferred", Cell{4, 2, 1, 1}, byFirst, "0/0+", "0 [] true 0 0"},
		{"what does not fit costs more", Cell{2, 3, 1, 1}, byFirst, "1/0+ 0/2-", "0 [1] false 0 0"},
		{"it costs less than the sum", Cell{4, 1, 1, 1}, bySum, "3/0+ 2/0-", "-1 [] false 0 5"},
	} {
		g := Grid{Sizes: c.sizes, All: Cell{4, 3, 1, 1}, Before: c.before}
		p := g.Conclude(cells(t, c.tried))
		if got := fmt.Sprint(p.Passed, p.Failed, p.AtMost, p.Best, p.Open); got != c.want {
			t.Errorf("%s: %s, want %s", c.name, got, c.want)
		}
	}
}

// What passed with less of something, whatever the setting: of settings with the same
// limits the preferred one.
func TestPointsOfSeveralSettings(t *testing.T) {
	grid := Grid{Sizes: Cell{4, 3, 1, 3}, Before: func(a, b Cell) bool {
		x, y := a[0]+a[1], b[0]+b[1]
		return x < y || x == y && (a[0] < b[0] || a[0] == b[0] && a[Setting] < b[Setting])
	}}
	at := func(x, y, setting int) Tried { return Tried{Passed: true, Cell: Cell{x, y, 0, setting}} }
	look := at(0, 0, 0)
	look.FirstLook = true
	for _, c := range []struct {
		name  string
		tried []Tried
		want  string
	}{
		{"one setting", []Tried{at(2, 0, 0), at(0, 2, 0)}, "[1 0]"},
		{"more with another setting", []Tried{at(2, 1, 0), at(1, 1, 1)}, "[1]"},
		{"more, and it was first", []Tried{at(1, 1, 1), at(2, 1, 0)}, "[0]"},
		{"less of each", []Tried{at(2, 0, 0), at(0, 1, 1), at(1, 1, 2)}, "[1 0]"},
		{"the same limits", []Tried{at(1, 1, 2), at(1, 1, 0), at(1, 1, 1)}, "[1]"},
		{"the same cell", []Tried{at(1, 1, 1), at(1, 1, 1)}, "[0]"},
		{"a first look", []Tried{look, at(1, 1, 1)}, "[1]"},
	} {
		if got := fmt.Sprint(grid.Conclude(c.tried).Points); got != c.want {
			t.Errorf("%s: %s, want %s", c.name, got, c.want)
		}
	}
}

// A service exits at every limit where all of its trials did, and nothing is left to try:
// also on a grid that is a line, which a strategy of several dimensions tries from below.
func TestWhetherTheLimitIsTheCause(t *testing.T) {
	line, grid := Grid{Sizes: Cell{3, 1, 1, 1}, Before: bySum}, Grid{Sizes: Cell{3, 2, 1, 1}, Before: bySum}
	cut := grid
	cut.Fits = func(c Cell) bool { return c[0] < 2 || c[1] < 1 }
	for _, c := range []struct {
		name  string
		grid  Grid
		tried string
		want  bool
		found int // position of the trial that passed
	}{
		{"one exit", line, "2/0!", false, -1},
		{"two, and the most is open", line, "0/0! 1/0!", false, -1},
		{"all", line, "0/0! 1/0! 2/0!", true, -1},
		{"the least and the most", line, "0/0! 2/0!", true, -1},
		{"the most passes", line, "0/0! 1/0! 2/0+", false, 2},
		{"the most runs out of memory", line, "0/0! 1/0! 2/0-", false, -1},
		{"the most of a grid, twice", grid, "2/1! 2/1!", true, -1},
		{"two of a grid", grid, "0/0! 1/0!", false, -1},
		{"a grid whose most the host cannot hold", cut, "1/1! 2/0!", true, -1},
		{"and one is open", cut, "0/1! 2/0!", false, -1},
	} {
		p := c.grid.Conclude(cells(t, c.tried))
		if p.LimitIndependent != c.want || p.Passed != c.found {
			t.Errorf("%s: %v, passed %d", c.name, p.LimitIndependent, p.Passed)
		}
	}
}

// A grid is a line where one ordered dimension has several values, or none has.
func TestWhichGridsAreLines(t *testing.T) {
	for sizes, want := range map[Cell]string{
		{1, 1, 1, 1}: "0 true", {0, 1, 1, 1}: "0 true", {2, 1, 1, 1}: "0 true", {1, 2, 1, 1}: "1 true", {1, 1, 4, 1}: "2 true",
		{2, 2, 1, 1}: "0 false", {4, 3, 1, 1}: "0 false", {1, 3, 2, 1}: "0 false", {2, 1, 1, 2}: "0 false", {1, 1, 2, 2}: "0 false",
		{1, 1, 1, 2}: "3 false",
	} {
		axis, is := Grid{Sizes: sizes}.axis()
		if got := fmt.Sprint(axis, is); got != want {
			t.Errorf("%v: %s, want %s", sizes, got, want)
		}
	}
}

func TestCellsOfAGrid(t *testing.T) {
	g := Grid{Sizes: Cell{4, 3, 1, 2}, Fits: func(c Cell) bool { return c != Cell{1, 1, 0, 1} }}
	for _, c := range []struct {
		cell     Cell
		has, top bool
	}{
		{Cell{3, 2, 0, 0}, true, true}, {Cell{3, 2, 0, 1}, true, true}, {Cell{0, 0, 0, 0}, true, false},
		{Cell{2, 2, 0, 0}, true, false}, {Cell{3, 1, 0, 0}, true, false},
		{Cell{4, 2, 0, 0}, false, false}, {Cell{3, 3, 0, 0}, false, false}, {Cell{3, 2, 1, 0}, false, false}, {Cell{0, 0, 0, 2}, false, false},
		{Cell{1, 1, 0, 1}, false, false},
	} {
		if has, top := g.Has(c.cell), g.Top(c.cell); has != c.has || top != c.top {
			t.Errorf("%v: has %v, top %v", c.cell, has, top)
		}
	}
	for pair, want := range map[[2]Cell]bool{{{0}, {1}}: true, {{1}, {1}}: false, {{1}, {0}}: false, {{1}, {1, 2}}: false, {{0, 2}, {1}}: true} {
		if got := Line(3).before(pair[0], pair[1]); got != want {
			t.Errorf("%v before %v: %v", pair[0], pair[1], got)
		}
	}
}
