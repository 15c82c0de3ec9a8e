package report

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"plan/internal/units"
	"plan/plans"
)

func serviceRows(s plans.Service) [][2]string {
	return [][2]string{
		{"image", s.Image},
		{"command", commandText(s.Command)},
		{"environment", environmentText(s.Environment)},
		{"networks", cmp.Or(strings.Join(s.Networks, ", "), "one for the run, then removed")},
		{"expose", numbers(s.Expose)},
		{"ports", portsText(s.Ports)},
		{"restart", s.Restart},
		{"limits", settingsText(s.Limits)},
		{"ready", readyText(s.Ready)},
	}
}

func commandText(command []string) string {
	if command == nil {
		return "the image's own"
	}
	quoted := make([]string, len(command))
	for i, word := range command {
		quoted[i] = word
		if word == "" || strings.ContainsAny(word, " \t\"'") {
			quoted[i] = strconv.Quote(word)
		}
	}
	return strings.Join(quoted, " ")
}

func environmentText(environment map[string]string) string {
	var list []string
	for _, name := range slices.Sorted(maps.Keys(environment)) {
		list = append(list, name+"="+environment[name])
	}
	return strings.Join(list, " ")
}

func numbers(list []int) string {
	texts := make([]string, len(list))
	for i, n := range list {
		texts[i] = strconv.Itoa(n)
	}
	return strings.Join(texts, ", ")
}

func portsText(ports []plans.Port) string {
	var list []string
	for _, p := range ports {
		host := "a random port"
		if p.Host != 0 {
			host = strconv.Itoa(p.Host)
		}
		if p.Address != "" {
			host = p.Address + ":" + host
		}
		list = append(list, fmt.Sprintf("%d on %s of the host", p.Container, host))
	}
	return strings.Join(list, ", ")
}

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

func readyText(r plans.Ready) string {
	what := "once it takes connections on port " + strconv.Itoa(r.TCP)
	switch {
	case r.Path != "":
		what = fmt.Sprintf("once GET %s answers %s", r.Path, statusText(r.Status))
	case r.Log != "":
		what = "once a line of its log matches " + r.Log
	}
	return what + ", within " + units.Duration(r.Within)
}

// limitsOf are the limits of a stage's trials, without the searched one.
func limitsOf(s plans.Stage) string {
	limits := fixedLimits(s)
	var texts []string
	if limits != (plans.Settings{}) {
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
	return limits
}

// limitUnknown reports whether a limit is known only when the stage runs.
func limitUnknown(s plans.Stage, name string) bool {
	set := map[string]bool{plans.Memory: s.Set.Memory != 0, plans.CPUs: s.Set.CPUs != 0}[name]
	return dimensionOf(s) != name && (isUnknown(s, "set."+name) || isUnknown(s, "service.limits."+name) && !set)
}

func isUnknown(s plans.Stage, attribute string) bool { return slices.Contains(s.Unknown, attribute) }

// laterOr is a text, or that the attribute is known only when it runs.
func laterOr(s plans.Stage, attribute, text string) string {
	if isUnknown(s, attribute) {
		return knownLater
	}
	return text
}

// questionRows say what a search, ramp or check tries.
func questionRows(s plans.Stage) [][2]string {
	switch s.Kind {
	case plans.Search:
		return [][2]string{
			{"strategy", s.Strategy},
			{"tries", gridText(s)},
			{"margin", marginText(s)},
		}
	case plans.Ramp:
		demand := "no number"
		if s.AtLeast > 0 {
			demand = count(s.AtLeast, "user")
		}
		return [][2]string{
			{"users", laterOr(s, "users", numbers(s.Users))},
			{"must hold", laterOr(s, "at_least", demand)},
			{"stops after", laterOr(s, "stop_after", count(max(1, s.StopAfter), "step")+" that did not pass")},
		}
	}
	return nil
}

// marginText is "" for CPUs, which are recommended as found.
func marginText(s plans.Stage) string {
	if dimensionOf(s) == plans.CPUs {
		return ""
	}
	return laterOr(s, "margin", percent(s.Margin))
}

// gridText lists the values that a search can try.
func gridText(s plans.Stage) string {
	if gridUnknown(s) {
		return "values " + knownLater
	}
	values := s.Vary.Grid()
	texts := make([]string, len(values))
	for i, value := range values {
		texts[i] = gridValue(s.Vary.Dimension, value)
	}
	return fmt.Sprintf("some of %d values: %s", len(values), strings.Join(texts, ", "))
}

func gridUnknown(s plans.Stage) bool {
	return isUnknown(s, "vary.from") || isUnknown(s, "vary.to") || isUnknown(s, "vary.step")
}

func gridValue(dimension string, value int64) string {
	if dimension == plans.CPUs {
		return units.CPUs(value).String()
	}
	return units.Bytes(value).String()
}

// loadRows say what is asked of the service, and what it must hold.
func loadRows(s plans.Stage) [][2]string {
	if s.Load == nil {
		return [][2]string{{"load", "none: the service only has to start"}, {"asserts", strings.Join(s.Asserts, ", ")}}
	}
	return [][2]string{
		{"load", fmt.Sprintf("%s of %s", usersText(s), s.Load.Scenario.Address)},
		{"runtime", laterOr(s, "load.runtime", units.Duration(s.Load.Runtime))},
		{"spawn rate", laterOr(s, "load.spawn_rate", spawnText(s.Load))},
		{"think time", thinkText(s.Load.Scenario.ThinkTime)},
		{"requests", requestsText(s.Load.Scenario)},
		{"threshold", thresholdText(s)},
		{"asserts", strings.Join(s.Asserts, ", ")},
	}
}

func usersText(s plans.Stage) string {
	switch {
	case s.Kind == plans.Ramp:
		return "each number of users"
	case isUnknown(s, "load.users"):
		return "users (how many is " + knownLater + ")"
	}
	return count(s.Load.Users, "user")
}

func spawnText(l *plans.Workload) string {
	if l.SpawnRate > 0 {
		return fmt.Sprintf("%g/s", l.SpawnRate)
	}
	return "all within 10s, at most 100/s"
}

func thinkText(t plans.ThinkTime) string {
	switch t.Kind {
	case "fixed":
		return units.Duration(t.Min)
	case "between":
		return units.Duration(t.Min) + " to " + units.Duration(t.Max)
	case "exponential":
		return "exponential, " + units.Duration(t.Min) + " on average"
	}
	return "none"
}

func requestsText(s plans.Scenario) string {
	var list []string
	for _, r := range s.Requests {
		list = append(list, fmt.Sprintf("%s: %s %s, weight %g", r.Name, r.Method, r.Path, r.Weight))
	}
	return strings.Join(list, "; ")
}

func thresholdText(s plans.Stage) string {
	var list []string
	for _, o := range s.Threshold {
		list = append(list, objectiveText(o))
	}
	for _, attribute := range s.Unknown {
		if metric, ok := strings.CutPrefix(attribute, "threshold."); ok {
			list = append(list, metric+" "+knownLater)
		}
	}
	return cmp.Or(strings.Join(list, ", "), "every answer is OK")
}

func objectiveText(o plans.Objective) string {
	switch o.Metric {
	case "error_rate":
		return "error_rate at most " + percent(o.Limit)
	case "throughput":
		return fmt.Sprintf("throughput at least %g/s", o.Limit)
	}
	return o.Metric + " at most " + units.Duration(units.Seconds(o.Limit))
}
