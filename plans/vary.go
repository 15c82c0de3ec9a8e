package plans

import (
	"math"
	"slices"
	"sync"
	"time"

	"plan/internal/units"
	"plan/runner/search"
)

// Vary is one of what a search varies: a dimension with its values From, From+Step,
// ... and, as a ceiling, To itself; or a setting, which has no order, with its Values.
type Vary struct {
	Dimension      Dimension // of a setting its name
	From, To, Step int64
	Growth         float64 // above 0: each value is this share above the one below, rounded up to Step
	Values         []any   // texts, float64 or bool; nil: a dimension
}

// Setting reports whether it is not a dimension.
func (v Vary) Setting() bool { return !slices.Contains(axes, v.Dimension) }

// Point is a combination of what a search varies.
type Point struct {
	Settings
	Values map[string]any // of settings, by their names; nil: there are none
}

// Grid lists the values that may be tried, rising.
func (v Vary) Grid() []int64 {
	var grid []int64
	for x := v.From; x < v.To && v.Step > 0; x = v.above(x) {
		grid = append(grid, x)
	}
	return append(grid, v.To)
}

// above is the value above another one, without the ceiling.
func (v Vary) above(x int64) int64 {
	steps := int64(math.Ceil(float64(x) * v.Growth / float64(v.Step)))
	return x + max(1, steps)*v.Step
}

// value is the value of the grid at an index.
func (v Vary) value(i int) int64 {
	if v.Growth == 0 {
		return min(v.To, v.From+int64(i)*v.Step)
	}
	x := v.From
	for range i {
		x = v.above(x)
	}
	return min(v.To, x)
}

// Numbers are the values as JSON has them: bytes, CPUs, a count.
func (v Vary) Numbers() []float64 {
	var numbers []float64
	for _, value := range v.Grid() {
		numbers = append(numbers, v.Dimension.Number(value))
	}
	return numbers
}

// Size is the number of values; 0 where it is not known.
func (v Vary) Size() int {
	if v.Setting() {
		return len(v.Values)
	}
	if v.Step <= 0 || v.To < v.From || v.From <= 0 {
		return 0
	}
	if v.Growth > 0 {
		return len(v.Grid())
	}
	steps := (v.To - v.From) / v.Step
	if (v.To-v.From)%v.Step != 0 {
		steps++
	}
	return int(steps) + 1
}

// Price is what an hour costs of one CPU, one GiB of memory and one replica.
type Price struct {
	CPUs     float64 `json:"cpus"`
	Memory   float64 `json:"memory"`
	Replicas float64 `json:"replicas"`
}

// Hour is what an hour of all replicas costs.
func (p Price) Hour(s Settings) float64 {
	each := p.CPUs*s.CPUs.Float() + p.Memory*float64(s.Memory)/float64(units.GiB) + p.Replicas
	return each * float64(s.Containers())
}

// ByPrice is the preference for what costs least.
const ByPrice = "price"

// Budget is the most that a search may take; 0: no bound.
type Budget struct {
	Trials int
	Time   time.Duration
}

// axes are the dimensions of the axes of a grid, and the order in which a
// preference between equal cells falls.
var axes, ties = []Dimension{Memory, CPUs, Replicas}, []int{2, 0, 1, search.Setting}

// Varied returns how a search varies a dimension; false where it does not.
func (s Stage) Varied(d Dimension) (Vary, bool) {
	i := slices.IndexFunc(s.Vary, func(v Vary) bool { return v.Dimension == d })
	if i < 0 {
		return Vary{}, false
	}
	return s.Vary[i], true
}

// Cells returns the grid of a search. Its cells are in the order of the preference of
// the stage: what is preferred, then fewer replicas, less memory, less CPU.
func (s Stage) Cells() search.Grid {
	g := search.Grid{Sizes: search.Cell{1, 1, 1, 1}}
	for axis, d := range axes {
		if v, is := s.Varied(d); is {
			g.Sizes[axis] = v.Size()
		}
	}
	for _, v := range s.settings() {
		g.Sizes[search.Setting] *= v.Size()
	}
	cost := s.costs(g.Sizes)
	g.Before = func(a, b search.Cell) bool {
		if x, y := cost(a), cost(b); x != y {
			return x < y
		}
		for _, axis := range ties {
			if a[axis] != b[axis] {
				return a[axis] < b[axis]
			}
		}
		return false
	}
	return g
}

