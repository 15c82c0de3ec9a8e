package report

import (
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"

	"plan/internal/units"
	"plan/plans"
	"plan/runner/journal"
)

// notTried is the result of a value or step that was not reached.
const notTried = "not tried"

func searchTitle(s journal.Stage) string {
	does := "starts"
	switch {
	case s.HasThreshold:
		does = "holds its threshold"
	case s.HasLoad:
		does = "starts and answers"
	}
	return fmt.Sprintf("%s: least %s at which %s %s", s.Address, s.Dimension.Noun(), subject(s), does)
}

func searchTable(s journal.Stage) table {
	t := table{header: append([]string{strings.ToUpper(string(s.Dimension))}, trialHeader...), flow: 2}
	for _, span := range spansOf(cellsOf(s)) {
		if span.untried() {
			t.rows = append(t.rows, untried(s.Dimension, span))
		}
		for _, trial := range span.trials {
			t.rows = append(t.rows, append([]string{valueText(s.Dimension, span.from)}, trialCells(trial)...))
		}
		for _, d := range span.disproofs {
			t.rows = append(t.rows, []string{valueText(s.Dimension, span.from), string(journal.Disproved), disproofText(d), "", "", ""})
		}
	}
	return t
}

var trialHeader = []string{"RESULT", "WHY", "READY", "PEAK", "TOOK"}

// trialCells are what a trial showed, its load aside.
func trialCells(t journal.Trial) []string {
	return []string{string(t.Verdict), why(t), secondsText(t.Seconds.Ready), bytesText(t.Memory.Peak), secondsText(&t.Seconds.Total)}
}

func untried(dimension plans.Dimension, s span) []string {
	value := valueText(dimension, s.from)
	if s.to != s.from {
		value += "–" + valueText(dimension, s.to)
	}
	if s.verdict == "" {
		return []string{value, notTried, "", "", "", ""}
	}
	return []string{value, string(s.verdict), "inferred from " + valueText(dimension, s.source), "", "", ""}
}

// why is the one line that a trial has for people.
func why(t journal.Trial) string {
	text := strings.TrimSuffix(clean(t.Why), ".")
	if t.FirstLook && t.Load != nil {
		if t.Verdict == journal.Passed {
			text = fmt.Sprintf("%d of %d answered", t.Load.OK, t.Load.OK+t.Load.Failed)
		}
		text += fmt.Sprintf(" (first look, %s)", units.Duration(units.Seconds(t.Load.Seconds)))
	}
	if t.Repeats != "" {
		text += " (repeats " + t.Repeats + ")"
	}
	return text
}

// searchSentence is the answer of a search in words.
func searchSentence(s journal.Stage) string {
	switch {
	case s.LimitIndependent:
		return notMemory(s)
	case s.FailedBy == journal.Disproved && len(s.Grid) > 0:
		return fmt.Sprintf("No answer up to %s holds.%s Raise `to`.", valueText(s.Dimension, s.Grid[len(s.Grid)-1]), disproved(s))
	case s.Found == nil && s.Verdict == journal.Failed && s.Corrected == 0:
		return nothingFound(s)
	case s.Found == nil:
		return noAnswer(s) + bracket(s)
	case s.AtMost:
		return fmt.Sprintf("The least is at most %[1]s%[3]s: %[4]s, and it is the lowest value of the search, so nothing was tried below it.%[2]s Lower `from` to find the least.",
			pointText(s.Found), recommended(s), forEach(s), proof(s)) + besides(s)
	}
	return fmt.Sprintf("%s is the least%s: %s.%s", pointText(s.Found), forEach(s), proof(s), recommended(s)) + besides(s)
}

// besides is what else is to be said of an answer.
func besides(s journal.Stage) string {
	text := disproved(s)
	if s.Reason != "" {
		text += " " + sentence(s.Reason)
	}
	return text + howToAsk(s)
}

// disproved tells of the answers before this one. Why, the table says.
func disproved(s journal.Stage) string {
	var texts []string
	for _, d := range s.Disproved {
		texts = append(texts, fmt.Sprintf("%s, by %s at %s", pointText(&d.Found), d.Trial, pointText(&d.At)))
	}
	if len(texts) == 0 {
		return ""
	}
	return " Disproved before: " + strings.Join(texts, "; ") + "."
}

// disproofText names the trial that speaks against an answer.
func disproofText(d journal.Disproof) string {
	return d.Trial + ": " + strings.TrimSuffix(clean(d.Why), ".")
}

// proof names the values of the trials that prove an answer.
func proof(s journal.Stage) string {
	if s.Certificate == nil {
		return ""
	}
	var parts []string
	add := func(id string, verdict journal.Verdict) {
		for _, t := range s.Trials {
			if t.ID == id {
				parts = append(parts, trialValue(s, t)+" "+string(verdict))
			}
		}
		for _, d := range s.Disproved {
			if d.Trial == id {
				parts = append(parts, fmt.Sprintf("%s %s (%s)", pointText(&d.At), verdict, id))
			}
		}
	}
	add(s.Certificate.Passed, journal.Passed)
	for _, id := range s.Certificate.Failed {
		add(id, journal.Failed)
	}
	return strings.Join(parts, ", ") + corrected(s)
}

