package plans

import (
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
		s.Put(row.id, 7)
		changed := fieldsSet(reflect.ValueOf(s))
		if len(changed) != 1 || s.Get(row.id) != 7 {
			t.Errorf("the row of %s sets %v of Settings, and reads %d for 7", row.id, changed, s.Get(row.id))
			continue
		}
		if other, twice := written[changed[0]]; twice {
			t.Errorf("the rows of %s and %s both set Settings.%s", other, row.id, changed[0])
		}
		written[changed[0]] = row.id
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

// TestADimensionThatIsKnownLater: the stage says so of its own attribute and of
// the service's, unless it sets it or searches it.
func TestADimensionThatIsKnownLater(t *testing.T) {
	for _, row := range dimensions {
		d := row.id
		var set Settings
		set.Put(d, 1)
		for _, c := range []struct {
			stage Stage
			want  bool
		}{
			{Stage{}, false},
			{Stage{Unknown: []string{row.own}}, true},
			{Stage{Unknown: []string{row.own}, Set: set}, false},
			{Stage{Unknown: []string{"set." + string(row.id)}}, true},
			{Stage{Unknown: []string{"set." + string(row.id)}, Vary: []Vary{{Dimension: d}}}, false},
		} {
			if got := c.stage.LimitUnknown(d); got != c.want {
				t.Errorf("%s, unknown %v, set %v, vary %v: %v", d, c.stage.Unknown, c.stage.Set, c.stage.Vary, got)
			}
		}
	}
}

func TestEveryDimensionIsComplete(t *testing.T) {
	for _, row := range dimensions {
		if row.own == "" || row.noun == "" || row.print == nil || row.text == nil || row.scale == 0 {
			t.Errorf("the row of %s lacks an attribute, a noun, a text or a scale", row.id)
		}
		if back := row.id.Value(row.id.Number(1234)); back != 1234 {
			t.Errorf("1234 of %s is %v in JSON, which is read as %d", row.id, row.id.Number(1234), back)
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
