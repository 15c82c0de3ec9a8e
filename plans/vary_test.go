package plans

import (
	"slices"
	"testing"

	"plan/internal/units"
	"plan/runner/search"
)

// TestGrid: the values of a dimension, their number, and each of them at its cell.
func TestGrid(t *testing.T) {
	mib := int64(units.MiB)
	of := func(values ...int64) []int64 {
		for i := range values {
			values[i] *= mib
		}
		return values
	}
	for name, c := range map[string]struct {
		from, to, step int64
		growth         float64
		want           []int64
	}{
		"even":                         {500, 800, 100, 0, of(500, 600, 700, 800)},
		"even, to is not on it":        {500, 750, 100, 0, of(500, 600, 700, 750)},
		"one value":                    {500, 500, 1, 0.05, of(500)},
		"5 %, rounded up":              {64, 80, 1, 0.05, of(64, 68, 72, 76, 80)},
		"5 % of a hundred is not more": {100, 106, 1, 0.05, of(100, 105, 106)},
		"less than the unit":           {10, 13, 1, 0.05, of(10, 11, 12, 13)},
		"doubled":                      {100, 1000, 1, 1, of(100, 200, 400, 800, 1000)},
	} {
		v := Vary{Dimension: Memory, From: c.from * mib, To: c.to * mib, Step: c.step * mib, Growth: c.growth}
		if got := v.Grid(); !slices.Equal(got, c.want) || v.Size() != len(c.want) {
			t.Errorf("%s: %d values %v, want %v", name, v.Size(), got, c.want)
		}
		s := Stage{Kind: Search, Vary: []Vary{v}}
		for i, want := range c.want {
			cell := search.Cell{i}
			got := s.At(cell)
			if back, on := s.CellAt(got); int64(got.Memory) != want || !on || back != cell {
				t.Errorf("%s: %d is at %v, and %v there", name, want, back, got.Memory)
			}
		}
	}
}
