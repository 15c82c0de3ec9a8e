package plans

import (
	"fmt"

	"plan/internal/english"
	"plan/internal/units"
)

// mostValues is how many values a grid may have: more can only be a slip.
const mostValues = 10_000

// checkVary looks at the range of a search.
func (e *evaluator) checkVary(n *node, v *Vary) {
	vary := n.first("vary")
	if vary == nil || v == nil || dimensions[v.Dimension] == nil {
		return
	}
	switch {
	case v.From == 0 || v.To == 0 || v.Step == 0:
	case v.From > v.To:
		d := e.error("P0410", vary.place("to"), fmt.Sprintf("the search ends (%s) before it starts (%s)", v.show(v.To), v.show(v.From)), "write the least value as from and the most as to")
		e.related(d, vary.place("from"), "starts here")
	case v.size() > mostValues:
		e.error("P0410", vary.place("step"), fmt.Sprintf("a search of %d values is too long: %d are possible", v.size(), mostValues), "take a larger step")
	case (v.To-v.From)%v.Step != 0:
		grid := v.Grid()
		last := grid[len(grid)-2]
		e.note("P0411", vary.place("to"), fmt.Sprintf("the steps do not meet to: %s up to %s, then %s itself", english.Count(len(grid)-1, "value"), v.show(last), v.show(v.To)), "")
	}
}

// show prints a value of the dimension.
func (v *Vary) show(x int64) string {
	if v.Dimension == CPUs {
		return units.CPUs(x).String()
	}
	return sizeText(units.Bytes(x))
}

// sizeText prints a size for people; a large one in units that can be read.
func sizeText(b units.Bytes) string {
	if b < 100*units.GiB {
		return b.String()
	}
	return gibibytes(b)
}

// checkTwice refuses a dimension that is both set and varied.
func (e *evaluator) checkTwice(n *node) {
	set, vary := n.first("set"), n.first("vary")
	if set == nil || vary == nil || set.attrs[vary.label] == nil {
		return
	}
	d := e.error("P0416", set.attrs[vary.label].NameRange, fmt.Sprintf("%s sets %s and varies it too", n.address, vary.label), "take it out of set")
	e.related(d, vary.header, "varied here")
}
