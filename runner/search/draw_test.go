package search

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
)

// drawn is every need that is drawn, of 2,000 draws: for each setting its values on the
// axes with more than one, "3/2 3/3".
func drawn(g Grid, tried []Tried) string {
	random := rand.New(rand.NewPCG(4, 4))
	found := map[string]bool{}
	for range 2000 {
		needs, is := g.draw(random, tried)
		if !is {
			continue
		}
		if len(needs) == 0 {
			return "a service without needs"
		}
		var settings []string
		for _, need := range needs {
			var values []string
			for axis, n := range g.Sizes[:Setting] {
				if n > 1 {
					values = append(values, fmt.Sprint(need[axis]))
				}
			}
			settings = append(settings, strings.Join(values, "/"))
		}
		found[strings.Join(settings, "|")] = true
	}
	var all []string
	for need := range found {
		all = append(all, need)
	}
	slices.Sort(all)
	return strings.Join(all, " ")
}

func TestServicesThatAgreeWithTheTrials(t *testing.T) {
	none := [Axes]Need{{-1, -1}, {-1, -1}, {-1, -1}, {-1, -1}}
	passed := func(c Cell, low, high int) Tried {
		needs := none
		needs[0] = Need{low, high}
		return Tried{Cell: c, Passed: true, Needs: needs}
	}
	failed := func(c Cell) Tried { return Tried{Cell: c, Needs: none} }
	square, settings := Grid{Sizes: Cell{3, 3, 1, 1}}, Grid{Sizes: Cell{2, 1, 1, 2}}
	for _, c := range []struct {
		name  string
		grid  Grid
		tried []Tried
		want  string
	}{
		{"nothing was tried", Line(3), nil, "0 1 2"},
		{"a pass and a failure", Line(9), []Tried{passed(Cell{7}, -1, -1), failed(Cell{2})}, "3 4 5 6 7"},
		{"two of each", Line(9), []Tried{passed(Cell{7}, -1, -1), failed(Cell{2}), passed(Cell{5}, -1, -1), failed(Cell{1})}, "3 4 5"},
		{"a pair", Line(9), []Tried{passed(Cell{3}, -1, -1), failed(Cell{2})}, "3"},
		{"the most failed", Line(3), []Tried{failed(Cell{2})}, ""},
		{"a failure above a pass", Line(9), []Tried{passed(Cell{2}, -1, -1), failed(Cell{5})}, ""},
		{"what is undecided says nothing", Line(3), []Tried{{Cell: Cell{2}, Undecided: true}}, "0 1 2"},
		{"the need was seen", Line(9), []Tried{passed(Cell{8}, 5, 5)}, "3 4 5 6"},
		{"it was seen in a range", Line(9), []Tried{passed(Cell{8}, 3, 5)}, "1 2 3 4 5 6"},
		{"the peak is not known", Line(9), []Tried{passed(Cell{8}, 3, -1)}, "1 2 3 4"},
		{"only the peak is known", Line(4), []Tried{passed(Cell{3}, -1, 0)}, "0 1 2 3"},
		{"the least is seen", Line(9), []Tried{passed(Cell{8}, 0, 0)}, "0 1"},
		{"it was seen above what passed", Line(9), []Tried{passed(Cell{8}, 8, 8), passed(Cell{4}, -1, -1)}, "0 1 2 3 4"},
		{"it was seen two above what passed", Line(9), []Tried{passed(Cell{8}, 6, 6), passed(Cell{4}, -1, -1)}, "4"},
		{"it was seen below what failed", Line(9), []Tried{passed(Cell{8}, 2, 2), failed(Cell{2})}, "3"},
		{"it was seen far below what failed", Line(7), []Tried{passed(Cell{6}, 1, 1), failed(Cell{2})}, "3 4 5 6"},
		{"what failed shows nothing", Line(3), []Tried{{Cell: Cell{0}, Needs: [Axes]Need{{0, 0}}}}, "1 2"},
		{"a pass of a square", square, []Tried{passed(Cell{1, 1}, -1, -1)}, "0/0 0/1 1/0 1/1"},
		{"a failure within a square", square, []Tried{failed(Cell{1, 1})}, "0/2 1/2 2/0 2/1 2/2"},
		{"a failure with the most of the other one", square, []Tried{failed(Cell{0, 2})}, "1/0 1/1 1/2 2/0 2/1 2/2"},
		{"settings have needs of their own", settings, nil, "0|0 0|1 1|0 1|1"},
		{"a pass with a setting", settings, []Tried{passed(Cell{0, 0, 0, 1}, -1, -1)}, "0|0 1|0"},
		{"a failure with a setting", settings, []Tried{failed(Cell{0, 0, 0, 1})}, "0|1 1|1"},
		{"a need with a setting", Grid{Sizes: Cell{6, 1, 1, 2}}, []Tried{passed(Cell{5, 0, 0, 0}, 0, 0), failed(Cell{4, 0, 0, 1})}, "0|5 1|5"},
		{"no cells", Grid{}, nil, ""},
	} {
		if got := drawn(c.grid, c.tried); got != c.want {
			t.Errorf("%s: %s, want %s", c.name, got, c.want)
		}
	}
}

// Trials that are expected whatever the service is.
func TestTrialsThatAreSure(t *testing.T) {
	for _, c := range []struct {
		name  string
		grid  Grid
		looks bool
		tried []Tried
		want  Expected
	}{
		{"one value", Line(1), false, nil, Expected{Full: 1}},
		{"one value, where a first look is allowed", Line(1), true, nil, Expected{Full: 1}},
		{"the top is left", Line(2), false, []Tried{{Cell: Cell{0}}}, Expected{Full: 1}},
		{"the top is left, which passed a first look", Line(2), true, []Tried{{Cell: Cell{1}, Passed: true, FirstLook: true, Needs: [Axes]Need{{-1, -1}}}, {Cell: Cell{0}}}, Expected{Full: 1}},
		{"nothing is left", Line(2), false, []Tried{{Cell: Cell{0}}, {Cell: Cell{1}, Passed: true}}, Expected{}},
	} {
		if got := c.grid.Expect("bisect", c.looks, c.tried); got != c.want {
			t.Errorf("%s: %+v, want %+v", c.name, got, c.want)
		}
	}
	either := Line(2).Expect("bisect", false, []Tried{{Cell: Cell{1}, Passed: true, Needs: [Axes]Need{{-1, -1}}}})
	if either.Full+either.Failures != 1 || either.Full == 0 || either.Failures == 0 {
		t.Errorf("one that passes or fails: %+v", either)
	}
	// How many replicas a service needs is not seen: it is halved.
	replicas := Grid{Sizes: Cell{1, 1, 37, 1}}.Expect("anchored", false, nil)
	if all := replicas.Full + replicas.Failures; all < 5.5 {
		t.Errorf("a search for one of 37 numbers of replicas: %+v", replicas)
	}
}
