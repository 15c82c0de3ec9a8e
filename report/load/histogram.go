package load

import (
	"fmt"
	"math"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/HdrHistogram/hdrhistogram-go"

	"plan/engine"
	"plan/internal/metrics"
	"plan/internal/tty"
	"plan/internal/units"
)

// bucket is a range of latencies, the upper end included, and how many were
// in it.
type bucket struct {
	from, to time.Duration
	count    int64
}

// mostBuckets is how many lines a histogram takes at most.
const mostBuckets = 14

// scales divide a decade, from fine to coarse, at values of two figures.
var scales = [][]float64{
	{1, 1.1, 1.2, 1.4, 1.6, 1.8, 2, 2.2, 2.5, 2.8, 3.2, 3.6, 4, 4.5, 5, 5.6, 6.3, 7.1, 8, 9},
	{1, 1.2, 1.6, 2, 2.5, 3.2, 4, 5, 6.3, 8},
	{1, 1.5, 2, 3, 5, 7},
	{1, 2, 5},
	{1, 3},
	{1},
}

// buckets are those of a histogram in HdrHistogram's V2 text, of microseconds:
// on the finest logarithmic scale that the lines allow; none where nothing was
// measured.
func buckets(encoded string) ([]bucket, error) {
	if encoded == "" {
		return nil, nil
	}
	h, err := hdrhistogram.Decode([]byte(encoded))
	if err != nil {
		return nil, fmt.Errorf("the histogram cannot be read: %w", err)
	}
	var ends []int64
	for _, scale := range scales {
		if ends = edges(scale, h.Min(), h.Max()); len(ends)-1 <= mostBuckets {
			break
		}
	}
	list := make([]bucket, len(ends)-1)
	for i := range list {
		list[i] = bucket{from: microseconds(ends[i]), to: microseconds(ends[i+1])}
	}
	for _, bar := range h.Distribution() {
		if bar.Count > 0 {
			i, _ := slices.BinarySearch(ends[1:], bar.From)
			list[i].count += bar.Count
		}
	}
	return list, nil
}

// edges are those of a scale around all values from the least to the most, in
// microseconds.
func edges(scale []float64, least, most int64) []int64 {
	all := []int64{0}
	most = max(most, 1)
	for decade := 1.0; all[len(all)-1] < most; decade *= 10 {
		for _, step := range scale {
			if edge := int64(math.Round(step * decade)); edge > all[len(all)-1] {
				all = append(all, edge)
			}
		}
	}
	first, _ := slices.BinarySearch(all, least)
	last, _ := slices.BinarySearch(all, most)
	return all[max(0, first-1) : last+1]
}

func microseconds(n int64) time.Duration { return time.Duration(n) * time.Microsecond }

// besidesBar is what a line has besides its bar and its number, in cells.
const besidesBar = len("  - 100ms  ") + len("  ") + len("100.0 %  p50-p99.9") + 1

// histogram prints a line for each bucket, with the percentiles that are in
// it; nothing where there is none.
func (s *screen) histogram(list []bucket, marks engine.Percentiles) {
	if len(list) == 0 {
		return
	}
	s.Line("")
	s.Heading("  latency of OK answers")
	var most, total int64
	for _, b := range list {
		most, total = max(most, b.count), total+b.count
	}
	number := len(tty.Grouped(most))
	room := s.Options.Cells() - besidesBar - number
	for _, b := range list {
		drawn := tty.Paint(bar(b.count, most, room), tty.Green, s.Options.Color)
		line := fmt.Sprintf("  ≤ %6s  %s %*s %7s  %s", units.Duration(b.to), drawn, number, tty.Grouped(b.count), tty.Share(b.count, total), marked(b, marks))
		s.Line("%s", strings.TrimRight(line, " "))
	}
}

// bar is as long, of a number of cells, as a count is of the most: in eighths
// of a cell, and never nothing for something.
func bar(count, most int64, cells int) string {
	cells = max(cells, 0)
	eighths := int(math.Ceil(float64(count) / float64(max(most, 1)) * float64(cells) * 8))
	text := strings.Repeat("█", eighths/8)
	if rest := eighths % 8; rest > 0 {
		text += string(rune('█' + 8 - rest))
	}
	return text + strings.Repeat(" ", cells-utf8.RuneCountInString(text))
}

// marked names the percentiles that are in a bucket, from the first to the last.
func marked(b bucket, marks engine.Percentiles) string {
	var names []string
	for _, m := range metrics.Percentiles() {
		value := marks.Value(m)
		if value == nil || m.Quantile == 1 {
			continue
		}
		if d := units.Seconds(*value); d > b.from && d <= b.to {
			names = append(names, m.Label())
		}
	}
	if len(names) > 1 {
		names = []string{names[0] + "–" + names[len(names)-1]}
	}
	return strings.Join(names, "")
}
