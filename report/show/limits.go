package show

import (
	"fmt"
	"slices"

	"plan/plans"
)

func containerTexts(s plans.Settings) []string { return plans.Settings{Limits: s.Limits}.Texts() }

// fixedLimits returns the limits that are known before the run, without the searched
// one.
func fixedLimits(s plans.Stage) plans.Settings {
	limits := s.Limits()
	for _, d := range plans.Dimensions() {
		if _, varied := s.Varied(d); varied || s.LimitUnknown(d) {
			limits.Put(d, 0)
		}
	}
	return limits
}

func replicasText(s plans.Settings) string {
	switch s.Replicas {
	case 0:
		return ""
	case 1:
		return "1"
	}
	return fmt.Sprintf("%d, each with these limits", s.Replicas)
}

func isUnknown(s plans.Stage, attribute string) bool { return slices.Contains(s.Unknown, attribute) }

// laterOr returns a text; knownLater for an attribute that only the run can know.
func laterOr(s plans.Stage, attribute, text string) string {
	if isUnknown(s, attribute) {
		return knownLater
	}
	return text
}
