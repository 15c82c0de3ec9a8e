package search

import (
	"fmt"
	"strings"
	"testing"
)

// cells are those of trials, "3/2+ 1/2- 3/2?" on the first two dimensions, as way
// writes them; "!" exited by itself, "~" is undecided. Each pass took 60 s, each failure 4.
func cells(t *testing.T, text string) []Tried {
	t.Helper()
	var all []Tried
	for _, one := range strings.Fields(text) {
		tried := Tried{Needs: [Axes]Need{{-1, -1}, {-1, -1}, {-1, -1}, {-1, -1}}, Seconds: 4}
		end := one[len(one)-1]
		if _, err := fmt.Sscanf(one[:len(one)-1], "%d/%d", &tried.Cell[0], &tried.Cell[1]); err != nil {
			t.Fatal(one, err)
		}
		tried.Passed = end == '+' || end == '?'
		tried.FirstLook = end == '?' || end == '~'
		tried.Undecided, tried.Exited = end == '~', end == '!'
		if tried.Passed {
			tried.Seconds = 60
		}
		all = append(all, tried)
	}
	return all
}

// movesText writes moves as "1/2 0.50 5.50": the cell, how likely it passes and how many
// cells it is expected to decide.
func movesText(moves []move) string {
	var texts []string
	for _, m := range moves {
		texts = append(texts, fmt.Sprintf("%d/%d %.2f %.2f", m.step.Cell[0], m.step.Cell[1], m.likely, m.saved))
	}
	return strings.Join(texts, ", ")
}

// bySum prefers less of two dimensions together, then less of the first.
func bySum(a, b Cell) bool { return a[0]+a[1] < b[0]+b[1] || a[0]+a[1] == b[0]+b[1] && a[0] < b[0] }

// What each trial that could be next decides, of a grid of four by three values.
func TestWhatATrialOfAGridDecides(t *testing.T) {
	for _, c := range []struct {
		name  string
		tried string
		needs Need // that the first trial showed of the first dimension; 0: not known
		fits  func(Cell) bool
		want  string
	}{
		{name: "nothing was tried", want: "3/2 0.90 6.00"},
		{name: "it exited by itself", tried: "3/2!", want: "3/2 0.90 12.00"},
		{name: "a first look decides nothing", tried: "3/2~", want: "3/2 0.90 6.00"},
		{name: "its need was seen", tried: "3/2?", needs: Need{1, 1}, want: "1/2 0.70 12.00"},
		{name: "its need is the most", tried: "3/2?", needs: Need{3, 3}, want: "2/2 0.75 4.50, 3/0 0.33 5.33, 3/2 1.00 0.00"},
		{name: "the most passed", tried: "3/2+", want: "1/2 0.50 5.50, 3/0 0.33 5.00"},
		{name: "the most passed a first look", tried: "3/2?", want: "1/2 0.50 6.00, 3/0 0.33 5.33, 3/2 1.00 0.00"},
		{name: "one below the most failed", tried: "3/2? 2/2-", want: "3/2 1.00 0.00, 3/0 0.33 1.33, 3/2 1.00 0.00"},
		{name: "one line is closed", tried: "3/2+ 1/2+ 0/2-", want: "3/0 0.33 1.67"},
		{name: "both are", tried: "3/2+ 1/2+ 0/2- 3/1+ 3/0-", want: "1/1 0.50 1.00"},
		{name: "the corner is the answer", tried: "3/2+ 1/2+ 0/2- 3/1+ 3/0- 1/1+", want: ""},
		{name: "all failed", tried: "3/2-", want: ""},
		{name: "the corner failed", tried: "3/2+ 2/2+ 1/2- 3/1+ 3/0- 2/1-", want: ""},
		{name: "the host cannot hold the most", fits: func(c Cell) bool { return c[0]+c[1] <= 3 },
			want: "1/0 0.40 2.00, 3/0 0.50 2.00, 3/0 0.50 2.00, " + // of the cells with the least of the second dimension
				"1/1 0.50 1.50, 2/1 0.50 1.50, 2/1 0.50 1.50, " +
				"0/2 0.33 1.00, 1/2 0.50 1.00, 1/2 0.50 1.00"},
	} {
		t.Run(c.name, func(t *testing.T) {
			g := Grid{Sizes: Cell{4, 3, 1, 1}, Before: bySum, Fits: c.fits}
			all := cells(t, c.tried)
			if c.needs != (Need{}) {
				all[0].Needs[0] = c.needs
			}
			k := newKnown(g, all)
			if got := movesText(k.root(g.boxes()[0], true)); got != c.want {
				t.Errorf("got  %s\nwant %s", got, c.want)
			}
		})
	}
}

