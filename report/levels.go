package report

import (
	"fmt"

	"plan/internal/english"
	"plan/runner/answer"
	"plan/runner/journal"
)

// level is what the levels of a search with the same value and proof say, for people.
type level struct {
	does, did []string // starts, started
	at        journal.Point
	missed    string // the value of the trial below
	undecided int    // values between both
}

// past is what a service did in a trial that reached a level.
var past = map[journal.LevelName]string{journal.Starts: "started", journal.Responds: "responded"}

// levelsOf returns the levels of a search. One that has not ended, and one of version 0.1,
// has not written them: they follow from its trials.
func levelsOf(s journal.Stage) []level {
	written := s.Levels
	if written == nil {
		written = answer.Levels(s)
	}
	var all []level
	for i, l := range written {
		missed := s.Find(l.Missed)
		if missed < 0 { // its line is damaged
			continue
		}
		if i > 0 && len(all) > 0 && written[i-1].Reached == l.Reached && written[i-1].Missed == l.Missed {
			same := &all[len(all)-1]
			same.does, same.did = append(same.does, string(l.Name)), append(same.did, past[l.Name])
			continue
		}
		all = append(all, level{
			does: []string{string(l.Name)}, did: []string{past[l.Name]}, at: l.Found,
			missed: trialValue(s, s.Trials[missed]), undecided: l.Undecided,
		})
	}
	return all
}

// levelsText returns the levels of a search in words; "" where it has none.
func levelsText(s journal.Stage) string {
	orLess := " or less"
	if axis, _, _ := s.LevelAxis(); s.Several() {
		orLess = ", or with less " + axis.Dimension.Noun()
	}
	var texts []string
	for _, l := range levelsOf(s) {
		text := english.And(l.does) + " at " + pointText(&l.at)
		if l.undecided > 0 {
			text += orLess
		}
		texts = append(texts, fmt.Sprintf("%s (%s failed)", text, l.missed))
	}
	if len(texts) == 0 {
		return ""
	}
	return " It " + english.And(texts) + "."
}

// levelRows returns the rows of the levels of a search, which follow its own in the table of
// a run.
func levelRows(s journal.Stage) [][]string {
	var rows [][]string
	for _, l := range levelsOf(s) {
		at := eachText(s, &l.at)
		if l.undecided > 0 {
			at = "at most " + at
		}
		proof := fmt.Sprintf("%s %s, %s did not", pointText(&l.at), english.And(l.did), l.missed)
		rows = append(rows, []string{"  " + english.And(l.does), at, proof, "", ""})
	}
	return rows
}
