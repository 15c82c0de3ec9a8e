package report

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"plan/plans"
	"plan/runner/journal"
)

// Frontier is what a search of several dimensions knows of the combinations of two of them.
type Frontier struct {
	Across, Up   journal.Axis // the two with the most values; with values that are not on the grid, if a trial has one
	Others       string       // the values of all others: "2 replicas"; "" where there are no others
	Combinations []Combination
}

// Combination is a place of a frontier.
type Combination struct {
	Across, Up int             // indexes of values
	Trials     []journal.Trial // none: not tried
	Verdict    journal.Verdict // of its trials, or inferred from others; "" where nothing is known
	Settings   plans.Settings  // with the limits that are not searched
}

// Frontiers returns a frontier for each combination of the others that has a trial, in
// their order. A combination without trials fails if one with no less of anything
// failed, and passes if one with no more passed. Where both hold, nothing is known. A
// search of one setting has no combinations.
func Frontiers(s journal.Stage) []Frontier {
	if len(s.Axes) < 2 {
		return nil
	}
	s = s.Counted()
	axes := slices.Clone(s.Axes)
	tried := make([]triedPlace, 0, len(s.Trials))
	for i := range axes {
		axes[i].Values = withTried(axes[i], s)
	}
	for _, t := range s.Trials {
		at := make(place, len(axes))
		for i, a := range axes {
			at[i] = slices.Index(a.Values, a.Value(t.Set))
		}
		i := slices.IndexFunc(tried, func(p triedPlace) bool { return slices.Equal(p.at, at) })
		if i < 0 {
			tried, i = append(tried, triedPlace{at: at}), len(tried)
		}
		tried[i].trials = append(tried[i].trials, t)
	}
	var all []Frontier
	across, up := largest(axes)
	for _, p := range tried {
		f := Frontier{Across: axes[across], Up: axes[up], Others: othersText(axes, p.at, across, up)}
		if slices.ContainsFunc(all, func(other Frontier) bool { return other.Others == f.Others }) {
			continue
		}
		for i := range f.Across.Values {
			for j := range f.Up.Values {
				at := slices.Clone(p.at)
				at[across], at[up] = i, j
				c := combinationAt(axes, at, tried)
				c.Across, c.Up, c.Settings = i, j, settingsAt(axes, at).Over(s.Trials[0].Settings())
				f.Combinations = append(f.Combinations, c)
			}
		}
		all = append(all, f)
	}
	return all
}

// place is a combination of values: an index on each axis.
type place []int

// triedPlace is a place with its trials.
type triedPlace struct {
	at place
	cell
}

// combinationAt returns what trials show of a place.
func combinationAt(axes []journal.Axis, at place, tried []triedPlace) Combination {
	passes, fails := false, false
	for _, p := range tried {
		verdict := p.decided()
		if slices.Equal(p.at, at) {
			return Combination{Trials: p.trials, Verdict: cmp.Or(verdict, p.trials[len(p.trials)-1].Verdict)}
		}
		passes = passes || verdict == journal.Passed && under(axes, p.at, at)
		fails = fails || verdict == journal.Failed && under(axes, at, p.at)
	}
	switch {
	case passes && !fails:
		return Combination{Verdict: journal.Passed}
	case fails && !passes:
		return Combination{Verdict: journal.Failed}
	}
	return Combination{}
}

// under reports whether a place has no more of anything than another one, and the same
// settings, which have no order.
func under(axes []journal.Axis, a, b place) bool {
	for i, axis := range axes {
		if a[i] > b[i] || a[i] != b[i] && !axis.Ordered() {
			return false
		}
	}
	return true
}

// withTried returns the values of an axis and those of trials that it lacks, in rising
// order where they have one.
func withTried(a journal.Axis, s journal.Stage) []any {
	values := slices.Clone(a.Values)
	for _, t := range s.Trials {
		if v := a.Value(t.Set); !slices.Contains(values, v) {
			values = append(values, v)
		}
	}
	slices.SortStableFunc(values, func(x, y any) int {
		a, isNumber := x.(float64)
		b, areNumbers := y.(float64)
		if !isNumber || !areNumbers {
			return 0
		}
		return cmp.Compare(a, b)
	})
	return values
}

// largest returns the two axes with the most values, in the order of the plan.
func largest(axes []journal.Axis) (across, up int) {
	order := make([]int, len(axes))
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(a, b int) int { return len(axes[b].Values) - len(axes[a].Values) })
	two := order[:min(2, len(order))]
	return slices.Min(two), slices.Max(two)
}

// othersText returns the values of a place on all axes but two, for people.
func othersText(axes []journal.Axis, at place, across, up int) string {
	var texts []string
	for i, a := range axes {
		switch {
		case i == across || i == up:
		case a.Ordered():
			texts = append(texts, a.Dimension.Text(settingsAt(axes, at).Get(a.Dimension)))
		default:
			texts = append(texts, fmt.Sprintf("%s %v", a.Dimension, a.Values[at[i]]))
		}
	}
	return strings.Join(texts, ", ")
}

// settingsAt returns the values of a place in dimensions.
func settingsAt(axes []journal.Axis, at place) plans.Settings {
	var s plans.Settings
	for i, a := range axes {
		if number, is := a.Values[at[i]].(float64); is && a.Ordered() {
			s.Put(a.Dimension, a.Dimension.Value(number))
		}
	}
	return s
}

// ValueText returns a value of an axis, for people.
func ValueText(a journal.Axis, value any) string {
	if number, is := value.(float64); is && a.Ordered() {
		return a.Dimension.Short(a.Dimension.Value(number))
	}
	return fmt.Sprint(value)
}
