package chart

import (
	"fmt"
	"math"
	"slices"
	"strings"
)

// Cell is a combination of the values of two axes, by their indexes.
type Cell struct {
	Across, Up int
	Tone       Tone   // Passed, Failed or Open
	Tried      bool   // if not, its tone is inferred
	Outlined   bool   // it passed, and none below it did
	Name       string // beside its mark, such as of the answer; may be empty
	Note       string // for a pointer: all in a sentence
}

// Values are those of an axis without a scale.
type Values struct {
	Label string
	Names []string
}

// Grid is a chart of what is known of combinations, with lines of equal height.
type Grid struct {
	Title, Description string
	Across, Up         Values
	Cells              []Cell      // those about which something is known, in any order
	Heights            [][]float64 // of each combination, by Across and Up, rising in both; nil: no lines
	Unit               Unit        // of heights
	Slope              string      // what the lines are
	Level              float64     // a line besides the round ones, that of the answer; 0: none
}

const (
	gridTop    = 62.0
	leastRow   = 7.0 // height of a row
	mostRow    = 30.0
	gridHeight = 300.0
	apart      = 10.0 // least distance of small marks, and of lines
)

// SVG draws the chart: a mark for each combination that was tried, bands with small
// marks for what was inferred, nothing for what is not known.
func (c Grid) SVG() string {
	columns, rows := max(len(c.Across.Names), 1), max(len(c.Up.Names), 1)
	column, row := (right-left)/float64(columns), min(max(gridHeight/float64(rows), leastRow), mostRow)
	bottom := gridTop + row*float64(rows)
	x := func(across float64) float64 { return left + column*(across+0.5) }
	y := func(up float64) float64 { return bottom - row*(up+0.5) }
	var p pen
	p.gridKey(c)
	p.text(4, gridTop-7, "start", "tick", grey, c.Up.Label)
	everyColumn, everyRow := int(apart/column)+1, int(apart/row)+1
	for i := 0; i <= columns; i += everyColumn {
		at := left + column*float64(i)
		p.line(at, gridTop, at, bottom, "grid", grid, "", "1")
	}
	for j := 0; j <= rows; j += everyRow {
		at := bottom - row*float64(j)
		p.line(left, at, right, at, "grid", grid, "", "1")
	}
	p.inferred(c.Cells, x, y, column, row, everyColumn, everyRow)
	p.line(left, bottom, right, bottom, "frame", grey, "", "1")
	p.slopes(c, x, y)
	for _, cell := range c.Cells {
		at, up := x(float64(cell.Across)), y(float64(cell.Up))
		if cell.Outlined {
			p.outline(at, up)
		}
		if cell.Tried {
			p.mark(cell.Tone, at, up, cell.Note)
		}
	}
	for _, cell := range c.Cells { // above the marks, so that it can be read
		half := float64(len([]rune(cell.Name))) * bold / 2
		at := min(max(x(float64(cell.Across)), left+half), right-half)
		up := y(float64(cell.Up)) - 13
		if up < gridTop+fontSize {
			up += 13 + 9 + fontSize
		}
		p.text(at, up, "middle", "name halo first", First.color(), cell.Name)
	}
	wide := 0
	for _, name := range c.Across.Names {
		wide = max(wide, len([]rune(name)))
	}
	for i, name := range c.Across.Names {
		if every := int(float64(wide+1)*letter/column) + 1; i%every == 0 {
			p.text(x(float64(i)), bottom+15, "middle", "tick", grey, name)
		}
	}
	for j, name := range c.Up.Names {
		if every := int((fontSize+1)/row) + 1; j%every == 0 {
			p.text(left-6, y(float64(j))+4, "end", "tick", grey, name)
		}
	}
	p.text((left+right)/2, bottom+31, "middle", "tick", grey, c.Across.Label)
	return picture(c.Title, c.Description, bottom+axisFoot, p.String())
}

// outline draws a square around a mark.
func (p *pen) outline(x, y float64) {
	p.tag("rect", "", "x", coordinate(x-9), "y", coordinate(y-9), "width", "18", "height", "18",
		"class", "line first", "fill", "none", "stroke", First.color(), "stroke-width", "2")
}

// gridKey explains the marks.
func (p *pen) gridKey(c Grid) {
	x := p.key()
	for _, tone := range []Tone{Passed, Failed} {
		p.rect(x, 22, 14, 14, "area "+string(tone), tone.color(), "0.12", "")
		p.small(tone, []Point{{x + 7, 29}})
		x += 17
	}
	p.text(x+2, 33, "start", "tick", grey, "inferred")
	if slices.ContainsFunc(c.Cells, func(c Cell) bool { return c.Outlined }) {
		x += 28 + 8*letter
		p.outline(x, 29)
		p.text(x+14, 33, "start", "tick", grey, "frontier")
	}
}

