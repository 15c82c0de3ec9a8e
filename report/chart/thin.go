package chart

import "math"

// Point is a value at a place of the horizontal axis. A Y that is not a number
// interrupts the line.
type Point struct{ X, Y float64 }

// gap reports whether the line is interrupted there.
func (p Point) gap() bool { return !finite(p.X) || !finite(p.Y) }

// thin keeps, of points that rise in X, the first, the lowest, the highest and
// the last of each column of pixels, and every gap between columns, so that no
// peak is lost.
func thin(points []Point, s scale) []Point {
	columns := math.Abs(s.to - s.from)
	if float64(len(points)) <= 2*columns {
		return points
	}
	var kept []Point
	for begin := 0; begin < len(points); {
		end, low, high := begin, begin, begin
		column := math.Floor(s.at(points[begin].X))
		for end+1 < len(points) && points[end+1].gap() == points[begin].gap() && (points[begin].gap() || math.Floor(s.at(points[end+1].X)) == column) {
			end++
			if points[end].Y < points[low].Y {
				low = end
			}
			if points[end].Y > points[high].Y {
				high = end
			}
		}
		last := -1
		for _, i := range []int{begin, min(low, high), max(low, high), end} {
			if i != last {
				kept = append(kept, points[i])
			}
			last = i
		}
		begin = end + 1
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