// corrected says by what an answer is above the value that passed.
func corrected(s journal.Stage) string {
	if s.Corrected == 0 {
		return ""
	}
	text := fmt.Sprintf(", corrected by %s for cached files", wholeMega(s.Corrected))
	if len(s.SharedWith) > 0 {
		text += " (shared with " + strings.Join(s.SharedWith, ", ") + ")"
	}
	return text
}

// wholeMega rounds up to whole mebibytes.
func wholeMega(bytes int64) units.Bytes {
	return (units.Bytes(bytes) + units.MiB - 1) / units.MiB * units.MiB
}

// trialValue is what a stage varies: a limit, or the users of a ramp.
func trialValue(s journal.Stage, t journal.Trial) string {
	if s.Kind == plans.Search {
		return valueText(s.Dimension, searched(s.Dimension, t))
	}
	return sizeText(t)
}

func recommended(s journal.Stage) string {
	text, least := pointText(s.Recommended), "least"
	switch {
	case s.Recommended == nil || text == pointText(s.Found) && s.Corrected == 0:
		return ""
	case s.AtMost:
		least = "that"
	}
	return fmt.Sprintf(" Recommended: %s (%s + %s%s).", text, least, units.Percent(s.Margin), unproved(s))
}

// unproved says what is recommended lacks: a trial, or one that passed.
func unproved(s journal.Stage) string {
	if s.Certificate == nil || s.Certificate.Recommended == "" {
		return strings.TrimSuffix(", "+notTried+": "+clean(s.NotTried), ": ")
	}
	for _, t := range s.Trials {
		if t.ID == s.Certificate.Recommended && t.Verdict != journal.Passed {
			return ", where it failed: " + why(t)
		}
	}
	return ""
}

// howToAsk says what a search without a load has not shown.
func howToAsk(s journal.Stage) string {
	if s.HasLoad {
		return ""
	}
	return " It starts there; whether it answers was not asked: give the search a load with a scenario."
}

func notMemory(s journal.Stage) string {
	text := "Not " + s.Dimension.Noun() + ": the service ends by itself at any limit"
	if n := len(s.Trials); n > 1 && s.Trials[n-1].ExitCode != nil {
		code := *s.Trials[n-1].ExitCode
		text += fmt.Sprintf(", with code %d at %s and at %s%s", code, trialValue(s, s.Trials[0]), trialValue(s, s.Trials[n-1]), journal.ExitMeaning(code))
	}
	return text + "."
}

func nothingFound(s journal.Stage) string {
	if len(s.Trials) == 0 {
		return noAnswer(s)
	}
	highest := highestFailed(s)
	text := fmt.Sprintf("Nothing found: even %s failed, %s.", trialValue(s, highest), why(highest))
	if s.Reason != "" {
		text += " " + sentence(s.Reason)
	}
	return text
}

// leaked reports whether a trial failed since its memory grows.
func leaked(t journal.Trial) bool { return t.Reason != nil && *t.Reason == journal.Leak }

// highestFailed is the trial that failed at the highest value.
func highestFailed(s journal.Stage) journal.Trial {
	var highest journal.Trial
	for _, t := range s.Trials {
		if t.Verdict == journal.Failed && searched(s.Dimension, t) >= searched(s.Dimension, highest) {
			highest = t
		}
	}
	return highest
}

// noAnswer is for stages that ended without one.
func noAnswer(s journal.Stage) string {
	text := map[journal.Verdict]string{
		journal.Failed:       "No answer",
		journal.Inconclusive: "No answer, it could not be decided",
		journal.Invalid:      "No answer, the measurement is not valid",
		journal.Aborted:      "No answer, it was stopped",
		journal.Skipped:      "Not run",
		"":                   "No answer, it did not end",
	}[s.Verdict]
	if s.Reason != "" {
		return text + ": " + strings.TrimSuffix(clean(s.Reason), ".") + "."
	}
	return text + "."
}

// bracket says what a search that did not end knows already.
func bracket(s journal.Stage) string {
	failed, passed := "", ""
	for _, c := range cellsOf(s) {
		switch decided := c.decided(); {
		case decided == journal.Failed:
			failed, passed = valueText(s.Dimension, c.value)+" failed", ""
		case decided == journal.Passed && passed == "":
			passed = valueText(s.Dimension, c.value) + " passed"
		}
	}
	known := strings.Join(flush(flush(nil, failed), passed), ", ")
	if known == "" {
		return ""
	}
	return " Known so far: " + known + "."
}

// sentence gives a clause its capital and full stop.
func sentence(text string) string {
	text = strings.TrimSuffix(clean(text), ".")
	first, size := utf8.DecodeRuneInString(text)
	if size == 0 {
		return ""
	}
	return string(unicode.ToUpper(first)) + text[size:] + "."
}
