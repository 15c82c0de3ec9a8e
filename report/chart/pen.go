package chart

import (
	"cmp"
	"encoding/xml"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
)

// Sizes in pixels of the drawing, which a page scales.
const (
	width    = 600.0
	left     = 64.0 // of the plot
	right    = width - 14
	fontSize = 13.0
	letter   = 7.3 // mean width of a character
	bold     = 8.6 // the same of a title
)

// Tone is what a mark stands for. Each has a colour that people with any kind
// of colour vision tell apart (Okabe and Ito), and a dash.
type Tone string

// The tones.
const (
	First  Tone = "first"
	Second Tone = "second"
	Third  Tone = "third"
	Fourth Tone = "fourth"
	Fifth  Tone = "fifth"
	Quiet  Tone = "quiet" // what stands in the background
	Passed Tone = "passed"
	Failed Tone = "failed"
	Open   Tone = "open"  // neither passed nor failed
	Bound  Tone = "bound" // a limit or a threshold
)

func (t Tone) color() string {
	switch t {
	case First:
		return "#0072b2"
	case Second:
		return "#b35900"
	case Third:
		return "#007a5a"
	case Fourth:
		return "#9b3d78"
	case Fifth:
		return "#333333"
	case Passed:
		return "#007a5a"
	case Failed, Bound:
		return "#c03a00"
	case Open:
		return "#6b5b00"
	default:
		return "#767676"
	}
}

func (t Tone) dash() string {
	switch t {
	case Second:
		return "7 3"
	case Third:
		return "2 3"
	case Fourth:
		return "9 3 2 3"
	case Fifth:
		return "1 3"
	case Bound:
		return "4 2"
	default:
		return ""
	}
}

// pen writes SVG. Texts are escaped; what XML does not allow is replaced.
type pen struct{ strings.Builder }

// coordinate has one decimal at most.
func coordinate(v float64) string {
	return strings.TrimSuffix(strconv.FormatFloat(v, 'f', 1, 64), ".0")
}

func escaped(text string) string {
	var b strings.Builder
	xml.EscapeText(&b, []byte(text)) // a Builder takes everything
	return b.String()
}

// tag writes an element with attributes, in pairs, and a title, which a pointer
// shows. "" leaves out the title, and an attribute.
func (p *pen) tag(name, title string, attributes ...string) {
	p.WriteString("<" + name)
	for i := 0; i+1 < len(attributes); i += 2 {
		if attributes[i+1] != "" {
			p.WriteString(" " + attributes[i] + `="` + escaped(attributes[i+1]) + `"`)
		}
	}
	if title == "" {
		p.WriteString("/>")
		return
	}
	p.WriteString("><title>" + escaped(title) + "</title></" + name + ">")
}

// text writes a text whose anchor is start, middle or end. The class halo keeps
// lines away from it.
func (p *pen) text(x, y float64, anchor, class, color, text string) {
	if text == "" {
		return
	}
	around := ""
	if strings.Contains(class, "halo") {
		around = ` stroke="#ffffff" stroke-width="3" paint-order="stroke"`
	}
	if strings.HasPrefix(class, "title") || strings.HasPrefix(class, "name") {
		around += ` font-weight="bold"`
	}
	fmt.Fprintf(p, `<text x="%s" y="%s" text-anchor="%s" class="%s" fill="%s"%s>%s</text>`, coordinate(x), coordinate(y),
		anchor, class, color, around, escaped(text))
}

func (p *pen) line(x1, y1, x2, y2 float64, class, color, dash, thick string) {
	p.tag("line", "", "x1", coordinate(x1), "y1", coordinate(y1), "x2", coordinate(x2), "y2", coordinate(y2),
		"class", class, "stroke", color, "stroke-dasharray", dash, "stroke-width", thick)
}

func (p *pen) rect(x, y, w, h float64, class, color, opacity, title string) {
	p.tag("rect", title, "x", coordinate(x), "y", coordinate(y), "width", coordinate(max(w, 0)), "height",
		coordinate(max(h, 0)),
		"class", class, "fill", color, "fill-opacity", opacity)
}

// Colours of what is no mark.
const (
	ink  = "#1a1a1a"
	grey = "#595959"
	grid = "#dddddd"
)

// picture puts a drawing of a height into an SVG document of its own, which may
// stand in HTML too.
func picture(title, description string, height float64, drawing string) string {
	var p pen
	fmt.Fprintf(&p, `<svg xmlns="http://www.w3.org/2000/svg" class="chart" role="img" width="100%%" height="%[1]s" `+
		`viewBox="0 0 %[2]s %[1]s" preserveAspectRatio="xMinYMin meet" `+
		`font-family="system-ui, sans-serif" font-size="%[3]s">`,
		coordinate(height), coordinate(width), coordinate(fontSize))
	p.WriteString("<title>" + escaped(title) + "</title><desc>" + escaped(description) + "</desc>")
	p.rect(0, 0, width, height, "paper", "#ffffff", "", "")
	p.text(left, 16, "start", "title ink", ink, title)
	p.WriteString(drawing)
	p.WriteString("</svg>")
	return p.String()
}

// axis draws the horizontal axis below a plot.
func (p *pen) axis(s scale, u Unit, label string, top, bottom float64, most int) {
	last := -1e9
	for _, v := range s.ticks(u, most) {
		x, text := s.at(v), u.Text(v)
		p.line(x, top, x, bottom, "grid", grid, "", "1")
		half := float64(len([]rune(text))) * letter / 2
		if x-half > last+4 && x+half <= width {
			p.text(x, bottom+15, "middle", "tick", grey, text)
			last = x + half
		}
	}
	p.text((s.from+s.to)/2, bottom+31, "middle", "tick", grey, label)
}

// levels draws the vertical axis of a plot that reaches to an end.
func (p *pen) levels(s scale, u Unit, most int, end float64) {
	for _, v := range s.ticks(u, most) {
		y := s.at(v)
		p.line(left, y, end, y, "grid", grid, "", "1")
		p.text(left-6, y+4, "end", "tick", grey, u.Text(v))
	}
}

// Rule is a horizontal line: a limit, a threshold or an answer.
type Rule struct {
	Name string
	At   float64
	Tone Tone
}

// rules draws them up to an end, with their names in the plot, or beside it if
// there is room. Names keep clear of one another.
func (p *pen) rules(all []Rule, s scale, u Unit, end float64) {
	all = slices.SortedStableFunc(slices.Values(all), func(a, b Rule) int { return cmp.Compare(b.At, a.At) })
	lowest := math.Inf(-1)
	for _, r := range all {
		y := s.at(r.At)
		p.line(left, y, end, y, "line "+string(r.Tone), r.Tone.color(), r.Tone.dash(), "1.5")
		x, label, anchor := end+6, y+4, "start"
		if end == right {
			if x, label, anchor = right-3, y-4, "end"; label < min(s.from, s.to)+10 { // there is no room above it
				label = y + fontSize + 1
			}
		}
		label = max(label, lowest+fontSize+1)
		lowest = label
		p.text(x, label, anchor, "halo "+string(r.Tone), r.Tone.color(), r.Name+" "+u.Text(r.At))
	}
}
