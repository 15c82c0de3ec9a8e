package journal

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"plan/internal/units"
	"plan/plans"
)

// Settings of a trial; null where they are not set.
type Settings struct {
	Memory   *int64   `json:"memory"` // bytes
	CPUs     *float64 `json:"cpus"`
	Replicas *int     `json:"replicas"`
	// Vary is the values of settings, by the names that the search gives them.
	Vary map[string]any `json:"vary,omitempty"`
}

// Point is an answer: the settings that it is about.
type Point Settings

// Limits of one container; 0 is no limit. In JSON it has a member for each dimension
// that limits a container: a number (bytes, CPUs, a count), null where there is no limit.
type Limits plans.Limits

// MarshalJSON writes a member for each dimension.
func (l Limits) MarshalJSON() ([]byte, error) {
	text := []byte{'{'}
	for _, d := range plans.Dimensions() {
		if !d.OfContainer() {
			continue
		}
		if len(text) > 1 {
			text = append(text, ',')
		}
		text = strconv.AppendQuote(text, string(d))
		number := "null"
		if v := (plans.Settings{Limits: plans.Limits(l)}).Get(d); v != 0 {
			number = strconv.FormatFloat(d.Number(v), 'f', -1, 64)
		}
		text = append(append(text, ':'), number...)
	}
	return append(text, '}'), nil
}

// UnmarshalJSON reads the members of the dimensions that this edition knows.
func (l *Limits) UnmarshalJSON(text []byte) error {
	var members map[plans.Dimension]*float64
	if err := json.Unmarshal(text, &members); err != nil {
		return err
	}
	var all plans.Settings
	for _, d := range plans.Dimensions() {
		if number := members[d]; d.OfContainer() && number != nil {
			all.Put(d, d.Value(*number))
		}
	}
	*l = Limits(all.Limits)
	return nil
}

// SettingsOf returns the settings of a stage.
func SettingsOf(s plans.Settings) Settings {
	return Settings{Memory: orNil(int64(s.Memory)), CPUs: orNil(s.CPUs.Float()), Replicas: orNil(s.Replicas)}
}

// Values returns the settings as a plan has them: 0 where they are not set.
func (s Settings) Values() plans.Settings {
	return plans.Settings{
		Limits:   plans.Limits{Memory: units.Bytes(orZero(s.Memory)), CPUs: units.CPUs(plans.CPUs.Value(orZero(s.CPUs)))},
		Replicas: orZero(s.Replicas),
	}
}

// Point returns what a search varies of the settings.
func (s Settings) Point() plans.Point { return plans.Point{Settings: s.Values(), Values: s.Vary} }

// Text returns what a search varies of the settings, for people: "2 × 0.5 CPU × 1300M,
// workers 4".
func (s Settings) Text() string {
	var texts []string
	if text := s.Values().Together(); text != "" {
		texts = append(texts, text)
	}
	for _, name := range slices.Sorted(maps.Keys(s.Vary)) {
		texts = append(texts, fmt.Sprintf("%s %v", name, s.Vary[name]))
	}
	return strings.Join(texts, ", ")
}

// PointOf returns a combination as the journal has an answer.
func PointOf(p plans.Point) *Point {
	s := SettingsOf(p.Settings)
	s.Vary = p.Values
	return new(Point(s))
}

// Settings returns those of the trial: what was set, and the other limits of its
// containers.
func (t Trial) Settings() plans.Settings {
	s := t.Set.Values()
	if len(t.Instances) > 0 {
		s = s.Over(plans.Settings{Limits: plans.Limits(t.Instances[0].Limits)})
	}
	return s
}

// orNil returns nil for 0.
func orNil[T int | int64 | float64](n T) *T {
	if n == 0 {
		return nil
	}
	return &n
}

// orZero returns 0 for nil.
func orZero[T int | int64 | float64](n *T) T {
	if n == nil {
		return 0
	}
	return *n
}