// inferred draws bands of cells that were not tried, with small marks that keep clear of
// one another.
func (p *pen) inferred(cells []Cell, x, y func(float64) float64, column, row float64, everyColumn, everyRow int) {
	for _, tone := range []Tone{Passed, Failed} {
		var of []Cell
		for _, c := range cells {
			if !c.Tried && c.Tone == tone {
				of = append(of, c)
			}
		}
		slices.SortFunc(of, func(a, b Cell) int {
			if a.Up != b.Up {
				return a.Up - b.Up
			}
			return a.Across - b.Across
		})
		var marks []Point
		for first := 0; first < len(of); {
			end := first + 1
			for end < len(of) && of[end].Up == of[first].Up && of[end].Across == of[end-1].Across+1 {
				end++
			}
			up := y(float64(of[first].Up)) - row/2
			p.rect(x(float64(of[first].Across))-column/2, up, column*float64(end-first), row,
				"area "+string(tone), tone.color(), "0.12", "inferred: "+string(tone))
			for _, c := range of[first:end] {
				if c.Across%everyColumn == 0 && c.Up%everyRow == 0 {
					marks = append(marks, Point{x(float64(c.Across)), y(float64(c.Up))})
				}
			}
			first = end
		}
		p.small(tone, marks)
	}
}

// small draws small marks, dots or crosses, in one path.
func (p *pen) small(t Tone, at []Point) {
	var path strings.Builder
	for _, m := range at {
		if t == Failed {
			fmt.Fprintf(&path, "M%s %sl4 4m0-4l-4 4", coordinate(m.X-2), coordinate(m.Y-2))
		} else {
			fmt.Fprintf(&path, "M%s %sh3", coordinate(m.X-1.5), coordinate(m.Y))
		}
	}
	if len(at) > 0 {
		thick := map[bool]string{true: "1", false: "3"}[t == Failed]
		p.tag("path", "", "d", path.String(), "class", "line "+string(t), "stroke", t.color(),
			"stroke-width", thick, "fill", "none")
	}
}

// slopes draws lines of equal height, each with its height at its upper end.
func (p *pen) slopes(c Grid, x, y func(float64) float64) {
	if c.Heights == nil {
		return
	}
	var heights []float64
	for _, column := range c.Heights {
		heights = append(heights, column...)
	}
	levels := newScale(heights, false, 0, 1).ticks(c.Unit, 5)
	if c.Level > 0 {
		levels = append(slices.DeleteFunc(levels, func(v float64) bool { return math.Abs(v-c.Level) < c.Level/20 }), c.Level)
	}
	drawn := false
	for _, level := range levels {
		points := contour(c.Heights, level)
		if len(points) < 2 {
			continue
		}
		tone, thick := Quiet, "1"
		if level == c.Level {
			tone, thick = Second, "2"
		}
		at := make([]string, len(points))
		for i, point := range points {
			at[i] = coordinate(x(point.X)) + "," + coordinate(y(point.Y))
		}
		p.tag("polyline", c.Slope+": "+c.Unit.Text(level), "points", strings.Join(at, " "), "class",
			"line "+string(tone), "fill", "none", "stroke", tone.color(), "stroke-width", thick,
			"stroke-dasharray", Second.dash())
		p.text(x(points[0].X)+3, y(points[0].Y)-3, "start", "halo "+string(tone), tone.color(),
			c.Unit.Text(level))
		drawn = true
	}
	if drawn {
		p.text(right, gridTop-7, "end", "tick", grey, "– – "+c.Slope)
	}
}

// contour returns the line on which heights that rise along both axes have a value, by
// indexes, from its upper left to its lower right end.
func contour(heights [][]float64, level float64) []Point {
	var line []Point
	cross := func(a, b float64) (share float64, is bool) {
		return (level - a) / (b - a), a < level && level <= b
	}
	for i, column := range heights {
		for j := range column {
			if j+1 < len(column) {
				if share, is := cross(column[j], column[j+1]); is {
					line = append(line, Point{float64(i), float64(j) + share})
				}
			}
			if i+1 < len(heights) {
				if share, is := cross(column[j], heights[i+1][j]); is {
					line = append(line, Point{float64(i) + share, float64(j)})
				}
			}
		}
	}
	slices.SortFunc(line, func(a, b Point) int {
		if math.Abs(a.X-b.X) > 1e-9 {
			return int(math.Copysign(1, a.X-b.X))
		}
		return int(math.Copysign(1, b.Y-a.Y))
	})
	return slices.CompactFunc(line, func(a, b Point) bool { return math.Abs(a.X-b.X) < 1e-9 && math.Abs(a.Y-b.Y) < 1e-9 })
}
