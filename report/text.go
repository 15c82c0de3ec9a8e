package report

import (
	"cmp"
	"strings"

	"plan/internal/tty"
	"plan/plans"
	"plan/runner/journal"
)

// valueText returns a value of a dimension: "1300M" or "0.5".
func valueText(d plans.Dimension, number float64) string { return d.Short(d.Value(number)) }

// pointText returns an answer: "1300M" or "0.5 CPU".
func pointText(p *journal.Point) string {
	if p == nil {
		return tty.Unknown
	}
	var texts []string
	values := journal.Settings(*p).Values()
	for _, d := range plans.Searchable() {
		if v := values.Get(d); v != 0 {
			texts = append(texts, d.Text(v))
		}
	}
	return cmp.Or(strings.Join(texts, ", "), tty.Unknown)
}
