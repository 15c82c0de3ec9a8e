package report

import (
	"fmt"

	"plan/internal/english"
	"plan/internal/tty"
	"plan/runner/journal"
)

// sizeText returns the load of a trial for a cell: its users, or its arrivals as
// "50/s". "≤" marks the maximum of load stages.
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

// sizeWords returns the same for a sentence; "" for a trial without a load.
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

// hasArrivals reports whether the load of a stage consists of arrivals.
func hasArrivals(s journal.Stage) bool {
	return len(s.Trials) > 0 && s.Trials[0].Arrivals != nil
}
