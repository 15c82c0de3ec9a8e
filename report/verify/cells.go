package verify

import (
	"fmt"
	"math"
	"reflect"
	"slices"
	"strings"
)

// axis is a dimension of a search with its values, in rising order; a setting has
// texts, numbers or booleans without an order.
type axis struct {
	Dimension string
	Values    []any
}

// axes are what a search varies.
type axes []axis

// price is what an hour costs of one CPU, one GiB of memory and one replica.
type price struct{ CPUs, Memory, Replicas float64 }

// axes returns the axes of a search of one dimension or of several.
func (s *stage) axes() axes {
	if len(s.Axes) > 0 {
		return s.Axes
	}
	one := axis{Dimension: s.Dimension}
	for _, value := range s.Grid {
		one.Values = append(one.Values, value)
	}
	return axes{one}
}

// ordered reports whether more of a dimension never hurts.
func (a axis) ordered() bool {
	return slices.Contains([]string{"memory", "cpus", "replicas"}, a.Dimension)
}

// of returns what settings have on the axis; nil where they have nothing.
func (a axis) of(set *settings) any {
	switch {
	case set == nil:
	case a.Dimension == "memory" && set.Memory != nil:
		return float64(*set.Memory)
	case a.Dimension == "cpus" && set.CPUs != nil:
		return *set.CPUs
	case a.Dimension == "replicas" && set.Replicas != nil:
		return float64(*set.Replicas)
	case !a.ordered():
		return set.Vary[a.Dimension]
	}
	return nil
}

// index returns the place of a value; -1 where the axis does not have it.
func (a axis) index(value any) int {
	number, is := value.(float64)
	return slices.IndexFunc(a.Values, func(v any) bool {
		if other, also := v.(float64); is && also {
			return equal(other, number)
		}
		return reflect.DeepEqual(v, value) // a forger may have written lists
	})
}

// cell is a combination of values: an index on each axis.
type cell []int

// cellOf returns the cell of settings; false where they are not on the grid.
func (all axes) cellOf(set *settings) (c cell, is bool) {
	for _, a := range all {
		i := a.index(a.of(set))
		if i < 0 {
			return nil, false
		}
		c = append(c, i)
	}
	return c, true
}

// vector returns a cell for covers: a setting stands in it twice, since it has to be
// the same.
func (all axes) vector(c cell) []float64 {
	var v []float64
	for i, a := range all {
		if v = append(v, float64(c[i])); !a.ordered() {
			v = append(v, -float64(c[i]))
		}
	}
	return v
}

// at reports whether settings are those of an answer, in all that the search varies.
func (all axes) at(set, answer *settings) bool {
	c, is := all.cellOf(set)
	d, also := all.cellOf(answer)
	return is && also && slices.Equal(c, d)
}

// noMore reports whether a cell has no more of any dimension than another one, whatever
// the settings.
func (all axes) noMore(a, b cell) bool {
	for i, axis := range all {
		if axis.ordered() && a[i] > b[i] {
			return false
		}
	}
	return true
}

// tops returns the cells with the most of every dimension, one for each combination of settings.
func (all axes) tops() []cell {
	list := []cell{nil}
	for _, a := range all {
		if len(a.Values) == 0 {
			return nil
		}
		from := 0
		if a.ordered() {
			from = len(a.Values) - 1
		}
		var longer []cell
		for _, c := range list {
			for i := from; i < len(a.Values); i++ {
				longer = append(longer, append(slices.Clone(c), i))
			}
		}
		list = longer
	}
	return list
}

// text returns the values of a cell.
func (all axes) text(c cell) string {
	var texts []string
	for i, a := range all {
		texts = append(texts, fmt.Sprintf("%s %v", a.Dimension, a.Values[c[i]]))
	}
	return strings.Join(texts, ", ")
}

// cheaper returns the cells that are preferred to an answer: they cost less, or as
// much with fewer replicas, less memory, less CPU, an earlier setting. What is not
// searched is as in the trial that passed.
func (s *stage) cheaper(answer cell, pass *trial) []cell {
	var all []cell
	axes := s.axes()
	c := make(cell, len(axes))
	for {
		if s.before(c, answer, pass) {
			all = append(all, slices.Clone(c))
		}
		i := 0
		for ; i < len(c) && c[i] == len(axes[i].Values)-1; i++ {
			c[i] = 0
		}
		if i == len(c) {
			return all
		}
		c[i]++
	}
}

func (s *stage) before(a, b cell, pass *trial) bool {
	if x, y := s.cost(a, pass), s.cost(b, pass); x != y {
		return x < y
	}
	axes := s.axes()
	for _, d := range []string{"replicas", "memory", "cpus"} {
		if i := slices.IndexFunc(axes, func(x axis) bool { return x.Dimension == d }); i >= 0 && a[i] != b[i] {
			return a[i] < b[i]
		}
	}
	for i, x := range axes {
		if !x.ordered() && a[i] != b[i] {
			return a[i] < b[i]
		}
	}
	return false
}

// cost is what the preference counts: the price of an hour, or an amount of all
// replicas together.
func (s *stage) cost(c cell, pass *trial) float64 {
	amount := func(d string) float64 {
		for i, a := range s.axes() {
			if a.Dimension == d {
				value, _ := a.Values[c[i]].(float64)
				return value
			}
		}
		value, _ := axis{Dimension: d}.of(&pass.Set).(float64)
		return value
	}
	memory, cpus, replicas := amount("memory"), amount("cpus"), max(1, amount("replicas"))
	const gib = 1 << 30
	switch s.Prefer {
	case "price":
		if s.Price == nil {
			return 0
		}
		return (s.Price.CPUs*cpus + s.Price.Memory*memory/gib + s.Price.Replicas) * replicas
	case "memory":
		return memory * replicas
	case "cpus": // whole thousandths, as limits are: 3 × 0.3 CPU cost as much as 0.9
		return math.Round(cpus*1000) * replicas
	case "replicas":
		return amount("replicas")
	}
	return 0
}
