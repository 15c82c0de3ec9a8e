package report

import (
	"fmt"
	"slices"
	"strings"

	"plan/internal/english"
	"plan/internal/tty"
	"plan/plans"
	"plan/runner/journal"
)

// combinationTable returns the trials of a search of several dimensions, in the order
// in which they ran.
func combinationTable(s journal.Stage) tty.Table {
	var header []string
	for _, a := range s.Axes {
		header = append(header, strings.ToUpper(string(a.Dimension)))
	}
	t := tty.Table{Header: append(header, trialHeader...), Flow: len(header) + 1, Spare: []string{"READY", "TOOK"}}
	for _, trial := range s.Trials {
		var cells []string
		for _, a := range s.Axes {
			cells = append(cells, a.Text(trial.Set))
		}
		t.Rows = append(t.Rows, append(cells, trialCells(trial)...))
	}
	return t
}

// combinationSentence returns the answer of a search of several dimensions in words.
func combinationSentence(s journal.Stage) string {
	if s.Found == nil || s.Certificate == nil {
		if last := s.HighestFailed(); s.Verdict == journal.Failed && s.Corrected == 0 && last.ID != "" {
			return fmt.Sprintf("Nothing found: even %s failed, %s.", s.Combination(last), Reason(last)) + levelsText(s)
		}
		return noAnswer(s)
	}
	var text string
	switch {
	case s.AtMost:
		text = fmt.Sprintf("%s is %s: %s. The search has no better combination. Lower `from` to find less.",
			pointText(s.Found), best(s), passedText(s))
	case s.Undecided > 0:
		text = fmt.Sprintf("%s is %s so far: %s. This is not proven: %s that would be better %s not decided.",
			pointText(s.Found), best(s), passedText(s),
			english.Count(s.Undecided, "combination"), plural(s.Undecided, "is", "are"))
	default:
		var failed []string // the trials whose failures prove the answer
		for _, id := range s.Certificate.Failed {
			if i := s.Find(id); i >= 0 {
				failed = append(failed, fmt.Sprintf("%s (%s)", s.Combination(s.Trials[i]), id))
			} else { // another stage's, which disproved an answer
				failed = append(failed, id)
			}
		}
		text = fmt.Sprintf("%s is %s: %s, and %s everything %s: %s.", pointText(s.Found), best(s), passedText(s),
			plural(len(failed), "this failure covers", fmt.Sprintf("these %d failures cover", len(failed))),
			map[bool]string{true: "cheaper", false: "that would be better"}[s.Prefer == plans.ByPrice],
			strings.Join(failed, ", "))
	}
	text += priceText(s) + recommendation(s) + otherPoints(s) + levelsText(s) + disprovedText(s)
	if s.Reason != "" {
		text += " " + sentence(s.Reason)
	}
	return text
}

// passedText returns what passed: the answer itself, or the combination that it was
// corrected from.
func passedText(s journal.Stage) string {
	i := s.Find(s.Certificate.Passed)
	if s.Corrected == 0 || i < 0 {
		return "it passed" + correctionText(s)
	}
	return s.Combination(s.Trials[i]) + " passed" + correctionText(s)
}

func plural(n int, one, more string) string {
	if n == 1 {
		return one
	}
	return more
}

// best is what an answer is, by what the search prefers.
func best(s journal.Stage) string {
	switch s.Prefer {
	case plans.ByPrice:
		return "the cheapest"
	case "":
		return "the first that passes"
	}
	return "the least in " + plans.Dimension(s.Prefer).Noun()
}

// HoursOfMonth are those that a price of a month is for.
const HoursOfMonth = 730

// Price returns what an answer costs an hour, with the limits that its trial had besides;
// false without a price, or without an answer.
func Price(s journal.Stage) (hour float64, known bool) {
	if s.Price == nil || s.Certificate == nil || s.Found == nil {
		return 0, false
	}
	i := s.Find(s.Certificate.Passed)
	if i < 0 {
		return 0, false
	}
	limits := journal.Settings(*s.Found).Values().Over(s.Trials[i].Settings())
	return plans.Price(*s.Price).Hour(limits), true
}

// priceText returns what an answer costs, a month and for 1,000 requests at the rate of
// the trial that proves it; "" without a price.
func priceText(s journal.Stage) string {
	hour, known := Price(s)
	if !known {
		return ""
	}
	i := s.Find(s.Certificate.Passed)
	text := fmt.Sprintf(" It costs %.2f a month", hour*HoursOfMonth)
	if load := s.Trials[i].Load; load != nil && load.Rate > 0 {
		text += fmt.Sprintf(", and %.3g for 1,000 requests at %s/s", hour/3600/load.Rate*1000, tty.Figure(load.Rate))
	}
	return text + "."
}

// otherPoints returns what passed besides the answer where nothing passed with no more of anything.
func otherPoints(s journal.Stage) string {
	var texts []string
	for _, id := range s.Points {
		if i := s.Find(id); i >= 0 && id != s.Certificate.Passed {
			texts = append(texts, s.Combination(s.Trials[i]))
		}
	}
	if len(texts) == 0 {
		return ""
	}
	return " Also passed, with less of one dimension and more of another: " +
		strings.Join(slices.Compact(texts), ", ") + "."
}
