package check

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"

	"plan/internal/english"
	"plan/internal/units"
	"plan/plans"
	"plan/plans/diag"
	"plan/runner/search"
)

// mostValues is how many values a grid may have: more can only be a slip.
const mostValues = 10_000

// Search returns what is wrong with what a search varies, and with what it prefers.
func Search(s plans.Stage) diag.List {
	if s.Kind != plans.Search {
		return nil
	}
	var list diag.List
	for i, vary := range s.Decl.Blocks("vary") { // in the order of the file, as s.Vary
		if slices.Contains(plans.Searchable(), s.Vary[i].Dimension) {
			list = append(list, gridOf(s.Vary[i], vary)...)
		}
	}
	return append(list, preference(s)...)
}

// VaryBlock returns the block that varies a dimension; nil where there is none.
func VaryBlock(s plans.Stage, d plans.Dimension) *plans.Decl {
	for _, block := range s.Decl.Blocks("vary") {
		if block.Label() == string(d) {
			return block
		}
	}
	return nil
}

// gridOf returns what is wrong with the values of one dimension.
func gridOf(v plans.Vary, vary *plans.Decl) diag.List {
	switch {
	case v.From == 0 || v.To == 0 || v.Step == 0:
	case v.From > v.To:
		return diag.List{diag.NewError("P0410", vary.Range("to"),
			fmt.Sprintf("the search ends (%s) before it starts (%s)", valueText(v, v.To), valueText(v, v.From)),
			"write the smallest value as from, and the largest as to").
			Relate(vary.Range("from"), "starts here")}
	case v.Size() > mostValues:
		return diag.List{diag.NewError("P0410", vary.Range("step"),
			fmt.Sprintf("a search of %d values is too long: the maximum is %d", v.Size(), mostValues), "write a larger step")}
	case v.Growth == 0 && (v.To-v.From)%v.Step != 0:
		grid := v.Grid()
		last := grid[len(grid)-2]
		return diag.List{diag.NewNote("P0411", vary.Range("to"),
			fmt.Sprintf("to is not on the grid: the search has %s up to %s, then %s", english.Count(len(grid)-1, "value"),
				valueText(v, last), valueText(v, v.To)),
			"")}
	}
	return nil
}

// preference returns what is wrong with how a search chooses among combinations.
func preference(s plans.Stage) diag.List {
	var list diag.List
	several, blocks := s.Only() == "", s.Decl.Blocks("vary")
	cells := 1
	for _, v := range s.Vary {
		cells *= max(1, min(v.Size(), mostValues+1))
	}
	if several && cells > mostValues {
		list = append(list, diag.NewError("P0410", blocks[len(blocks)-1].Header(),
			fmt.Sprintf("a search of %d combinations is too long: the maximum is %d", cells, mostValues), "write larger steps"))
	}
	ofSeveral := slices.ContainsFunc(search.OfSeveral(), func(one search.Strategy) bool { return one.Name == s.Strategy })
	switch {
	case s.Strategy == "" || several == ofSeveral:
	case several:
		list = append(list, diag.NewError("P0407", s.Decl.Range("strategy"),
			fmt.Sprintf("%q searches one dimension, and %s varies %s", s.Strategy, s.Address,
				cmp.Or(map[bool]string{true: "a setting"}[len(s.Vary) == 1], strconv.Itoa(len(s.Vary)))),
			"write "+english.Or(quoted(search.OfSeveral()))))
	default:
		list = append(list, diag.NewError("P0407", s.Decl.Range("strategy"),
			fmt.Sprintf("%q searches several dimensions, and %s varies one", s.Strategy, s.Address),
			"write "+english.Or(quoted(search.Strategies()))))
	}
	prefer := plans.Dimension(s.Prefer)
	_, varied := s.Varied(prefer)
	switch {
	case len(s.Vary) > 1 && s.Prefer == "" && !s.Decl.Has("prefer"):
		list = append(list, diag.NewError("P0102", s.Decl.Header(),
			fmt.Sprintf("%s varies %d dimensions, so it needs prefer or price to choose among the combinations that pass",
				s.Address,
				len(s.Vary)),
			`add price { … }, or prefer = "memory"`))
	case s.Prefer == plans.ByPrice && s.Price == nil:
		list = append(list, diag.NewError("P0102", s.Decl.Range("prefer"), `prefer = "price" needs a price`,
			"add price { … }"))
	case s.Prefer != "" && s.Prefer != plans.ByPrice && !varied:
		list = append(list, diag.NewError("P0407", s.Decl.Range("prefer"),
			fmt.Sprintf("%s prefers less of %s, which it does not vary", s.Address,
				s.Prefer), "add vary "+strconv.Quote(s.Prefer)+" { … }, or remove prefer"))
	}
	if price := s.Decl.Block("price"); s.Price != nil {
		for _, d := range []plans.Dimension{plans.Memory, plans.CPUs} {
			if _, varied := s.Varied(d); price.Has(string(d)) && !varied && s.Limits().Get(d) == 0 && !s.LimitUnknown(d) {
				list = append(list, diag.NewError("P0102", price.Range(string(d)),
					fmt.Sprintf("%s has a price, but %s neither varies nor limits it", d,
						s.Address), "limit it in set, or remove its price"))
			}
		}
	}
	for _, d := range plans.Searchable() {
		demand, block := s.AtMost.Get(d), s.Decl.Block("at_most")
		v, varied := s.Varied(d)
		switch {
		case !block.Has(string(d)):
		case !varied:
			list = append(list, diag.NewError("P0407", block.Range(string(d)),
				fmt.Sprintf("at_most bounds %s, which %s does not vary", d, s.Address), "remove it"))
		case demand > 0 && v.From > demand:
			list = append(list, diag.NewError("P0410", block.Range(string(d)),
				fmt.Sprintf("no value of the search is at most %s: it starts at %s", d.Short(demand),
					d.Short(v.From)), "lower from, or raise at_most").
				Relate(VaryBlock(s, d).Range("from"), "starts here"))
		}
	}
	return list
}

func quoted(strategies []search.Strategy) []string {
	var names []string
	for _, s := range strategies {
		names = append(names, strconv.Quote(s.Name))
	}
	return names
}

// valueText prints a value of the dimension; of memory so that a large one can
// be read.
func valueText(v plans.Vary, x int64) string {
	if b := units.Bytes(x); v.Dimension == plans.Memory && b >= 100*units.GiB {
		return gibibytes(b)
	}
	return v.Dimension.Short(x)
}
