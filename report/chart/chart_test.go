package chart

import (
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"math"
	"slices"
	"strings"
	"testing"
)

func TestTicksAreRound(t *testing.T) {
	for _, c := range []struct {
		values []float64
		log    bool
		unit   Unit
		want   string
	}{
		{[]float64{0, 4 << 30}, false, Bytes, "[0B 1G 2G 3G 4G]"},
		{[]float64{0, 700 << 20}, false, Bytes, "[0B 256M 512M]"},
		{[]float64{0, 97}, false, Count, "[0 50]"},
		{[]float64{0, 3}, false, Count, "[0 1 2 3]"},
		{[]float64{0, 0.93}, false, Share, "[0 % 50 %]"},
		{[]float64{0, 44}, false, Seconds, "[0s 15s 30s]"},
		{[]float64{0, 400}, false, Seconds, "[0s 2m 4m 6m]"},
		{[]float64{10, 10000}, true, Count, "[10 100 1000 10000]"},
		{[]float64{0.011, 0.8}, true, Seconds, "[30ms 100ms 300ms]"},
		{[]float64{2, 9}, true, Count, "[2 5]"},
		{nil, false, Count, "[0 1]"},
		{nil, true, Count, "[1 2 5 10]"},
		{[]float64{5}, false, Count, "[0 2 4]"},
		{[]float64{0}, false, Count, "[0 1]"},
		{[]float64{-3}, false, Count, "[-4 -3 -2]"},
		{[]float64{math.NaN(), math.Inf(1), 4}, false, Count, "[0 1 2 3 4]"},
	} {
		var texts []string
		for _, v := range newScale(c.values, c.log, 0, 100).ticks(c.unit, 4) {
			texts = append(texts, c.unit.Text(v))
		}
		if got := fmt.Sprint(texts); got != c.want {
			t.Errorf("%v (log %v) of %s: %s, want %s", c.values, c.log, c.unit, got, c.want)
		}
	}
}

func TestScalesMapTheirEnds(t *testing.T) {
	for _, log := range []bool{false, true} {
		s := newScale([]float64{1, 100}, log, 200, 0)
		if s.at(1) != 200 || s.at(100) != 0 || s.at(0) != 200 || s.at(1e9) != 0 {
			t.Errorf("log %v: %v %v", log, s.at(1), s.at(100))
		}
	}
	if middle := newScale([]float64{1, 100}, true, 0, 100).at(10); math.Abs(middle-50) > 1e-9 {
		t.Errorf("10 of 1 to 100 is at %v", middle)
	}
	if top := newScale([]float64{0, 97}, false, 0, 1).rise(Count, 4).max; top != 100 {
		t.Errorf("the top is %v", top)
	}
}

// TestThinningKeepsPeaksAndGaps: of many points, the least and the greatest of
// each column are left, and gaps that are wider than a column.
func TestThinningKeepsPeaksAndGaps(t *testing.T) {
	var points []Point
	for i := range 100_000 {
		p := Point{X: float64(i), Y: 5}
		switch i {
		case 31_415:
			p.Y = 1000
		case 27_182:
			p.Y = -1000
		}
		if i >= 50_000 && i < 52_000 || i%1000 == 7 {
			p.Y = math.NaN()
		}
		points = append(points, p)
	}
	kept := thin(points, newScale([]float64{0, 1e5}, false, 0, 560))
	has := func(y float64) bool { return slices.ContainsFunc(kept, func(p Point) bool { return p.Y == y }) }
	if len(kept) > 4*561/columnWidth+10 || !has(1000) || !has(-1000) || kept[0].X != 0 || kept[len(kept)-1].X != 99_999 {
		t.Errorf("%d points are left, from %v to %v", len(kept), kept[0], kept[len(kept)-1])
	}
	if n := len(runs(kept)); n != 2 {
		t.Errorf("the line has %d parts, want 2", n)
	}
	if !slices.IsSortedFunc(kept, func(a, b Point) int { return int(a.X - b.X) }) {
		t.Error("the points are out of order")
	}
	few := points[:100]
	if len(thin(few, newScale(nil, false, 0, 560))) != 100 {
		t.Error("few points are thinned")
	}
}

func TestRunsAreCutAtGaps(t *testing.T) {
	gap := math.NaN()
	for want, ys := range map[string][]float64{
		"[]": {gap, gap}, "[1]": {1}, "[1 1]": {1, gap, 2}, "[2]": {gap, 1, 2, gap}, "[2 1]": {1, 2, gap, gap, 3},
	} {
		var points []Point
		for i, y := range ys {
			points = append(points, Point{float64(i), y})
		}
		var lengths []int
		for _, run := range runs(points) {
			lengths = append(lengths, len(run))
		}
		if got := fmt.Sprint(lengths); got != want {
			t.Errorf("%v: %s, want %s", ys, got, want)
		}
	}
}

const hostile = "</svg><script>alert(1)</script>\" ' & \x00\x1b[31m \xff"

