package chart

import (
	"fmt"
	"math"
	"strings"
)

// Line is one series.
type Line struct {
	Name   string
	Tone   Tone
	Points []Point // rising in X
	Dots   bool    // a dot at each point
	Area   bool    // filled down to the axis
}

// Panel is one plot of a chart.
type Panel struct {
	Title string
	Unit  Unit
	Lines []Line
	Rules []Rule
	Log   bool
}

// Mark is a moment or a place of the horizontal axis, drawn through all panels.
type Mark struct {
	Name string
	At   float64
	Tone Tone
}

// Lines is a chart of panels above one another, which share the horizontal
// axis.
type Lines struct {
	Title, Description string
	Unit               Unit // of the horizontal axis
	Label              string
	Log                bool
	Panels             []Panel
	Marks              []Mark
}

const (
	panelHeight = 96.0
	panelHead   = 24.0 // its title and legend
	markHead    = 15.0 // names of marks
	axisFoot    = 38.0
)

// Empty reports whether there is no value to draw.
func (c Lines) Empty() bool {
	for _, p := range c.Panels {
		if !p.empty() {
			return false
		}
	}
	return true
}

func (p Panel) empty() bool {
	for _, l := range p.Lines {
		if len(runs(l.Points)) > 0 {
			return false
		}
	}
	return true
}

// SVG draws the chart. Panels without a value are left out.
func (c Lines) SVG() string {
	var panels []Panel
	var xs []float64
	for _, p := range c.Panels {
		if p.empty() {
			continue
		}
		panels = append(panels, p)
		for _, l := range p.Lines {
			for _, point := range l.Points {
				if !point.gap() {
					xs = append(xs, point.X)
				}
			}
		}
	}
	for _, m := range c.Marks {
		xs = append(xs, m.At)
	}
	if !c.Log {
		xs = append(xs, 0)
	}
	x := newScale(xs, c.Log, left, right)
	var p pen
	head := 24.0 + p.names(c.Marks, x, 24+markHead-3)
	top := head
	for _, panel := range panels {
		p.panel(panel, x, c.Unit, top+panelHead, top+panelHead+panelHeight)
		top += panelHead + panelHeight + 8
	}
	bottom := top - 8
	for _, m := range c.Marks {
		p.line(x.at(m.At), head, x.at(m.At), bottom, "line "+string(m.Tone), m.Tone.color(), "3 3", "1")
	}
	for i, panel := range panels { // above the marks, so that their names can be read
		at := head + float64(i)*(panelHead+panelHeight+8)
		p.legend(panel, at+panelHead-8)
	}
	p.axis(x, c.Unit, c.Label, bottom, bottom, 8)
	return picture(c.Title, c.Description, bottom+axisFoot, p.String())
}

// names writes the names of marks above the panels, in as many rows as keep
// them clear of one another, and returns how much room they take.
func (p *pen) names(marks []Mark, x scale, y float64) float64 {
	var ends []float64
	for _, m := range marks {
		half := float64(len([]rune(m.Name))) * letter / 2
		at := min(max(x.at(m.At), left+half), right-half)
		row := 0
		for row < len(ends) && ends[row] > at-half-4 {
			row++
		}
		if row == len(ends) {
			ends = append(ends, 0)
		}
		ends[row] = at + half
		p.text(at, y+float64(row)*markHead, "middle", "halo "+string(m.Tone), m.Tone.color(), m.Name)
	}
	return float64(len(ends)) * markHead
}

func (p *pen) panel(panel Panel, x scale, across Unit, top, bottom float64) {
	values := make([]float64, 0, 64)
	if !panel.Log {
		values = append(values, 0)
	}
	for _, l := range panel.Lines {
		for _, point := range l.Points {
			values = append(values, point.Y)
		}
	}
	for _, r := range panel.Rules {
		values = append(values, r.At)
	}
	y := newScale(values, panel.Log, bottom, top).rise(panel.Unit, 4)
	fmt.Fprintf(p, `<g class="panel" data-unit="%s" data-x-unit="%s" data-x="%g %g %g %g %t" data-y="%g %g %g %g %t">`,
		panel.Unit, across, x.min, x.max, x.from, x.to, x.log, y.min, y.max, y.from, y.to, y.log)
	p.levels(y, panel.Unit, 4, right)
	p.line(left, bottom, right, bottom, "frame", grey, "", "1")
	for _, l := range panel.Lines {
		p.series(l, x, y)
	}
	p.rules(panel.Rules, y, panel.Unit, right)
	p.WriteString("</g>")
}

// series draws a line, cut at its gaps. A point alone is a dot.
func (p *pen) series(l Line, x, y scale) {
	fmt.Fprintf(p, `<g data-name="%s">`, escaped(l.Name))
	points := thin(l.Points, x)
	for _, run := range runs(points) {
		at := make([]string, len(run))
		for i, point := range run {
			px, py := x.at(point.X), y.at(point.Y)
			if len(points) < len(l.Points) { // a page has many such lines, and they are coarse already
				px, py = math.Round(px), math.Round(py)
			}
			at[i] = coordinate(px) + "," + coordinate(py)
		}
		path := strings.Join(at, " ")
		if l.Area && len(run) > 1 {
			p.tag("polygon", "", "points",
				coordinate(x.at(run[0].X))+","+coordinate(y.from)+" "+path+" "+
					coordinate(x.at(run[len(run)-1].X))+","+coordinate(y.from),
				"class", "area "+string(l.Tone), "fill", l.Tone.color(), "fill-opacity", "0.18")
		}
		if len(run) > 1 {
			p.tag("polyline", "", "points", path, "class", "line "+string(l.Tone), "fill", "none", "stroke", l.Tone.color(),
				"stroke-width", "1.8", "stroke-dasharray", l.Tone.dash(), "stroke-linejoin", "round")
		}
		if l.Dots || len(run) == 1 {
			for i := range run {
				cx, cy, _ := strings.Cut(at[i], ",")
				p.tag("circle", "", "cx", cx, "cy", cy, "r", "3", "class", "dot "+string(l.Tone), "fill", l.Tone.color())
			}
		}
	}
	p.WriteString("</g>")
}

// legend names a panel and its lines, each with a sample of its dash.
func (p *pen) legend(panel Panel, y float64) {
	p.text(left, y, "start", "name ink halo", ink, panel.Title)
	x := left + float64(len([]rune(panel.Title)))*bold + 14
	if len(panel.Lines) == 1 && panel.Lines[0].Name == panel.Title {
		return
	}
	for _, l := range panel.Lines {
		if len(runs(l.Points)) == 0 {
			continue
		}
		p.line(x, y-4, x+20, y-4, "line "+string(l.Tone), l.Tone.color(), l.Tone.dash(), "2")
		p.text(x+24, y, "start", "tick halo", grey, l.Name)
		x += 24 + float64(len([]rune(l.Name)))*letter + 18 // some fonts are wider
	}
}
