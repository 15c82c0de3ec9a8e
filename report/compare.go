package report

import (
	"fmt"
	"io"
	"math"

	"plan/internal/english"
	"plan/internal/metrics"
	"plan/internal/tty"
	"plan/runner/compare"
	"plan/runner/journal"
)

// Compared is what is printed of a comparison.
type Compared struct {
	Title   string
	Result  string // in one sentence
	Stages  NamedTable
	Reasons []string // one line for each stage
	Moved   NamedTable
	Notes   []string // how the runs differ besides
}

// ComparedOf returns what is printed of a comparison.
func ComparedOf(c compare.Comparison) Compared {
	p := Compared{
		Title: fmt.Sprintf("%s: %s compared with %s", c.B.Plan.Name, c.B.Run.ID, c.A.Run.ID), Notes: c.Notes,
		Stages: NamedTable{Name: "Stages", Header: []string{"STAGE", "FIRST", "SECOND", "CHANGE", "BOUND BY"}},
		Moved: NamedTable{Name: "Changes of 10 % or more between trials that passed",
			Header: []string{"STAGE", "METRIC", "FIRST", "SECOND", "CHANGE", "THRESHOLD"}},
	}
	counts := map[compare.Change]int{}
	for _, s := range c.Stages {
		counts[s.Change]++
		bound := tty.Unknown // what failed one step away from the answer now, and before if that was another reason
		if now, before := s.FailedB, s.FailedA; now != nil {
			bound = Reason(*now)
			if before != nil && tty.OrZero(before.Reason) != tty.OrZero(now.Reason) {
				bound += fmt.Sprintf(" (before: %s)", Reason(*before))
			}
		}
		p.Stages.Rows = append(p.Stages.Rows, []string{s.Address, answerOrNone(s.A), answerOrNone(s.B), string(s.Change),
			bound})
		p.Reasons = append(p.Reasons, fmt.Sprintf("%s: %s: %s.", s.Address, s.Change, tty.Clean(s.Why)))
		for _, m := range s.Moved {
			limit := tty.Unknown
			if m.Limit != nil {
				limit = MetricText(m.Metric, *m.Limit)
			}
			change := "from 0"
			if share := m.Share(); !math.IsInf(share, 0) {
				change = fmt.Sprintf("%+.0f %%", 100*share)
			}
			p.Moved.Rows = append(p.Moved.Rows, []string{s.Address, tty.Join(" ", m.Request, m.Metric.Label()),
				MetricText(m.Metric, m.A), MetricText(m.Metric, m.B), change, limit})
		}
	}
	of := " of " + english.Count(len(c.Stages), "stage")
	switch c.Change() {
	case compare.Worse:
		p.Result = fmt.Sprintf("Worse: %d%s.", counts[compare.Worse], of)
	case compare.Unclear:
		p.Result = fmt.Sprintf("Unclear: %d%s may be worse.", counts[compare.Unclear], of)
	case compare.Better:
		p.Result = fmt.Sprintf("Better: %d%s; none is worse.", counts[compare.Better], of)
	default:
		p.Result = "Unchanged: no stage is worse."
	}
	return p
}

// answerOrNone returns the answer of a stage in a few words; a dash without a stage.
func answerOrNone(s *journal.Stage) string {
	if s == nil {
		return tty.Unknown
	}
	return answerText(s.Counted())
}

// MetricText prints a value of a metric for people.
func MetricText(m metrics.Metric, v float64) string {
	switch m.Unit {
	case metrics.Seconds:
		return tty.Seconds(&v)
	case metrics.Bytes:
		return tty.Bytes(new(int64(v)))
	case metrics.Share:
		return tty.Percent(&v)
	case metrics.PerSecond:
		return tty.Figure(v) + "/s"
	default:
		return tty.Figure(v)
	}
}

// ComparisonTables prints a comparison for people.
func ComparisonTables(w io.Writer, c compare.Comparison, o tty.Options) error {
	compared := ComparedOf(c)
	p := tty.Printer{Writer: w, Options: o}
	p.Heading(compared.Title)
	p.Table(tty.Table{Header: compared.Stages.Header, Rows: compared.Stages.Rows, Flow: 4})
	for _, line := range compared.Reasons {
		p.Line("%s", line)
	}
	if len(compared.Moved.Rows) > 0 {
		p.Line("\n%s:", compared.Moved.Name)
		p.Table(tty.Table{Header: compared.Moved.Header, Rows: compared.Moved.Rows, Flow: -1})
	}
	for i, line := range compared.Notes {
		if i == 0 {
			p.Line("\nOther differences between the runs:")
		}
		p.Line("  %s", tty.Clean(line))
	}
	color := map[compare.Change]tty.Color{
		compare.Worse: tty.Red, compare.Unclear: tty.Yellow, compare.Better: tty.Green, compare.Unchanged: tty.Green,
	}[c.Change()]
	p.Line("%s", "\n"+tty.Paint(compared.Result, color, o.Color))
	return p.Err
}
