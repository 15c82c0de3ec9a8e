package report

import (
	"fmt"
	"plan/internal/english"
	"plan/runner/journal"
	"slices"
)

// level is a least value besides the answer: what a service does there.
type level struct {
	does string
	// reached reports whether a trial that passed or failed shows it.
	reached func(journal.Trial) bool
}

// levels are those of a search, the first that a trial reaches first.
var levels = []level{
	{"starts", func(t journal.Trial) bool { return t.Verdict == journal.Passed || t.Phase != journal.PhaseStart }},
	{"responds", func(t journal.Trial) bool {
		return t.Verdict == journal.Passed || t.Phase != journal.PhaseStart && t.Phase != journal.PhaseFirst
	}},
}

// levelsText returns the least values at which a service starts and responds, where the
// trials of a search of one dimension show that these are below its answer.
func levelsText(s journal.Stage) string {
	if !s.HasLoad && !s.HasScenario || s.Certificate == nil {
		return ""
	}
	var texts []string
	for _, l := range levels {
		if text := levelText(s, l); text != "" {
			texts = append(texts, text)
		}
	}
	if len(texts) == 0 {
		return ""
	}
	return " It " + english.And(texts) + "."
}

// levelText returns where a service reaches a level, with the pair that shows it; ""
// where no two trials below the answer do.
func levelText(s journal.Stage, l level) string {
	i := s.Find(s.Certificate.Passed)
	if i < 0 {
		return ""
	}
	failed, least, shown := 0.0, searchedValue(s.Dimension, s.Trials[i]), false
	for _, t := range s.Trials {
		if value := searchedValue(s.Dimension, t); t.Verdict.Counts() && !l.reached(t) {
			failed = max(failed, value)
		}
	}
	for _, t := range s.Trials {
		if value := searchedValue(s.Dimension, t); t.Verdict.Counts() && l.reached(t) && value > failed && value < least {
			least, shown = value, true
		}
	}
	if !shown || failed == 0 {
		return ""
	}
	orLess := " or less"
	if i := slices.Index(s.Grid, least); i > 0 && s.Grid[i-1] == failed { // nothing lies between them
		orLess = ""
	}
	return fmt.Sprintf("%s at %s%s (%s failed)", l.does, valueText(s.Dimension, least), orLess, valueText(s.Dimension, failed))
}
