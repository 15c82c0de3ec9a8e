package report

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"plan/internal/english"
	"plan/internal/tty"
	"plan/internal/units"
	"plan/plans"
	"plan/runner/journal"
)

// notTried is the result of a value that the search did not try.
const notTried = "not tried"

func searchTable(s journal.Stage) tty.Table {
	if s.Several() {
		return combinationTable(s)
	}
	t := tty.Table{Header: append([]string{strings.ToUpper(string(s.Dimension))}, trialHeader...), Flow: 2}
	for _, span := range spansOf(cellsOf(s)) {
		if span.isUntried() {
			value, result, why := valueText(s.Dimension, span.from), notTried, ""
			if span.to != span.from {
				value += "–" + valueText(s.Dimension, span.to)
			}
			if span.verdict != "" {
				result, why = string(span.verdict), "inferred from "+valueText(s.Dimension, span.source)
			}
			t.Rows = append(t.Rows, []string{value, result, why, "", "", ""})
		}
		for _, trial := range span.trials {
			t.Rows = append(t.Rows, append([]string{valueText(s.Dimension, span.from)}, trialCells(trial)...))
		}
		for _, d := range span.disproofs {
			t.Rows = append(t.Rows, []string{valueText(s.Dimension, span.from), string(journal.Disproved),
				d.Trial + ": " + strings.TrimSuffix(tty.Clean(d.Why), "."), "", "", ""})
		}
	}
	return t
}

var trialHeader = []string{"RESULT", "WHY", "READY", "PEAK", "TOOK"}

// trialCells returns the cells of a trial, without its load.
func trialCells(t journal.Trial) []string {
	return []string{string(t.Verdict), Reason(t), tty.Seconds(t.Seconds.Ready), tty.Bytes(t.Memory.Peak),
		tty.Seconds(&t.Seconds.Total)}
}

// unknownKills marks a pass of which it is not known whether a worker process was killed for memory.
const unknownKills = "kills of workers not known"

// Reason returns the reason of a trial as one line.
func Reason(t journal.Trial) string {
	if len(t.Windows) > 0 && t.Verdict.Counts() {
		return cmp.Or(tty.Clean(t.Windows[len(t.Windows)-1].Broken), "each window held")
	}
	text := strings.TrimSuffix(tty.Clean(t.Why), ".")
	if t.FirstLook && t.Load != nil {
		if t.Verdict == journal.Passed {
			text = fmt.Sprintf("%d of %d OK", t.Load.OK, t.Load.OK+t.Load.Failed)
		}
		text += fmt.Sprintf(" (first look, %s)", units.Duration(units.Seconds(t.Load.Seconds)))
	}
	if killsUnknown(t) {
		text += " (" + unknownKills + ")"
	}
	if t.Repeats != "" {
		text += " (repeats " + t.Repeats + ")"
	}
	return text
}

// searchSentence returns the answer of a search in words.
func searchSentence(s journal.Stage) string {
	switch {
	case s.LimitIndependent:
		text := "The " + s.Noun() + " limit is not the cause: the service exits at every limit tried"
		if n := len(s.Trials); n > 1 && s.Trials[n-1].ExitCode != nil {
			code := *s.Trials[n-1].ExitCode
			text += fmt.Sprintf(", with code %d at %s and at %s%s", code, trialValue(s, s.Trials[0]),
				trialValue(s, s.Trials[n-1]), journal.ExitMeaning(code))
		}
		return text + "."
	case s.Several():
		return combinationSentence(s)
	case s.FailedBy == journal.Disproved && len(s.Grid) > 0:
		return fmt.Sprintf("No answer up to %s holds.%s Raise `to`.", valueText(s.Dimension, s.Grid[len(s.Grid)-1]),
			disprovedText(s))
	case s.Found != nil && s.Undecided > 0:
		text := fmt.Sprintf("%s passed%s, and is not proven to be the least: ", pointText(s.Found), correctionText(s))
		if s.Corrected > 0 { // no trial ran at it
			text = fmt.Sprintf("%s is not proven to be the least: %s, and ", pointText(s.Found), proofText(s))
		}
		return fmt.Sprintf("%s%s below it %s not decided.%s", text,
			english.Count(s.Undecided, "value"), plural(s.Undecided, "is", "are"), recommendation(s)) + searchRemarks(s)
	case s.Found == nil && s.Verdict == journal.Failed && s.Corrected == 0:
		if len(s.Trials) == 0 {
			return noAnswer(s)
		}
		highest := s.HighestFailed()
		text := fmt.Sprintf("Nothing found: even %s failed, %s.", trialValue(s, highest), Reason(highest)) + levelsText(s)
		if s.Reason != "" {
			text += " " + sentence(s.Reason)
		}
		return text
	case s.Found == nil:
		failed, passed := "", "" // the bounds that the unfinished search has found
		for _, c := range cellsOf(s) {
			switch decided := c.decided(); {
			case decided == journal.Failed:
				failed, passed = valueText(s.Dimension, c.value)+" failed", ""
			case decided == journal.Passed && passed == "":
				passed = valueText(s.Dimension, c.value) + " passed"
			}
		}
		if known := tty.Join(", ", failed, passed); known != "" {
			return noAnswer(s) + " Known so far: " + known + "." + levelsText(s)
		}
		return noAnswer(s)
	case s.AtMost:
		return fmt.Sprintf("The least is at most %[1]s%[3]s: %[4]s. The search has no lower value.%[2]s Lower `from` to find the least.",
			pointText(s.Found), recommendation(s), forEach(s), proofText(s)) + searchRemarks(s)
	}
	return fmt.Sprintf("%s is the least%s: %s.%s", pointText(s.Found), forEach(s), proofText(s),
		recommendation(s)) + searchRemarks(s)
}

