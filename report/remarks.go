package report

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"plan/containers"
	"plan/engine"
	"plan/internal/units"
	"plan/plans"
	"plan/runner/journal"
)

// remarks are the lines below the tables of a stage. The table of a search has
// its reasons in it.
func remarks(s journal.Stage) []string {
	lines := slices.Concat(hidden(s), idle(s), generators(s), machine(s), drivers(s), notes(s))
	if s.Kind == plans.Search {
		return lines
	}
	return slices.Concat(reasons(s), lines)
}

// drivers names the load generators of a stage that are others than this
// command.
func drivers(s journal.Stage) []string {
	var lines []string
	for _, t := range s.Trials {
		if t.Load == nil || t.Load.Driver == journal.OwnEngine {
			continue
		}
		line := fmt.Sprintf("Load by %s: %s stands for what it does not tell.", clean(strings.TrimSpace(string(t.Load.Driver)+" "+t.Load.Version)), unknown)
		if !slices.Contains(lines, line) {
			lines = append(lines, line)
		}
	}
	return lines
}

// generators tell how the load itself went, where that was not as planned.
func generators(s journal.Stage) []string {
	var lines []string
	for _, t := range s.Trials {
		if t.Load == nil {
			continue
		}
		for _, text := range flaws(t) {
			lines = append(lines, who(s, t)+": "+clean(text))
		}
	}
	return lines
}

func flaws(t journal.Trial) []string {
	var texts []string
	l := t.Load
	if l.Ended != "" {
		texts = append(texts, fmt.Sprintf("the load was over after %s: %s", secondsText(&l.Seconds), l.Ended))
	}
	for _, limit := range l.Invalid {
		if t.Verdict == journal.Invalid || t.Verdict == journal.Passed && limit.Kind == engine.SaturationLateness {
			continue // it is the reason, or makes none and stands in the table
		}
		texts = append(texts, "the load generator was a limit too: "+limit.Text)
	}
	if n := known(l.Dropped); n > 0 {
		texts = append(texts, fmt.Sprintf("%s found no free user and %s dropped, %s of all", count(int(n), "arrival"), were(n), units.Percent(float64(n)/float64(l.Requests+n))))
	}
	if n := retried(l); n > 0 {
		texts = append(texts, fmt.Sprintf("%s %s sent once more, as the service had closed the idle connection", count(int(n), "request"), were(n)))
	}
	return texts
}

func were(n int64) string {
	if n == 1 {
		return "was"
	}
	return "were"
}

func retried(l *journal.Load) (n int64) {
	for _, request := range l.ByRequest {
		n += known(request.Retried)
	}
	return n
}

// noticed is from how many CPUs on a use of the machine by others is told, and
// from how many on a part of it is named.
const (
	noticed = 0.1
	named   = 0.05
)

// machine has a line for each trial that others than the service and its load
// took part of the machine from.
func machine(s journal.Stage) []string {
	var lines []string
	for _, t := range s.Trials {
		h := t.Host
		if h == nil || max(h.Other, h.Neighbours) <= noticed {
			continue
		}
		lines = append(lines, fmt.Sprintf("%s: %.1f CPU of the machine went to neither the service nor the load generator: %s",
			who(s, t), h.Helpers+h.Neighbours+h.Other, strings.Join(shares(t), ", ")))
	}
	return lines
}

// notes has a line for whatever else is to be said of a trial, once where it is
// the same of several.
func notes(s journal.Stage) []string {
	var lines []string
	told := map[string]bool{}
	for _, t := range s.Trials {
		for _, note := range t.Notes {
			if !told[note] {
				lines = append(lines, who(s, t)+": "+clean(note))
			}
			told[note] = true
		}
	}
	return lines
}

// shares are the parts of what others used.
func shares(t journal.Trial) []string {
	var parts []string
	for _, part := range []struct {
		text string
		cpus float64
		role containers.Role
	}{{"helpers", t.Host.Helpers, containers.Helper}, {"neighbours", t.Host.Neighbours, containers.Neighbour}, {"other processes", t.Host.Other, ""}} {
		if part.cpus >= named {
			parts = append(parts, fmt.Sprintf("%s %.1f%s", part.text, part.cpus, busiest(t, part.role)))
		}
	}
	return parts
}

// busiest names the containers of a role that used most, in brackets.
func busiest(t journal.Trial, role containers.Role) string {
	if t.Evidence == nil {
		return ""
	}
	used := func(w journal.Watched) float64 { return w.MeanCPUs(time.Time{}, time.Time{}) }
	watched := slices.DeleteFunc(slices.Clone(t.Evidence.Containers), func(w journal.Watched) bool { return w.Role != role || used(w) < named })
	slices.SortStableFunc(watched, func(a, b journal.Watched) int { return cmp.Compare(used(b), used(a)) })
	var names []string
	for _, w := range watched[:min(3, len(watched))] {
		names = append(names, clean(w.Name))
	}
	if len(names) == 0 {
		return ""
	}
	return " (" + strings.Join(names, ", ") + ")"
}
