package report

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"plan/plans"
)

func settingsText(s plans.Settings) string {
	var list []string
	if s.Memory > 0 {
		list = append(list, s.Memory.String())
	}
	if s.CPUs > 0 {
		list = append(list, s.CPUs.String()+" CPU")
	}
	return cmp.Or(strings.Join(list, ", "), "none")
}

// limitsOf are the limits of each container of a stage's trials, without the
// searched one.
func limitsOf(s plans.Stage) string {
	limits := fixedLimits(s)
	var texts []string
	if limits.Memory > 0 || limits.CPUs > 0 {
		texts = append(texts, settingsText(limits))
	}
	for _, name := range []string{plans.Memory, plans.CPUs} {
		if limitUnknown(s, name) {
			texts = append(texts, name+" "+knownLater)
		}
	}
	return cmp.Or(strings.Join(texts, ", "), "none")
}

// fixedLimits are those known before the run; the searched dimension is none
// of them.
func fixedLimits(s plans.Stage) plans.Settings {
	limits := s.Limits()
	if dimensionOf(s) == plans.Memory || limitUnknown(s, plans.Memory) {
		limits.Memory = 0
	}
	if dimensionOf(s) == plans.CPUs || limitUnknown(s, plans.CPUs) {
		limits.CPUs = 0
	}
	if limitUnknown(s, plans.Replicas) {
		limits.Replicas = 0
	}
	return limits
}

// limitUnknown reports whether a limit is known only when the stage runs.
func limitUnknown(s plans.Stage, name string) bool {
	set := map[string]bool{plans.Memory: s.Set.Memory != 0, plans.CPUs: s.Set.CPUs != 0, plans.Replicas: s.Set.Replicas != 0}[name]
	own := map[string]string{plans.Memory: "service.limits.memory", plans.CPUs: "service.limits.cpus", plans.Replicas: "service.replicas"}[name]
	return dimensionOf(s) != name && (isUnknown(s, "set."+name) || isUnknown(s, own) && !set)
}

// replicasOf is "" where the plan does not speak of them.
func replicasOf(s plans.Stage) string {
	if limitUnknown(s, plans.Replicas) {
		return knownLater
	}
	return replicasText(s.Limits())
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

// laterOr is a text, or that the attribute is known only when it runs.
func laterOr(s plans.Stage, attribute, text string) string {
	if isUnknown(s, attribute) {
		return knownLater
	}
	return text
}