// samples are charts of every kind: usual ones, empty ones, of one value, and
// with texts that want to be markup.
func samples() map[string]string {
	many := make([]Point, 50_000)
	for i := range many {
		many[i] = Point{float64(i), math.Sin(float64(i) / 500)}
	}
	lines := func(points ...Point) Lines {
		return Lines{Title: "t", Unit: Seconds, Panels: []Panel{{Title: "p", Unit: Bytes, Lines: []Line{{Name: "l", Tone: First, Points: points, Area: true}}}}}
	}
	use := 900.0
	return map[string]string{
		"lines":           lines(Point{0, 1}, Point{1, 3}, Point{2, 2}).SVG(),
		"no lines":        Lines{}.SVG(),
		"a line of none":  lines().SVG(),
		"a point":         lines(Point{3, 3}).SVG(),
		"gaps":            lines(Point{0, 1}, Point{1, math.NaN()}, Point{2, math.Inf(1)}, Point{3, 1}).SVG(),
		"many points":     lines(many...).SVG(),
		"log without any": Lines{Log: true, Panels: []Panel{{Log: true, Lines: []Line{{Points: []Point{{0, 0}, {-1, -1}}}}}}}.SVG(),
		"hostile lines":   Lines{Title: hostile, Description: hostile, Label: hostile, Marks: []Mark{{Name: hostile, At: 1}}, Panels: []Panel{{Title: hostile, Lines: []Line{{Name: hostile, Points: []Point{{1, 1}, {2, 2}}}}, Rules: []Rule{{Name: hostile, At: 1}}}}}.SVG(),
		"staircase":       Staircase{Unit: Bytes, Steps: []Step{{Name: "1", At: 1000, Used: &use, Tone: Passed}, {Name: "2", At: 500, Tone: Failed, Label: "OOM"}, {Name: "3", At: 700, Tone: Open}}, Bands: []Band{{From: 100, To: 400, Tone: Failed, Name: "inferred"}}, Rules: []Rule{{Name: "least", At: 1000, Tone: First}}}.SVG(),
		"no steps":        Staircase{}.SVG(),
		"one step":        Staircase{Steps: []Step{{At: 0}}}.SVG(),
		"hostile steps":   Staircase{Title: hostile, Description: hostile, Steps: []Step{{Name: hostile, Label: hostile, Note: hostile, At: 3}}, Bands: []Band{{0, 2, Failed, hostile}}, Rules: []Rule{{hostile, 1, First}}}.SVG(),
		"grid":            Grid{Across: Values{"memory", []string{"1", "2"}}, Up: Values{"CPU", []string{"1", "2"}}, Cells: []Cell{{Tone: Passed, Tried: true, Outlined: true, Name: "answer"}, {Across: 1, Tone: Failed}, {Up: 1, Tone: Passed}}, Heights: [][]float64{{1, 2}, {2, 3}}, Level: 2}.SVG(),
		"no cells":        Grid{}.SVG(),
		"large grid":      Grid{Across: Values{"memory", make([]string, 100)}, Up: Values{"CPU", make([]string, 100)}, Cells: many100()}.SVG(),
		"hostile cells":   Grid{Title: hostile, Description: hostile, Slope: hostile, Across: Values{hostile, []string{hostile}}, Up: Values{hostile, []string{hostile}}, Cells: []Cell{{Tone: Failed, Tried: true, Name: hostile, Note: hostile}}, Heights: [][]float64{{1}}, Level: 1}.SVG(),
		"histogram":       Histogram{Unit: Seconds, Bars: []Bar{{0, 0.001, 7}, {0.001, 0.002, 90}, {0.1, 0.2, 1}}, Marks: []Mark{{"p50", 0.0015, First}}}.SVG(),
		"no bars":         Histogram{}.SVG(),
		"one bar":         Histogram{Bars: []Bar{{0.5, 0.5, 3}}}.SVG(),
		"hostile bars":    Histogram{Title: hostile, Description: hostile, Label: hostile, Bars: []Bar{{1, 2, 3}}, Marks: []Mark{{hostile, 1, First}}}.SVG(),
	}
}

// many100 are cells of a grid of 100 by 100 of which half are inferred.
func many100() []Cell {
	var cells []Cell
	for i := range 100 {
		for j := range 100 - i {
			cells = append(cells, Cell{Across: i, Up: j, Tone: Failed})
		}
	}
	return cells
}

// TestContours: a line goes through the values between cells, from its upper left end on.
func TestContours(t *testing.T) {
	sums := make([][]float64, 4) // of 1 to 4 and 10, 20, 30
	for i := range sums {
		for j := range 3 {
			sums[i] = append(sums[i], float64(i+1)+10*float64(j+1))
		}
	}
	for level, want := range map[float64]string{
		13:   "[{0 0.2} {1 0.1} {2 0}]",
		13.5: "[{0 0.25} {1 0.15} {2 0.05} {2.5 0}]",
		23:   "[{0 1.2} {1 1.1} {2 1} {3 0.9}]",
		33.5: "[{2.5 2} {3 1.95}]",
		10:   "[]", 11: "[]", 40: "[]",
	} {
		points := contour(sums, level)
		for i := range points {
			points[i] = Point{math.Round(points[i].X*1e6) / 1e6, math.Round(points[i].Y*1e6) / 1e6}
		}
		if got := fmt.Sprint(points); got != want {
			t.Errorf("%v: %s, want %s", level, got, want)
		}
	}
}

