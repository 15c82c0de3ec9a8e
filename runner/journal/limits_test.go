package journal

import (
	"encoding/json"
	"testing"

	"plan/internal/mask"
	"plan/plans"
)

// Less of every dimension, or as much, with the same settings.
func TestNoMore(t *testing.T) {
	memory, cpus, workers := Axis{Dimension: plans.Memory}, Axis{Dimension: plans.CPUs}, Axis{Dimension: "workers"}
	at := func(bytes int64, cpus float64, workers any) Settings {
		return Settings{Memory: &bytes, CPUs: &cpus, Vary: map[string]any{"workers": workers}}
	}
	all := []Axis{memory, cpus, workers}
	for name, c := range map[string]struct {
		axes []Axis
		a, b Settings
		want bool
	}{
		"the same":                       {all, at(2, 2, "a"), at(2, 2, "a"), true},
		"less of one":                    {all, at(1, 2, "a"), at(2, 2, "a"), true},
		"less of the other":              {all, at(2, 1.9, "a"), at(2, 2, "a"), true},
		"more of one":                    {all, at(3, 1, "a"), at(2, 2, "a"), false},
		"more of the other":              {all, at(1, 2.1, "a"), at(2, 2, "a"), false},
		"more of what is not asked":      {[]Axis{cpus, workers}, at(3, 1, "a"), at(2, 2, "a"), true},
		"another text":                   {all, at(1, 1, "a"), at(2, 2, "b"), false},
		"a number below":                 {all, at(1, 1, 1.0), at(2, 2, 2.0), false},
		"a number above":                 {all, at(1, 1, 2.0), at(2, 2, 1.0), false},
		"the same number":                {all, at(1, 1, 2.0), at(2, 2, 2.0), true},
		"another boolean":                {all, at(1, 1, false), at(2, 2, true), false},
		"a text of the number":           {all, at(1, 1, "2"), at(2, 2, 2.0), false},
		"lists, which no plan can write": {all, at(1, 1, []any{1.0}), at(2, 2, []any{1.0}), true},
		"other lists":                    {all, at(1, 1, []any{1.0}), at(2, 2, []any{2.0}), false},
		"another setting is not asked":   {[]Axis{memory, cpus}, at(1, 1, "a"), at(2, 2, "b"), true},
		"a dimension that one has not":   {all, Settings{Vary: map[string]any{"workers": "a"}}, at(2, 2, "a"), true},
		"a dimension that only one has":  {all, at(2, 2, "a"), Settings{Vary: map[string]any{"workers": "a"}}, false},
		"a setting that one has not":     {all, Settings{}, at(2, 2, "a"), false},
		"no axes":                        {nil, at(3, 3, "a"), at(2, 2, "b"), true},
	} {
		if got := NoMore(c.axes, c.a, c.b); got != c.want {
			t.Errorf("%s: %v", name, got)
		}
	}
}

// TestEveryDimensionIsWritten: what a stage can set is in the settings of a
// trial, and what limits a container in the limits of each; both by its name.
func TestEveryDimensionIsWritten(t *testing.T) {
	for _, d := range plans.Settable() {
		s := only(d)
		if got := SettingsOf(s); got.Values() != s {
			t.Errorf("%s is written as %s, and read as %+v: see Settings, SettingsOf and Settings.Values", d, inJSON(t, got), got.Values())
		}
		holdsNumber(t, d, SettingsOf(s))
	}
	for _, d := range plans.Dimensions() {
		if !d.OfContainer() {
			continue
		}
		s := only(d)
		got := Limits(s.Limits)
		var read Limits
		if err := json.Unmarshal([]byte(inJSON(t, got)), &read); err != nil || read != got {
			t.Errorf("%s is written as %s, and read as %+v: %v", d, inJSON(t, got), read, err)
		}
		holdsNumber(t, d, got)
		if at := (Trial{Instances: []Instance{{Limits: got}}}).Settings(); at != s {
			t.Errorf("a trial whose containers had a limit of %s ran at %+v", d, at)
		}
	}
}

// only are settings of one dimension.
func only(d plans.Dimension) plans.Settings {
	var s plans.Settings
	s.Put(d, 64_000)
	return s
}

func inJSON(t *testing.T, v any) string {
	text, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// holdsNumber says whether a value has the dimension by its name, and else
// nothing.
func holdsNumber(t *testing.T, d plans.Dimension, v any) {
	t.Helper()
	var fields map[string]*float64
	if err := json.Unmarshal([]byte(inJSON(t, v)), &fields); err != nil {
		t.Fatal(err)
	}
	for name, number := range fields {
		if name != string(d) && number != nil {
			t.Errorf("%s is written as %s", d, name)
		}
	}
	if number := fields[string(d)]; number == nil || *number != d.Number(64_000) {
		t.Errorf("%s is not in %s", d, inJSON(t, v))
	}
}

func TestASettingOverridesWhatWasReadBack(t *testing.T) {
	trial := Trial{Set: Settings{Memory: new(int64(1 << 20)), Replicas: new(2)}, Instances: []Instance{{Limits: Limits{Memory: 2 << 20, PIDs: 64}}}}
	if got, want := trial.Settings(), (plans.Settings{Limits: plans.Limits{Memory: 1 << 20, PIDs: 64}, Replicas: 2}); got != want {
		t.Errorf("%+v, want %+v", got, want)
	}
}

// TestADimensionIsNoText that a service could have written: a secret of the
// same letters leaves it as it is.
func TestADimensionIsNoText(t *testing.T) {
	line := Line{Type: StageLine, Stage: &Stage{Dimension: plans.Memory, Reason: "memory"}}
	if got := NewFilter([]string{"memory"}).Line(line).Stage; got.Dimension != plans.Memory || got.Reason != mask.Stars {
		t.Errorf("%s, %s", got.Dimension, got.Reason)
	}
}
