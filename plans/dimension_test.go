package plans

import (
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"
)

// TestEveryDimensionHasARow: each field of Settings is written by just one row
// of the table, and read back by it.
func TestEveryDimensionHasARow(t *testing.T) {
	written := map[string]Dimension{}
	for _, row := range dimensions {
		var s Settings
		s.Put(row.id(), 7)
		changed := fieldsSet(reflect.ValueOf(s))
		if len(changed) != 1 || s.Get(row.id()) != 7 {
			t.Errorf("the row of %s sets %v of Settings, and reads %d for 7", row.name, changed, s.Get(row.id()))
			continue
		}
		if other, twice := written[changed[0]]; twice {
			t.Errorf("the rows of %s and %s both set Settings.%s", other, row.name, changed[0])
		}
		written[changed[0]] = row.id()
	}
	for _, field := range reflect.VisibleFields(reflect.TypeFor[Settings]()) {
		if !field.Anonymous && written[field.Name] == "" {
			t.Errorf("Settings.%s has no row in dimensions", field.Name)
		}
	}
}

// fieldsSet names the fields that are not zero.
func fieldsSet(v reflect.Value) []string {
	var names []string
	for _, field := range reflect.VisibleFields(v.Type()) {
		if !field.Anonymous && !v.FieldByIndex(field.Index).IsZero() {
			names = append(names, field.Name)
		}
	}
	return names
}

func TestEveryDimensionIsDescribed(t *testing.T) {
	for _, row := range dimensions {
		d := row.id()
		if row.kind == nil || row.noun == "" || row.doc == "" || len(row.in) == 0 || row.print == nil || row.text == nil || row.scale == 0 {
			t.Errorf("the row of %s lacks a kind, a noun, a doc, blocks, a text or a scale", row.name)
			continue
		}
		if unlimited[row.name] || composeOnly[row.name] {
			t.Errorf("%s has a row, and unlimited or composeOnly says that the language has none: take it out there", row.name)
		}
		if back := d.Value(d.Number(1234)); back != 1234 {
			t.Errorf("1234 of %s is %v in JSON, which is read as %d", row.name, d.Number(1234), back)
		}
		for _, word := range row.words {
			if !slices.Contains(synonyms[word], row.name) || composeOnly[word] || unlimited[word] {
				t.Errorf("%s is a word for %s, and is said to be none", word, row.name)
			}
		}
		if row.search == nil {
			continue
		}
		if _, ok := row.search.members(1)[row.name]; !ok {
			t.Errorf("a search of %s finds no member %[1]s", row.name)
		}
	}
}

// TestEveryDimensionIsTaken: what a plan writes in a block that has the
// dimension is in the plan's value, and set is stronger than the service's own.
func TestEveryDimensionIsTaken(t *testing.T) {
	for _, row := range dimensions {
		for _, block := range row.in {
			limits, own, set := "", "", ""
			switch line := fmt.Sprintf("%s = %s\n", row.name, row.kind.example); block {
			case "limits":
				limits = line
			case "service":
				own = line
			case "set":
				set = line
			default:
				t.Errorf("%s stands in %s, which this test does not know", row.name, block)
			}
			p := load(t, fmt.Sprintf("service \"api\" {\nimage = \"a\"\n%s\nlimits {\n%s}\n}\ncheck \"c\" {\nservice = service.api\nset {\n%s}\n}\n", own, limits, set), Options{})
			stage := p.Stages[0]
			if got := stage.Limits().Get(row.id()); got == 0 {
				t.Errorf("%s in %s is taken by the language, and ignored", row.name, block)
			}
			stage.Set.Put(row.id(), 9)
			if got := stage.Limits().Get(row.id()); got != 9 {
				t.Errorf("%s of set is %d in the limits of a stage, not 9", row.name, got)
			}
		}
	}
}

// TestADimensionThatIsKnownLater: the stage says so of its own attribute and of
// the service's, unless it sets it or searches it.
func TestADimensionThatIsKnownLater(t *testing.T) {
	for _, row := range dimensions {
		d := row.id()
		var set Settings
		set.Put(d, 1)
		for _, c := range []struct {
			stage Stage
			want  bool
		}{
			{Stage{}, false},
			{Stage{Unknown: []string{row.own()}}, true},
			{Stage{Unknown: []string{row.own()}, Set: set}, false},
			{Stage{Unknown: []string{"set." + row.name}}, true},
			{Stage{Unknown: []string{"set." + row.name}, Vary: &Vary{Dimension: d}}, false},
		} {
			if got := c.stage.LimitUnknown(d); got != c.want {
				t.Errorf("%s, unknown %v, set %v, vary %v: %v", d, c.stage.Unknown, c.stage.Set, c.stage.Vary, got)
			}
		}
	}
}

func TestSettingsOver(t *testing.T) {
	below := Settings{Limits: Limits{Memory: 1, CPUs: 2, PIDs: 3}, Replicas: 4}
	want := Settings{Limits: Limits{Memory: 1, CPUs: 20, PIDs: 3}, Replicas: 40}
	if got := (Settings{Limits: Limits{CPUs: 20}, Replicas: 40}).Over(below); got != want {
		t.Errorf("%+v, want %+v", got, want)
	}
}

func TestTextsOfSettings(t *testing.T) {
	all := Settings{Limits: Limits{Memory: 500 << 20, CPUs: 500, PIDs: 64}, Replicas: 2}
	if got := strings.Join(all.Texts(), ", "); got != "500M, 0.5 CPU, 64 PIDs, 2 replicas" {
		t.Error(got)
	}
	if got := (Settings{Limits: Limits{PIDs: 1}, Replicas: 1}).Texts(); !slices.Equal(got, []string{"1 PID"}) {
		t.Error(got)
	}
}

// TestAnUnknownDimension is one of a journal that a later edition wrote.
func TestAnUnknownDimension(t *testing.T) {
	d := Dimension("disk")
	var s Settings
	s.Put(d, 7)
	if s != (Settings{}) || s.Get(d) != 0 || d.Noun() != "disk" || d.Text(7) != "7" || d.Number(7) != 7 || d.Margin() || d.OfContainer() {
		t.Errorf("%+v, %s, %s", s, d.Noun(), d.Text(7))
	}
}
