package report

import (
	"fmt"

	"plan/internal/english"
	"plan/internal/tty"
	"plan/runner/journal"
)

// sizeText is how much of a load a trial had, in a cell: its users, or "50/s"
// where requests arrive. "≤" is the most of stages.
func sizeText(t journal.Trial) string {
	text := tty.Unknown
	switch {
	case t.Arrivals != nil:
		text = tty.Figure(*t.Arrivals) + "/s"
	case t.Users != nil:
		text = fmt.Sprint(*t.Users)
	}
	if t.Staged {
		return "≤" + text
	}
	return text
}

// sizeWords says the same in a sentence; "" of a trial without a load.
func sizeWords(t journal.Trial) string {
	text := ""
	switch {
	case t.Arrivals != nil:
		text = tty.Figure(*t.Arrivals) + " arrivals/s"
	case t.Users != nil:
		text = english.Count(*t.Users, "user")
	}
	if t.Staged {
		return "up to " + text
	}
	return text
}

// arrives says whether the load of a stage is one of arrivals.
func arrives(s journal.Stage) bool {
	return len(s.Trials) > 0 && s.Trials[0].Arrivals != nil
}

// loadWords is the load of a check in its title: what is not plain users says
// how much it is.
func loadWords(s journal.Stage) string {
	if len(s.Trials) > 0 && (arrives(s) || s.Trials[0].Staged) {
		return sizeWords(s.Trials[0])
	}
	return "one load"
}
