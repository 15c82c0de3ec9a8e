package lang

import (
	"fmt"
	"slices"
	"testing"

	"github.com/zclconf/go-cty/cty"

	"plan/plans"
)

func TestEveryDimensionIsDescribed(t *testing.T) {
	var names []plans.Dimension
	for _, row := range dimensionRows {
		d := plans.Dimension(row.name)
		names = append(names, d)
		if row.typ == nil || row.doc == "" {
			t.Errorf("the row of %s lacks a kind or a doc", d)
			continue
		}
		if unlimited[row.name] || composeOnly[row.name] {
			t.Errorf("%s has a row, and unlimited or composeOnly says that the language has none: take it out there", d)
		}
		for _, word := range row.words {
			if !slices.Contains(synonyms[word], row.name) || composeOnly[word] || unlimited[word] {
				t.Errorf("%s is a word for %s, and is said to be none", word, d)
			}
		}
		if searched := slices.Contains(plans.Searchable(), d); searched != (row.members != nil) {
			t.Errorf("a search can vary %s: %v, but found has members of it: %v", d, searched, !searched)
		} else if searched && row.members(1)[row.name] == cty.NilVal {
			t.Errorf("a search of %s finds no member %[1]s", d)
		}
	}
	if !slices.Equal(names, plans.Dimensions()) {
		t.Errorf("there are rows for %v, and the dimensions %v", names, plans.Dimensions())
	}
}

// TestEveryDimensionIsTaken: what a plan writes in a block that has the
// dimension is in the plan's value, and set is stronger than the service's own.
func TestEveryDimensionIsTaken(t *testing.T) {
	for _, row := range dimensionRows {
		d := plans.Dimension(row.name)
		for _, block := range []string{"limits", "service", "set"} {
			if !standsIn(d, block) {
				continue
			}
			limits, own, set := "", "", ""
			switch line := fmt.Sprintf("%s = %s\n", row.name, row.typ.example); block {
			case "limits":
				limits = line
			case "service":
				own = line
			case "set":
				set = line
			}
			p := load(t, fmt.Sprintf("service \"api\" {\nimage = \"a\"\n%s\nlimits {\n%s}\n}\ncheck \"c\" {\nservice = service.api\nset {\n%s}\n}\n", own, limits, set), Options{})
			stage := p.Stages[0]
			if got := stage.Limits().Get(d); got == 0 {
				t.Errorf("%s in %s is taken by the language, and ignored", row.name, block)
			}
			stage.Set.Put(d, 9)
			if got := stage.Limits().Get(d); got != 9 {
				t.Errorf("%s of set is %d in the limits of a stage, not 9", row.name, got)
			}
		}
	}
}
