package export

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"plan/plans"
	"plan/report"
	"plan/runner/journal"
)

// NameOf is the name of a service in its address, "api" of service.api.
func NameOf(address string) string { return strings.TrimPrefix(address, "service.") }

// proof tells what the stages of one service say of its limits: each search,
// also one without an answer, and each load at just these limits, held or not.
func proof(stages []journal.Stage, limits plans.Settings) []string {
	var lines []string
	for _, s := range stages {
		if isSearch(s) || slices.ContainsFunc(s.Trials, func(t journal.Trial) bool { return settingsOf(t) == limits }) {
			lines = append(lines, s.Address+": "+report.Sentence(s))
			lines = append(lines, provingTrials(s)...)
		}
	}
	if !slices.ContainsFunc(stages, func(s journal.Stage) bool { return passedWithin(s, limits) }) {
		lines = append(lines,
			"No trial ran at all of these limits at once: a check with them would show whether they hold together.")
	}
	return lines
}

// provingTrials names those that prove an answer.
func provingTrials(s journal.Stage) []string {
	if s.Certificate == nil {
		return nil
	}
	passed, failed := cmp.Or(s.Certificate.Passed, "none"), cmp.Or(strings.Join(s.Certificate.Failed, ", "), "none")
	line := fmt.Sprintf("  passed: %s; failed: %s", passed, failed)
	if s.Certificate.Recommended != "" {
		line += "; at what is recommended: " + s.Certificate.Recommended
	}
	return []string{line}
}

// passedWithin reports whether a trial of the stage passed at no more than these limits.
func passedWithin(s journal.Stage, limits plans.Settings) bool {
	return slices.ContainsFunc(s.Trials, func(t journal.Trial) bool {
		return t.Verdict == journal.Passed && !t.FirstLook && atMost(settingsOf(t), limits)
	})
}

// atMost compares settings; 0 is no limit.
func atMost(a, b plans.Settings) bool {
	return !slices.ContainsFunc(plans.Dimensions(), func(d plans.Dimension) bool {
		return b.Get(d) != 0 && (a.Get(d) == 0 || a.Get(d) > b.Get(d))
	})
}
