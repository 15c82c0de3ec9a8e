package report

import (
	"fmt"
	"math"
	"strings"
	"unicode"

	"github.com/olekukonko/tablewriter/pkg/twwidth"

	"plan/internal/english"
	"plan/internal/units"
	"plan/plans"
	"plan/runner/journal"
)

// unknown stands for what was not or cannot be measured.
const unknown = "–"

func bytesText(b *int64) string {
	if b == nil {
		return unknown
	}
	return units.Bytes(*b).String()
}

// countText is a number of things, which some load generators cannot know.
func countText[T int | int64](n *T) string {
	if n == nil {
		return unknown
	}
	return fmt.Sprint(*n)
}

func secondsText(s *float64) string {
	if s == nil {
		return unknown
	}
	return units.Duration(units.Seconds(*s))
}

// rounded keeps two decimals below ten and one above it.
func rounded(x float64) float64 {
	scale := 10.0
	if math.Abs(x) < 10 {
		scale = 100
	}
	return math.Round(x*scale) / scale
}

// wholePercent prints a share in full per cent.
func wholePercent(share *float64) string {
	if share == nil {
		return unknown
	}
	return fmt.Sprintf("%.0f %%", *share*100)
}

// valueText prints a value of a dimension: "1300M" or "0.5".
func valueText(dimension string, value float64) string {
	if dimension == plans.CPUs {
		return units.CPUs(math.Round(value * 1000)).String()
	}
	return units.Bytes(value).String()
}

// pointText prints an answer, "1300M" or "0.5 CPU".
func pointText(p *journal.Point) string {
	switch {
	case p == nil:
		return unknown
	case p.Memory != nil:
		return units.Bytes(*p.Memory).String()
	case p.CPUs != nil:
		return valueText(plans.CPUs, *p.CPUs) + " CPU"
	}
	return unknown
}

// count prints a number with its noun, "1 trial", "3 trials".
func count(n int, noun string) string { return english.Count(n, noun) }

// clean makes a text fit for one line: what a service wrote may hold line
// ends and control characters.
func clean(text string) string {
	return strings.Join(strings.FieldsFunc(twwidth.Filter().ReplaceAllString(text, ""), func(r rune) bool {
		return unicode.IsControl(r) || unicode.IsSpace(r)
	}), " ")
}

// wrap breaks a text into lines of at most width cells, between words where it
// can.
func wrap(text string, width int) string {
	var lines []string
	line := ""
	for word := range strings.FieldsSeq(text) {
		for twwidth.Width(word) > width {
			head := twwidth.Truncate(word, width)
			word = word[len(head):]
			lines, line = flush(lines, line), ""
			lines = append(lines, head)
		}
		if line != "" && twwidth.Width(line)+1+twwidth.Width(word) > width {
			lines, line = flush(lines, line), ""
		}
		line = strings.TrimPrefix(line+" "+word, " ")
	}
	return strings.Join(flush(lines, line), "\n")
}

func flush(lines []string, line string) []string {
	if line == "" {
		return lines
	}
	return append(lines, line)
}