// searchRemarks returns the sentences after an answer.
func searchRemarks(s journal.Stage) string {
	text := priceText(s) + levelsText(s) + disprovedText(s)
	if s.Reason != "" {
		text += " " + sentence(s.Reason)
	}
	if s.HasLoad || s.HasScenario {
		return text
	}
	return text + " Only its start was tested: add a load to test that it responds."
}

// disprovedText returns the answers that were disproved; the table has the reasons.
func disprovedText(s journal.Stage) string {
	var texts []string
	for _, d := range s.Disproved {
		texts = append(texts, fmt.Sprintf(" Before, %s was the answer, and %s at %s disproved it.",
			pointText(&d.Found), d.Trial, pointText(&d.At)))
	}
	return strings.Join(texts, "")
}

// proofText returns the values of the trials that prove an answer.
func proofText(s journal.Stage) string {
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
	return strings.Join(parts, ", ") + correctionText(s)
}

// correctionText returns by how much memory an answer exceeds what passed, in whole
// mebibytes, rounded up, or that this is not known; "" where it does not.
func correctionText(s journal.Stage) string {
	if s.Certificate == nil {
		return ""
	}
	if s.Corrected == 0 {
		i := s.Find(s.Certificate.Passed)
		if i < 0 || !s.Varies(plans.Memory) || !cachedUnknown(s.Trials[i]) {
			return ""
		}
		return " (not corrected for cached files: their size is not known)"
	}
	text := fmt.Sprintf(", corrected by %s for cached files", wholeMebibytes(units.Bytes(s.Corrected)))
	if len(s.SharedWith) > 0 {
		text += " (shared with " + strings.Join(s.SharedWith, ", ") + ")"
	}
	return text
}

// trialValue returns the value that a stage varies: a limit, or the users of a ramp.
func trialValue(s journal.Stage, t journal.Trial) string {
	switch {
	case s.Several():
		return s.Combination(t)
	case s.Kind == plans.Search:
		return valueText(s.Dimension, searchedValue(s.Dimension, t))
	}
	return sizeText(t)
}

func recommendation(s journal.Stage) string {
	text, least := pointText(s.Recommended), "least"
	switch {
	case s.Recommended == nil || text == pointText(s.Found) && s.Corrected == 0:
		return ""
	case s.AtMost:
		least = "this value"
	}
	missing := "" // what the recommendation lacks: a trial, or one that passed
	if s.Certificate == nil || s.Certificate.Recommended == "" {
		missing = strings.TrimSuffix(", "+notTried+": "+tty.Clean(s.NotTried), ": ")
	} else if i := slices.IndexFunc(s.Trials, func(t journal.Trial) bool {
		return t.ID == s.Certificate.Recommended && t.Verdict != journal.Passed
	}); i >= 0 {
		missing = ", which failed: " + Reason(s.Trials[i])
	}
	return fmt.Sprintf(" Recommended: %s (%s + %s%s).", text, least, units.Percent(s.Margin), missing)
}

// noAnswer returns the sentence of a stage that ended without an answer.
func noAnswer(s journal.Stage) string {
	text := map[journal.Verdict]string{
		journal.Failed:       "No answer",
		journal.Inconclusive: "No answer. The stage is inconclusive",
		journal.Invalid:      "No answer. The measurement is invalid",
		journal.Aborted:      "No answer. The stage was stopped",
		journal.Skipped:      "Not run",
		"":                   "No answer. The stage did not end",
	}[s.Verdict]
	if s.Reason != "" {
		return text + ": " + strings.TrimSuffix(tty.Clean(s.Reason), ".") + "."
	}
	return text + "."
}

// sentence returns a clause with a capital and a full stop.
func sentence(text string) string {
	text = strings.TrimSuffix(tty.Clean(text), ".")
	first, size := utf8.DecodeRuneInString(text)
	if size == 0 {
		return ""
	}
	return string(unicode.ToUpper(first)) + text[size:] + "."
}
