package search

import "testing"

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
