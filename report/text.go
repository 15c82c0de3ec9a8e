package report

import (
	"cmp"

	"plan/internal/tty"
	"plan/plans"
	"plan/runner/journal"
)

// valueText returns a value of a dimension: "1300M" or "0.5".
func valueText(d plans.Dimension, number float64) string { return d.Short(d.Value(number)) }

// pointText returns an answer: "1300M", "0.5 CPU" or "2 × 0.5 CPU × 1300M".
func pointText(p *journal.Point) string {
	if p == nil {
		return tty.Unknown
	}
	return cmp.Or(journal.Settings(*p).Text(), tty.Unknown)
}