// A box whose corner failed is divided along the dimension with the fewest open values.
// The moves are those of each half: the least of each dimension with the most of the
// others, the third of which has one value.
func TestWhereABoxIsDivided(t *testing.T) {
	for _, c := range []struct {
		name string
		most Cell
		want string
	}{
		{"the first one has fewer", Cell{2, 5}, "0/5 1/2 1/5 2/5 2/2 2/5"},
		{"the second one has fewer", Cell{5, 2}, "2/1 5/0 5/1 2/2 5/2 5/2"},
		{"both have as many", Cell{2, 2}, "0/2 1/1 1/2 2/2 2/1 2/2"},
		{"the first one has one", Cell{0, 3}, "0/1 0/0 0/1 0/3 0/2 0/3"},
		{"the second one has one", Cell{3, 0}, "0/0 1/0 1/0 2/0 3/0 3/0"},
		{"both have one", Cell{0, 0}, ""},
	} {
		g := Grid{Sizes: Cell{c.most[0] + 1, c.most[1] + 1, 1, 1}}
		k := newKnown(g, nil)
		var got []string
		for _, m := range k.halves(box{hi: c.most}, c.most, false) {
			got = append(got, fmt.Sprintf("%d/%d", m.step.Cell[0], m.step.Cell[1]))
		}
		if got := strings.Join(got, " "); got != c.want {
			t.Errorf("%s: %s, want %s", c.name, got, c.want)
		}
	}
}

// The next trial is the one that decides the most cells for each second that it is
// expected to take.
func TestTheTrialWithTheGreatestSaving(t *testing.T) {
	for _, c := range []struct {
		name       string
		sizes      Cell
		tried      string
		pass, fail float64 // seconds
		want       string
	}{
		{"times are not known", Cell{3, 8, 1, 1}, "2/7+", 60, 4, "2/3"},
		{"passes take long", Cell{6, 4, 1, 1}, "5/3+ 2/3-", 60, 4, "3/3"},
		{"failures take long", Cell{6, 4, 1, 1}, "5/3+ 2/3-", 4, 60, "4/3"},
		{"both take as long", Cell{6, 4, 1, 1}, "5/3+ 2/3-", 10, 10, "5/1"},
		{"passes take long, with the most of the first", Cell{4, 3, 1, 1}, "3/2+ 0/0-", 60, 4, "3/0"},
	} {
		g := Grid{Sizes: c.sizes, Before: bySum}
		tried := cells(t, c.tried)
		for i := range tried {
			if tried[i].Seconds = c.fail; tried[i].Passed {
				tried[i].Seconds = c.pass
			}
		}
		step := g.Next("corner", false, tried)
		if got := fmt.Sprintf("%d/%d", step.Cell[0], step.Cell[1]); got != c.want {
			t.Errorf("%s: %s, want %s", c.name, got, c.want)
		}
	}
}

func TestSecondsOfATrial(t *testing.T) {
	pass, fail := Tried{Passed: true, Seconds: 60}, Tried{Seconds: 4}
	look, slow := Tried{Passed: true, FirstLook: true, Seconds: 15}, Tried{FirstLook: true, Seconds: 8}
	longer, none := Tried{Passed: true, Seconds: 80}, Tried{Passed: true}
	for _, c := range []struct {
		name       string
		tried      []Tried
		pass, fail float64
	}{
		{"nothing was tried", nil, 0, 0},
		{"one of each", []Tried{pass, fail}, 60, 4},
		{"the mean of each", []Tried{pass, fail, longer, slow}, 70, 6},
		{"a first look that passes is shorter", []Tried{look, pass, fail}, 60, 4},
		{"a first look that fails is as long", []Tried{slow, pass}, 60, 8},
		{"only a first look passed", []Tried{look, fail}, 0, 0},
		{"none failed", []Tried{pass}, 0, 0},
		{"none passed", []Tried{fail}, 0, 0},
		{"less than a second", []Tried{{Passed: true, Seconds: 0.5}, {Seconds: 0.25}}, 0.5, 0.25},
		{"the time is not known", []Tried{none, fail}, 0, 0},
	} {
		if pass, fail := seconds(c.tried); pass != c.pass || fail != c.fail {
			t.Errorf("%s: %v and %v, want %v and %v", c.name, pass, fail, c.pass, c.fail)
		}
	}
}

// One trial that exits by itself does not show that it does at any limit.
func TestOneExitProvesNothing(t *testing.T) {
	g := Grid{Sizes: Cell{4, 3, 1, 1}, Before: bySum}
	for text, want := range map[string]bool{"": false, "3/2!": false, "3/2! 3/2!": true, "3/2! 3/2-": false, "3/2- 3/2!": false} {
		if got := g.Conclude(cells(t, text)).LimitIndependent; got != want {
			t.Errorf("%q: %v", text, got)
		}
	}
}
