package check

import (
	"fmt"
	"slices"

	"plan/internal/english"
	"plan/internal/units"
	"plan/plans"
	"plan/plans/diag"
)

// mostValues is how many values a grid may have: more can only be a slip.
const mostValues = 10_000

// Search returns what is wrong with the range of a search.
func Search(s plans.Stage) diag.List {
	v, vary := s.Vary, s.Decl.Block("vary")
	if v == nil || !slices.Contains(plans.Searchable(), v.Dimension) {
		return nil
	}
	switch {
	case v.From == 0 || v.To == 0 || v.Step == 0:
	case v.From > v.To:
		return diag.List{diag.NewError("P0410", vary.Range("to"),
			fmt.Sprintf("the search ends (%s) before it starts (%s)", valueText(v, v.To), valueText(v, v.From)),
			"write the least value as from and the most as to").
			Relate(vary.Range("from"), "starts here")}
	case v.Size() > mostValues:
		return diag.List{diag.NewError("P0410", vary.Range("step"),
			fmt.Sprintf("a search of %d values is too long: %d are possible", v.Size(), mostValues), "take a larger step")}
	case (v.To-v.From)%v.Step != 0:
		grid := v.Grid()
		last := grid[len(grid)-2]
		return diag.List{diag.NewNote("P0411", vary.Range("to"),
			fmt.Sprintf("the steps do not meet to: %s up to %s, then %s itself", english.Count(len(grid)-1, "value"), valueText(v, last), valueText(v, v.To)),
			"")}
	}
	return nil
}

// valueText prints a value of the dimension; of memory so that a large one can
// be read.
func valueText(v *plans.Vary, x int64) string {
	if b := units.Bytes(x); v.Dimension == plans.Memory && b >= 100*units.GiB {
		return gibibytes(b)
	}
	return v.Dimension.Short(x)
}