// costs returns the cost of a cell, which it calculates once: a search compares cells
// some 100,000 times.
func (s Stage) costs(sizes search.Cell) func(search.Cell) float64 {
	if s.Prefer == "" {
		return func(search.Cell) float64 { return 0 }
	}
	index := func(c search.Cell) (i int) {
		for axis, size := range sizes {
			i = i*size + c[axis]
		}
		return i
	}
	all := sync.OnceValue(func() []float64 {
		count := 1
		for _, size := range sizes {
			count *= size
		}
		costs := make([]float64, count)
		for i := range costs {
			var c search.Cell
			for axis, rest := len(sizes)-1, i; axis >= 0; axis-- {
				c[axis], rest = rest%sizes[axis], rest/sizes[axis]
			}
			costs[i] = s.cost(c)
		}
		return costs
	})
	return func(c search.Cell) float64 { return all()[index(c)] }
}

// cost is what the preference counts, at a cell.
func (s Stage) cost(c search.Cell) float64 { return Preferred(s.Prefer, s.Price, s.LimitsAt(c)) }

// Preferred is what a preference counts: the price, which is nil where it is another one,
// or an amount of all replicas together. The least is preferred.
func Preferred(prefer string, price *Price, limits Settings) float64 {
	switch d := Dimension(prefer); {
	case prefer == ByPrice:
		return price.Hour(limits)
	case d.OfContainer():
		return float64(limits.Get(d)) * float64(limits.Containers())
	default:
		return float64(limits.Get(d))
	}
}

// settings are those that the search varies.
func (s Stage) settings() []Vary {
	return slices.DeleteFunc(slices.Clone(s.Vary), func(v Vary) bool { return !v.Setting() })
}

// At returns what the search varies, at a cell.
func (s Stage) At(c search.Cell) Point {
	var at Point
	for rest, i := c[search.Setting], len(s.settings())-1; i >= 0; i-- { // the last one changes first
		v := s.settings()[i]
		if at.Values == nil {
			at.Values = map[string]any{}
		}
		if v.Size() > 0 {
			at.Values[string(v.Dimension)] = v.Values[rest%v.Size()]
			rest /= v.Size()
		}
	}
	for axis, d := range axes {
		if v, is := s.Varied(d); is {
			at.Put(d, v.value(c[axis]))
		}
	}
	return at
}

// LimitsAt returns the limits of a trial at a cell.
func (s Stage) LimitsAt(c search.Cell) Settings { return s.At(c).Over(s.Limits()) }

// setting returns the index of values of settings among their combinations; -1 where
// one of them is not varied.
func (s Stage) setting(values map[string]any) int {
	index := 0
	for _, v := range s.settings() {
		i := slices.Index(v.Values, values[string(v.Dimension)])
		if i < 0 {
			return -1
		}
		index = index*v.Size() + i
	}
	return index
}

// CellAt returns the cell of the values that a search varies; false where they are
// not on the grid.
func (s Stage) CellAt(at Point) (search.Cell, bool) {
	var c search.Cell
	if c[search.Setting] = s.setting(at.Values); c[search.Setting] < 0 {
		return c, false
	}
	for axis, d := range axes {
		v, is := s.Varied(d)
		if !is {
			continue
		}
		i := slices.Index(v.Grid(), at.Get(d))
		if i < 0 {
			return c, false
		}
		c[axis] = i
	}
	return c, true
}

// Above returns the cell of the least values of the grid that reach others, and false
// where one of them is above the most.
func (s Stage) Above(at Point) (c search.Cell, within bool) {
	within = true
	c[search.Setting] = max(0, s.setting(at.Values))
	for axis, d := range axes {
		if v, is := s.Varied(d); is {
			grid := v.Grid()
			c[axis], _ = slices.BinarySearch(grid, at.Get(d))
			within = within && c[axis] < len(grid)
			c[axis] = min(c[axis], len(grid)-1)
		}
	}
	return c, within
}

// Axis returns the axis of a dimension on grids.
func (d Dimension) Axis() int { return slices.Index(axes, d) }

// Only returns the dimension of a search that varies one; "" where it varies more, or
// a setting.
func (s Stage) Only() Dimension {
	if len(s.Vary) != 1 || s.Vary[0].Setting() {
		return ""
	}
	return s.Vary[0].Dimension
}

// MostLimits returns the limits of the largest trial of a stage.
func (s Stage) MostLimits() Settings {
	var most Settings
	for _, v := range s.Vary {
		if !v.Setting() {
			most.Put(v.Dimension, v.To)
		}
	}
	return most.Over(s.Limits())
}
