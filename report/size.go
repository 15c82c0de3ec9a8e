package report

import (
	"fmt"
	"maps"
	"slices"

	"plan/internal/english"
	"plan/internal/tty"
	"plan/runner/journal"
)

// sizeText returns the load of a trial for a cell: its users, or its arrivals as
// "50/s". "≤" marks the maximum of load stages.
func sizeText(t journal.Trial) string {
	text := tty.Unknown
	switch {
	case len(t.Windows) > 0:
		return fmt.Sprintf("%d–%d", t.Windows[0].Users, reached(t))
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

// SizeWords returns the load of a trial for a sentence; "" for a trial without a load.
func SizeWords(t journal.Trial) string {
	text := ""
	switch {
	case len(t.Windows) > 0:
		return fmt.Sprintf("%d to %d users", t.Windows[0].Users, reached(t))
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

// LimitsText returns the settings and the load of a trial.
func LimitsText(t journal.Trial) string {
	return tty.Join(", ", append(SettingTexts(t), SizeWords(t))...)
}

// SettingTexts returns the limits of a trial, and the values of settings that its search
// varies.
func SettingTexts(t journal.Trial) []string {
	texts := t.Set.Values().Texts()
	for _, name := range slices.Sorted(maps.Keys(t.Set.Vary)) {
		texts = append(texts, fmt.Sprintf("%s %v", name, t.Set.Vary[name]))
	}
	return texts
}
