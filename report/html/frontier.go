package html

import (
	"fmt"
	"slices"
	"strings"

	"plan/plans"
	"plan/report"
	"plan/report/chart"
	"plan/runner/journal"
)

// frontier shows what a search of several dimensions knows of the combinations of two
// of them: tried, inferred, the answer, and what costs the same.
func frontier(s journal.Stage, f report.Frontier) chart.Grid {
	c := chart.Grid{
		Title:       s.Address + ": " + f.Up.Dimension.Noun() + " over " + f.Across.Dimension.Noun(),
		Description: report.Sentence(s),
		Across:      names(f.Across), Up: names(f.Up), Unit: chart.Price, Slope: "price a month",
	}
	if f.Others != "" {
		c.Title += ", " + f.Others
	}
	if s.Price != nil {
		c.Heights = make([][]float64, len(f.Across.Values))
	}
	answer := ""
	if s.Certificate != nil {
		answer = s.Certificate.Passed
	}
	for _, at := range f.Combinations {
		isAnswer := slices.ContainsFunc(at.Trials, func(t journal.Trial) bool { return t.ID == answer })
		if s.Price != nil {
			month := plans.Price(*s.Price).Hour(at.Settings) * report.HoursOfMonth
			c.Heights[at.Across] = append(c.Heights[at.Across], month)
			if isAnswer {
				c.Level = month
			}
		}
		if at.Verdict == "" {
			continue
		}
		cell := chart.Cell{Across: at.Across, Up: at.Up, Tone: toneOf(at.Verdict), Tried: len(at.Trials) > 0}
		var notes []string
		for _, t := range at.Trials {
			notes = append(notes, note(s, t))
			cell.Outlined = cell.Outlined || slices.Contains(s.Points, t.ID)
		}
		cell.Note = strings.Join(notes, "; ")
		if isAnswer {
			cell.Name = "answer"
		}
		c.Cells = append(c.Cells, cell)
	}
	return c
}

func names(a journal.Axis) chart.Values {
	v := chart.Values{Label: a.Dimension.Noun()}
	for _, value := range a.Values {
		v.Names = append(v.Names, report.ValueText(a, value))
	}
	return v
}

// note is a trial in a sentence.
func note(s journal.Stage, t journal.Trial) string {
	return fmt.Sprintf("%s: %s: %s: %s", t.ID, report.TrialName(s, t), t.Verdict, report.Reason(t))
}
