package chart

import (
	"math"
	"slices"
)

// Point is a value at a place of the horizontal axis. A Y that is not a number
// interrupts the line.
type Point struct{ X, Y float64 }

// gap reports whether the line is interrupted there.
func (p Point) gap() bool { return !finite(p.X) || !finite(p.Y) }

// columnWidth is the width of a column of a line with many points, in pixels.
const columnWidth = 8

// thin keeps, of points that rise in X, the first, the lowest, the highest and
// the last of each column, so that no peak is lost. A column without a value
// interrupts the line. Few points are kept as they are.
func thin(points []Point, s scale) []Point {
	columns := math.Abs(s.to-s.from) / columnWidth
	if float64(len(points)) <= 4*columns {
		return points
	}
	column := func(p Point) float64 { return math.Floor(s.at(p.X) / columnWidth) }
	var kept []Point
	for begin, end := 0, 0; begin < len(points); begin = end {
		first, last, low, high := -1, -1, -1, -1
		for end = begin; end < len(points) && (end == begin || column(points[end]) == column(points[begin])); end++ {
			switch y := points[end].Y; {
			case points[end].gap():
				continue
			case first < 0:
				first, low, high = end, end, end
			case y < points[low].Y:
				low = end
			case y > points[high].Y:
				high = end
			}
			last = end
		}
		if first < 0 {
			kept = append(kept, points[begin])
			continue
		}
		for _, i := range slices.Compact([]int{first, min(low, high), max(low, high), last}) {
			kept = append(kept, points[i])
		}
	}
	return kept
}

// runs cuts points at their gaps.
func runs(points []Point) [][]Point {
	var all [][]Point
	open := false
	for _, p := range points {
		switch {
		case p.gap():
			open = false
		case open:
			all[len(all)-1] = append(all[len(all)-1], p)
		default:
			all, open = append(all, []Point{p}), true
		}
	}
	return all
}
