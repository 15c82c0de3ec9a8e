package chart

import (
	"fmt"
	"math"
)

// Bar is how many values lie in a range.
type Bar struct {
	From, To float64 // above From, up to To
	Count    int64
}

// Histogram is a chart of how many values lie where, on a logarithmic axis.
type Histogram struct {
	Title, Description string
	Unit               Unit
	Label              string
	Bars               []Bar // rising
	Marks              []Mark
}

const (
	histogramHeight = 110.0
	mostBars        = 60
)

// SVG draws the chart; bars that are narrower than a column are added up.
func (h Histogram) SVG() string {
	var values []float64
	for _, b := range h.Bars {
		values = append(values, b.middle())
	}
	for _, m := range h.Marks {
		values = append(values, m.At)
	}
	x := newScale(values, true, left, right)
	columns := binned(h.Bars, x)
	var most int64
	for _, n := range columns {
		most = max(most, n)
	}
	var p pen
	top := 24 + 6 + p.names(h.Marks, x, 24+markHead-3)
	bottom := top + histogramHeight
	y := newScale([]float64{0, float64(most)}, false, bottom, top).rise(Count, 4)
	p.levels(y, Count, 4, right)
	p.axis(x, h.Unit, h.Label, top, bottom, 8)
	p.line(left, bottom, right, bottom, "frame", grey, "", "1")
	wide := (right - left) / float64(len(columns))
	for i, n := range columns {
		if n > 0 {
			high := min(y.at(float64(n)), bottom-1) // never nothing for something
			from, to := x.value(left+wide*float64(i)), x.value(left+wide*float64(i+1))
			p.rect(left+wide*float64(i)+0.5, high, wide-1, bottom-high, "bar first", First.color(), "0.7",
				fmt.Sprintf("%s to %s: %d", h.Unit.Text(from), h.Unit.Text(to), n))
		}
	}
	for _, m := range h.Marks {
		p.line(x.at(m.At), top, x.at(m.At), bottom, "line "+string(m.Tone), m.Tone.color(), "3 3", "1.5")
	}
	return picture(h.Title, h.Description, bottom+axisFoot, p.String())
}

func (b Bar) middle() float64 {
	if b.From > 0 && b.To > 0 {
		return math.Sqrt(b.From * b.To)
	}
	return (b.From + b.To) / 2
}

// binned adds bars up in columns of equal width. What lies below the scale,
// where a logarithm ends, is in the first.
func binned(bars []Bar, x scale) []int64 {
	columns := make([]int64, mostBars)
	for _, b := range bars {
		i := int((x.at(b.middle()) - x.from) / (x.to - x.from) * mostBars)
		columns[min(i, mostBars-1)] += b.Count
	}
	return columns
}

// value is the value at a pixel of a logarithmic scale.
func (s scale) value(pixel float64) float64 {
	return s.min * math.Pow(s.max/s.min, (pixel-s.from)/(s.to-s.from))
}
