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

// bucket is a range of latencies with its count. The range includes its upper end.
type bucket struct {
	from, to time.Duration
	count    int64
}

// mostBuckets is the most lines of a histogram.
const mostBuckets = 14

// scales are the edges within a decade, from fine to coarse.
var scales = [][]float64{
	{1, 1.1, 1.2, 1.4, 1.6, 1.8, 2, 2.2, 2.5, 2.8, 3.2, 3.6, 4, 4.5, 5, 5.6, 6.3, 7.1, 8, 9},
	{1, 1.2, 1.6, 2, 2.5, 3.2, 4, 5, 6.3, 8},
	{1, 1.5, 2, 3, 5, 7},
	{1, 2, 5},
	{1, 3},
	{1},
}

// newBuckets decodes a histogram of microseconds in HdrHistogram's V2 text. It uses the
// finest scale that has at most mostBuckets; "" has no buckets.
func newBuckets(encoded string) ([]bucket, error) {
	if encoded == "" {
		return nil, nil
	}
	h, err := hdrhistogram.Decode([]byte(encoded))
	if err != nil {
		return nil, fmt.Errorf("the histogram cannot be read: %w", err)
	}
	most := max(h.Max(), 1)
	var ends []int64 // the edges of the scale around the values, in microseconds
	for _, scale := range scales {
		all := []int64{0}
		for decade := 1.0; all[len(all)-1] < most; decade *= 10 {
			for _, step := range scale {
				if edge := int64(math.Round(step * decade)); edge > all[len(all)-1] {
					all = append(all, edge)
				}
			}
		}
		first, _ := slices.BinarySearch(all, h.Min())
		last, _ := slices.BinarySearch(all, most)
		if ends = all[max(0, first-1) : last+1]; len(ends)-1 <= mostBuckets {
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

func microseconds(n int64) time.Duration { return time.Duration(n) * time.Microsecond }

// lineWithoutBar is the width of a line without its bar and its number, in cells.
const lineWithoutBar = len("  - 100ms  ") + len("  ") + len("100.0 %  p50-p99.9") + 1

// histogram prints a line for each bucket, with the percentiles in it.
func (s *screen) histogram(list []bucket, marks engine.Percentiles) {
	if len(list) == 0 {
		return
	}
	s.Line("")
	s.Heading("  latency of OK responses")
	var most, total int64
	for _, b := range list {
		most, total = max(most, b.count), total+b.count
	}
	number := len(tty.Grouped(most))
	room := s.Options.Cells() - lineWithoutBar - number
	for _, b := range list {
		var names []string // of the percentiles in the bucket: the first to the last
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
		drawn := tty.Paint(bar(b.count, most, room), tty.Green, s.Options.Color)
		line := fmt.Sprintf("  ≤ %6s  %s %*s %7s  %s", units.Duration(b.to), drawn, number, tty.Grouped(b.count),
			tty.Share(b.count, total), strings.Join(names, ""))
		s.Line("%s", strings.TrimRight(line, " "))
	}
}

// bar returns a bar of a count among at most so many cells, in eighths of a cell.
// A count above 0 has at least one eighth.
func bar(count, most int64, cells int) string {
	cells = max(cells, 0)
	eighths := int(math.Ceil(float64(count) / float64(max(most, 1)) * float64(cells) * 8))
	text := strings.Repeat("█", eighths/8)
	if rest := eighths % 8; rest > 0 {
		text += string(rune('█' + 8 - rest))
	}
	return text + strings.Repeat(" ", cells-utf8.RuneCountInString(text))
}