// TestChartsAreWellFormed: every chart is XML of SVG elements alone, needs no
// style, script or request, has a title and a description, and stays inside its
// frame.
func TestChartsAreWellFormed(t *testing.T) {
	allowed := []string{"svg", "title", "desc", "g", "rect", "line", "text", "polyline", "polygon", "circle", "path"}
	for name, text := range samples() {
		decoder, seen := xml.NewDecoder(strings.NewReader(text)), map[string]int{}
		for {
			token, err := decoder.Token()
			if errors.Is(err, io.EOF) {
				break
			}
			if err != nil {
				t.Fatalf("%s: %v\n%s", name, err, text)
			}
			element, is := token.(xml.StartElement)
			if !is {
				continue
			}
			seen[element.Name.Local]++
			if !slices.Contains(allowed, element.Name.Local) {
				t.Errorf("%s: it has an element %s", name, element.Name.Local)
			}
			for _, a := range element.Attr {
				if a.Name.Local == "style" || a.Name.Local == "href" || strings.HasPrefix(a.Name.Local, "on") || strings.Contains(a.Value, "url(") {
					t.Errorf("%s: %s has an attribute %s=%q", name, element.Name.Local, a.Name.Local, a.Value)
				}
			}
		}
		if seen["svg"] != 1 || seen["title"] < 1 || seen["desc"] != 1 {
			t.Errorf("%s: %v", name, seen)
		}
		for _, bad := range []string{"NaN", "Inf", "\x00", "\x1b", "<script"} {
			if strings.Contains(text, bad) {
				t.Errorf("%s: it has %q", name, bad)
			}
		}
		if len(text) > 60_000 {
			t.Errorf("%s: it has %d bytes", name, len(text))
		}
	}
}

// TestMarksHaveShapes: what passed, failed and shows neither differs by more
// than its colour.
func TestMarksHaveShapes(t *testing.T) {
	shapes := map[string]Tone{}
	for _, tone := range []Tone{Passed, Failed, Open} {
		var p pen
		p.mark(tone, 10, 10, "")
		shape := strings.NewReplacer(tone.color(), "", string(tone), "").Replace(p.String())
		if other, is := shapes[shape]; is {
			t.Errorf("%s looks as %s", tone, other)
		}
		shapes[shape] = tone
	}
	dashes := map[string]bool{}
	for _, tone := range []Tone{First, Second, Third, Fourth, Fifth} {
		if dashes[tone.dash()] {
			t.Errorf("the dash of %s is another one's", tone)
		}
		dashes[tone.dash()] = true
	}
}

func TestBarsAreAddedUp(t *testing.T) {
	var bars []Bar
	for i := 1; i <= 5000; i++ {
		bars = append(bars, Bar{float64(i), float64(i), 2})
	}
	var total int64
	for _, n := range binned(bars, newScale([]float64{1, 5000}, true, left, right)) {
		total += n
	}
	if total != 10_000 {
		t.Errorf("%d values are in the columns, want 10000", total)
	}
}

// TestRulesAreInTheChart: a limit that no value reaches is drawn all the same.
func TestRulesAreInTheChart(t *testing.T) {
	c := Lines{Panels: []Panel{{Unit: Bytes, Lines: []Line{{Points: []Point{{0, 1 << 20}, {1, 2 << 20}}}}, Rules: []Rule{{"limit", 1 << 30, Bound}}}}}
	if text := c.SVG(); !strings.Contains(text, "limit 1G") {
		t.Errorf("the limit is missing:\n%s", text)
	}
}

// TestColoursHaveContrast: each colour of a text or a line has a contrast of 4.5 on
// white, as WCAG 2.2 AA wants of text.
func TestColoursHaveContrast(t *testing.T) {
	colors := []string{ink, grey}
	for _, tone := range []Tone{First, Second, Third, Fourth, Fifth, Quiet, Passed, Failed, Open, Bound} {
		colors = append(colors, tone.color())
	}
	for _, color := range colors {
		var r, g, b uint8
		if _, err := fmt.Sscanf(color, "#%02x%02x%02x", &r, &g, &b); err != nil {
			t.Fatal(color, err)
		}
		linear := func(c uint8) float64 { return math.Pow((float64(c)/255+0.055)/1.055, 2.4) }
		if contrast := 1.05 / (0.2126*linear(r) + 0.7152*linear(g) + 0.0722*linear(b) + 0.05); contrast < 4.5 {
			t.Errorf("%s has a contrast of %.2f", color, contrast)
		}
	}
}
