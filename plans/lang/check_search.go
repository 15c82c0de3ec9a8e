package lang

import (
	"fmt"

	"plan/internal/english"
	"plan/internal/units"
	"plan/plans"
)

// mostValues is how many values a grid may have: more can only be a slip.
const mostValues = 10_000

// checkVary looks at the range of a search.
func (e *evaluator) checkVary(n *node, v *plans.Vary) {
	vary := n.first("vary")
	if vary == nil || v == nil || searchedKind(vary.label) == nil {
		return
	}
	switch {
	case v.From == 0 || v.To == 0 || v.Step == 0:
	case v.From > v.To:
		d := e.error("P0410", vary.place("to"), fmt.Sprintf("the search ends (%s) before it starts (%s)", showValue(v, v.To), showValue(v, v.From)), "write the least value as from and the most as to")
		e.related(d, vary.place("from"), "starts here")
	case v.Size() > mostValues:
		e.error("P0410", vary.place("step"), fmt.Sprintf("a search of %d values is too long: %d are possible", v.Size(), mostValues), "take a larger step")
	case (v.To-v.From)%v.Step != 0:
		grid := v.Grid()
		last := grid[len(grid)-2]
		e.note("P0411", vary.place("to"), fmt.Sprintf("the steps do not meet to: %s up to %s, then %s itself", english.Count(len(grid)-1, "value"), showValue(v, last), showValue(v, v.To)), "")
	}
}

// showValue prints a value of the dimension; of memory so that a large one can
// be read.
func showValue(v *plans.Vary, x int64) string {
	if v.Dimension == plans.Memory {
		return sizeText(units.Bytes(x))
	}
	return v.Dimension.Short(x)
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
