package report

import (
	"bytes"
	"strings"
	"testing"

	"plan/internal/tty"
	"plan/report/fixture"
	"plan/runner/journal"
)

// A pass of which it is not known whether the kernel killed a worker is marked in the table, in the answer and in the
// summary; others, and failures, are not.
func TestKillsThatAreNotKnown(t *testing.T) {
	for name, c := range map[string]struct {
		stage  journal.Stage
		proves bool // the trial of the answer, not another one
	}{
		"a search": {fixture.Found(), true}, "a ramp": {fixture.Held(), true}, "a check": {fixture.Met(), true},
		"another trial": {fixture.Found(), false},
	} {
		for _, known := range []bool{true, false} {
			s := c.stage
			for i := range s.Trials {
				if s.Trials[i].Verdict == journal.Passed && (s.Trials[i].ID == s.Certificate.Passed) == c.proves && !known {
					s.Trials[i].OOMKills = nil
				}
				if s.Trials[i].Verdict == journal.Failed && !known { // it is no pass
					s.Trials[i].OOMKills = nil
				}
			}
			var text bytes.Buffer
			if err := Tables(&text, journal.Run{Stages: []journal.Stage{s}}, tty.Options{Width: 200}); err != nil {
				t.Fatal(err)
			}
			marks := strings.Count(text.String(), unknownKills)
			answer, sentence := strings.Contains(answerText(s), unknownKills), Sentence(s)
			says := strings.Contains(sentence, "whether a worker was killed for memory in "+s.Certificate.Passed) || strings.Contains(sentence, unknownKills)
			if (marks > 0) == known || answer != (!known && c.proves) || says != (!known && c.proves) {
				t.Errorf("%s, known %v: %d marks, answer %q: %s\n%s", name, known, marks, answerText(s), sentence, &text)
			}
		}
	}
}
