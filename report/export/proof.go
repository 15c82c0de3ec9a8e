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
	together := false // a trial passed at no more than these limits
	for _, s := range stages {
		for _, t := range s.Trials {
			at := settingsOf(t)
			exceeds := func(d plans.Dimension) bool { // 0 is no limit
				return limits.Get(d) != 0 && (at.Get(d) == 0 || at.Get(d) > limits.Get(d))
			}
			if t.Verdict == journal.Passed && !t.FirstLook && !slices.ContainsFunc(plans.Dimensions(), exceeds) {
				together = true
			}
		}
		if !isSearch(s) && !slices.ContainsFunc(s.Trials, func(t journal.Trial) bool { return settingsOf(t) == limits }) {
			continue
		}
		lines = append(lines, s.Address+": "+report.Sentence(s))
		if s.Certificate == nil {
			continue
		}
		passed, failed := cmp.Or(s.Certificate.Passed, "none"), cmp.Or(strings.Join(s.Certificate.Failed, ", "), "none")
		line := fmt.Sprintf("  passed: %s; failed: %s", passed, failed)
		if s.Certificate.Recommended != "" {
			line += "; recommended: " + s.Certificate.Recommended
		}
		lines = append(lines, line)
	}
	if !together {
		lines = append(lines,
			"No trial had all of these limits together. Run a check with them to prove that the service passes.")
	}
	return lines
}
