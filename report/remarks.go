package report

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"plan/containers"
	"plan/engine"
	"plan/internal/english"
	"plan/internal/tty"
	"plan/internal/units"
	"plan/plans"
	"plan/runner/journal"
)

// remarks returns the lines below the tables of a stage. The table of a search has a
// column for reasons.
func remarks(s journal.Stage) []string {
	if s.Kind == plans.Search {
		return doubts(s)
	}
	return slices.Concat(reasonRemarks(s), doubts(s))
}

// doubts returns the remarks besides the reasons.
func doubts(s journal.Stage) []string {
	return slices.Concat(hiddenLatency(s), idleReplicas(s), generatorRemarks(s), machineRemarks(s), driverRemarks(s),
		noteRemarks(s))
}

// driverRemarks returns a line for each driver other than the built-in one.
func driverRemarks(s journal.Stage) []string {
	var lines []string
	for _, t := range s.Trials {
		if t.Load == nil || t.Load.Driver == journal.OwnEngine {
			continue
		}
		line := fmt.Sprintf("Load by %s: %s stands for what it does not tell.",
			tty.Clean(strings.TrimSpace(string(t.Load.Driver)+" "+t.Load.Version)), tty.Unknown)
		if !slices.Contains(lines, line) {
			lines = append(lines, line)
		}
	}
	return lines
}

// generatorRemarks returns a line for each load that did not go as planned.
func generatorRemarks(s journal.Stage) []string {
	var lines []string
	for _, t := range s.Trials {
		if t.Load == nil {
			continue
		}
		for _, text := range loadRemarks(t) {
			lines = append(lines, trialName(s, t)+": "+tty.Clean(text))
		}
	}
	return lines
}

func loadRemarks(t journal.Trial) []string {
	var texts []string
	l := t.Load
	if l.Ended != "" {
		texts = append(texts, fmt.Sprintf("the load was over after %s: %s", tty.Seconds(&l.Seconds), l.Ended))
	}
	for _, limit := range l.Invalid {
		if t.Verdict == journal.Invalid || t.Verdict == journal.Passed && limit.Kind == engine.SaturationLateness {
			continue // the reason, or a figure of the table, has it
		}
		texts = append(texts, "the load generator was a limit too: "+limit.Text)
	}
	if n := tty.OrZero(l.Dropped); n > 0 {
		texts = append(texts, fmt.Sprintf("%s found no free user and %s dropped, %s of all",
			english.Count(int(n), "arrival"), wasOrWere(n), units.Percent(float64(n)/float64(l.Requests+n))))
	}
	if n := retried(l); n > 0 {
		texts = append(texts, fmt.Sprintf("%s %s sent once more, as the service had closed the idle connection",
			english.Count(int(n), "request"), wasOrWere(n)))
	}
	return texts
}

func wasOrWere(n int64) string {
	if n == 1 {
		return "was"
	}
	return "were"
}

func retried(l *journal.Load) (n int64) {
	for _, request := range l.ByRequest {
		n += tty.OrZero(request.Retried)
	}
	return n
}

// leastReported is the least use of the machine by others that has a line, and named the
// least part of it that is named, in CPUs.
const (
	leastReported = 0.1
	leastNamed    = 0.05
)

// machineRemarks returns a line for each trial during which others than the service and
// the driver used the machine.
func machineRemarks(s journal.Stage) []string {
	var lines []string
	for _, t := range s.Trials {
		h := t.Host
		if h == nil || max(h.Other, h.Neighbours) <= leastReported {
			continue
		}
		lines = append(lines,
			fmt.Sprintf("%s: %.1f CPU of the machine went to neither the service nor the load generator: %s",
				trialName(s, t), h.Helpers+h.Neighbours+h.Other, strings.Join(shares(t), ", ")))
	}
	return lines
}

// noteRemarks returns the notes of all trials, each text once.
func noteRemarks(s journal.Stage) []string {
	var lines []string
	told := map[string]bool{}
	for _, t := range s.Trials {
		for _, note := range t.Notes {
			if !told[note] {
				lines = append(lines, trialName(s, t)+": "+tty.Clean(note))
			}
			told[note] = true
		}
	}
	return lines
}

// shares returns the parts of what others used.
func shares(t journal.Trial) []string {
	var parts []string
	for _, part := range []struct {
		text string
		cpus float64
		role containers.Role
	}{{"helpers", t.Host.Helpers, containers.Helper}, {"neighbours", t.Host.Neighbours, containers.Neighbour},
		{"other processes", t.Host.Other, ""}} {
		if part.cpus >= leastNamed {
			parts = append(parts, fmt.Sprintf("%s %.1f%s", part.text, part.cpus, busiest(t, part.role)))
		}
	}
	return parts
}

// busiest returns the containers of a role that used most, in brackets.
func busiest(t journal.Trial, role containers.Role) string {
	if t.Evidence == nil {
		return ""
	}
	used := func(w journal.Watched) float64 { return w.MeanCPUs(time.Time{}, time.Time{}) }
	watched := slices.DeleteFunc(slices.Clone(t.Evidence.Containers),
		func(w journal.Watched) bool { return w.Role != role || used(w) < leastNamed })
	slices.SortStableFunc(watched, func(a, b journal.Watched) int { return cmp.Compare(used(b), used(a)) })
	var names []string
	for _, w := range watched[:min(3, len(watched))] {
		names = append(names, tty.Clean(w.Name))
	}
	if len(names) == 0 {
		return ""
	}
	return " (" + strings.Join(names, ", ") + ")"
}
