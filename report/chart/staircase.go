package chart

import "fmt"

// Step is one trial of a search.
type Step struct {
	Name  string   // below the axis
	At    float64  // the value that was tried
	Used  *float64 // of that; nil: not known
	Tone  Tone     // Passed, Failed or Open
	Label string   // beside its mark, such as why it failed; may be empty
	Note  string   // for a pointer: all in a sentence
}

// Band is a range of values that were not tried.
type Band struct {
	From, To float64
	Tone     Tone // Passed or Failed: inferred; Open: nothing is known
	Name     string
}

// Staircase is a chart of the values that a search tried, in their order.
type Staircase struct {
	Title, Description string
	Unit               Unit
	Steps              []Step
	Bands              []Band
	Rules              []Rule
}

const (
	stairHeight = 240.0
	stairRight  = width - 184 // beside it stand the names of rules
)

// SVG draws the chart: a level for each trial with a mark (a disc where it
// passed, a cross where it failed, a ring where it shows neither), a bar for
// what was used, and bands for what was inferred.
func (c Staircase) SVG() string {
	top, bottom := 60.0, 60+stairHeight
	values := []float64{0}
	for _, s := range c.Steps {
		values = append(values, s.At)
		if s.Used != nil {
			values = append(values, *s.Used)
		}
	}
	for _, b := range c.Bands {
		values = append(values, b.From, b.To)
	}
	for _, r := range c.Rules {
		values = append(values, r.At)
	}
	y := newScale(values, false, bottom, top).rise(c.Unit, 6)
	var p pen
	use := p.key()
	p.rect(use, 24, 14, 10, "bar", Quiet.color(), "0.45", "")
	p.text(use+19, 33, "start", "tick", grey, "highest use")
	p.levels(y, c.Unit, 6, stairRight)
	for _, b := range c.Bands {
		high, low := y.at(b.To)-1.5, y.at(b.From)+1.5
		p.rect(left, high, stairRight-left, low-high, "area "+string(b.Tone), b.Tone.color(), "0.12", b.Name)
		if low-high > fontSize {
			p.text(left+5, min(high+fontSize, low-2), "start", "tick halo", b.Tone.color(), b.Name)
		}
	}
	p.line(left, bottom, stairRight, bottom, "frame", grey, "", "1")
	column := (stairRight - left) / float64(max(len(c.Steps), 1))
	for i, s := range c.Steps {
		p.step(s, left+column*float64(i), column, y)
		if i > 0 {
			x := left + column*float64(i)
			p.line(x, y.at(c.Steps[i-1].At), x, y.at(s.At), "frame", grey, "", "1")
		}
	}
	p.rules(c.Rules, y, c.Unit, stairRight)
	for i, s := range c.Steps {
		x := left + column*(float64(i)+0.5)
		if every := int(float64(len(s.Name))*letter/column) + 1; i%every == 0 {
			p.text(x, bottom+15, "middle", "tick", grey, s.Name)
		}
	}
	p.text((left+stairRight)/2, bottom+31, "middle", "tick", grey, "trials, in their order")
	return picture(c.Title, c.Description, bottom+axisFoot, p.String())
}

// key explains the marks, and returns where it ends.
func (p *pen) key() (x float64) {
	x = left
	for _, mark := range []struct {
		tone Tone
		name string
	}{{Passed, "passed"}, {Failed, "failed"}, {Open, "no result"}} {
		p.mark(mark.tone, x+6, 29, "")
		p.text(x+16, 33, "start", "tick", grey, mark.name)
		x += 34 + float64(len(mark.name))*letter
	}
	return x
}

func (p *pen) step(s Step, x, column float64, y scale) {
	pad := min(column*0.2, 14)
	if s.Used != nil {
		p.rect(x+pad, y.at(*s.Used), column-2*pad, y.from-y.at(*s.Used), "bar", Quiet.color(), "0.45", s.Note)
	}
	at, middle := y.at(s.At), x+column/2
	p.line(x, at, x+column, at, "line "+string(s.Tone), s.Tone.color(), "", "2")
	p.mark(s.Tone, middle, at, s.Note)
	if s.Label != "" && float64(len([]rune(s.Label)))*letter < column+30 {
		p.text(middle, at-9, "middle", "halo "+string(s.Tone), s.Tone.color(), s.Label)
	}
}

// mark draws a disc, a cross or a ring.
func (p *pen) mark(t Tone, x, y float64, title string) {
	switch t {
	case Passed:
		p.tag("circle", title, "cx", coordinate(x), "cy", coordinate(y), "r", "5", "class", "dot "+string(t), "fill",
			t.color())
	case Failed:
		p.tag("path", title, "d", fmt.Sprintf("M%s %sl10 10m0 -10l-10 10", coordinate(x-5), coordinate(y-5)), "class",
			"line "+string(t), "stroke", t.color(), "stroke-width", "2.5", "fill", "none")
	default:
		p.tag("circle", title, "cx", coordinate(x), "cy", coordinate(y), "r", "5", "class", "ring "+string(t), "fill",
			"#ffffff", "stroke", t.color(), "stroke-width", "2")
	}
}
