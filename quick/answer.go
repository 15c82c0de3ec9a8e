package quick

import (
	"cmp"
	"fmt"
	"io"
	"slices"
	"strings"

	"plan/internal/english"
	"plan/internal/tty"
	"plan/internal/units"
	"plan/plans"
	"plan/runner/journal"
)

// Answer is what quick prints: one sentence, and lines with a label each.
type Answer struct {
	Sentence string
	Lines    [][2]string
}

// Print writes an answer for a terminal.
func (a Answer) Print(w io.Writer) error {
	text := a.Sentence + "\n"
	for _, line := range a.Lines {
		text += fmt.Sprintf("  %-8s  %s\n", line[0], line[1])
	}
	_, err := io.WriteString(w, text)
	return err
}

// Markdown writes an answer to paste.
func (a Answer) Markdown(w io.Writer) error {
	text := "**" + markdown.Replace(a.Sentence) + "**\n\n| | |\n|---|---|\n"
	for _, line := range a.Lines {
		text += fmt.Sprintf("| %s | %s |\n", line[0], markdown.Replace(line[1]))
	}
	_, err := io.WriteString(w, text)
	return err
}

// markdown keeps a text in its cell, and literal.
var markdown = strings.NewReplacer("|", `\|`, "*", `\*`, "_", `\_`, "<", "&lt;", "`", "\\`", "\n", " ")

// caveat is what a quick answer is worth.
const caveat = "short loads, steps of 5 %, one trial that passed and one that failed for each figure: not a proof"

// Of returns the answer of a run of a quick plan. name is what was sized, file the plan.
func Of(name, file string, run journal.Run) Answer {
	var search, ramp journal.Stage
	for _, s := range run.Stages {
		if s.Kind == plans.Search {
			search = s
		} else {
			ramp = s
		}
	}
	a := Answer{Sentence: sentence(name, search, ramp, run)}
	a.add("memory", memory(search))
	for _, text := range users(ramp) {
		a.add("users", text)
	}
	a.add("limit", binds(ramp))
	a.add("quick", caveat)
	a.add("evidence", "plan report "+run.Run.ID)
	a.add("in full", "plan run "+file+", after you have edited it: the file says what to change")
	return a
}

// add adds a line unless it is empty.
func (a *Answer) add(label, text string) {
	if text = tty.Clean(text); text != "" {
		a.Lines = append(a.Lines, [2]string{label, text})
	}
}

// sentence is the answer in short.
func sentence(name string, search, ramp journal.Stage, run journal.Run) string {
	switch {
	case search.Found == nil && run.Run.Problem != "":
		return "No answer: " + tty.Clean(run.Run.Problem)
	case search.Found == nil:
		return "No answer for " + name + "."
	case ramp.Held == nil:
		return fmt.Sprintf("%s starts and responds with %s of memory.", name, memoryText(search.Found.Memory))
	}
	atLeast := ""
	if t, stopped := ended(ramp); !stopped || t.Verdict != journal.Failed {
		atLeast = "at least "
	}
	cpus := "no limit of CPU"
	if len(ramp.Trials) > 0 && ramp.Trials[0].Set.CPUs != nil {
		cpus = units.CPUs(plans.CPUs.Value(*ramp.Trials[0].Set.CPUs)).String() + " CPU"
	}
	return fmt.Sprintf("%s needs %s of memory, and then holds %s%s with %s.", name, memoryText(search.Found.Memory),
		atLeast, english.Count(*ramp.Held, "user"), cpus)
}

// memory is the answer of the search, with what failed below it.
func memory(s journal.Stage) string {
	failed := slices.DeleteFunc(slices.Clone(s.Trials), func(t journal.Trial) bool {
		return t.Verdict != journal.Failed || t.Set.Memory == nil
	})
	switch {
	case len(s.Trials) == 0:
		return cmp.Or(s.Reason, "not searched")
	case s.Found == nil && s.Verdict != journal.Failed:
		return "no answer: " + cmp.Or(s.Reason, "the search did not end")
	case s.Found == nil:
		worst := slices.MaxFunc(s.Trials, func(a, b journal.Trial) int {
			return cmp.Compare(tty.OrZero(a.Set.Memory), tty.OrZero(b.Set.Memory))
		})
		text := fmt.Sprintf("even %s failed: %s", memoryText(worst.Set.Memory), why(worst))
		if worst.Phase == journal.PhaseFirst && worst.Reason != nil && *worst.Reason == journal.Errors {
			text += ". Name the request with --path and --json, or --curl"
		}
		return text
	case s.AtMost:
		return fmt.Sprintf("at most %s: it is the lowest value that was tried", memoryText(s.Found.Memory))
	}
	below := slices.DeleteFunc(failed, func(t journal.Trial) bool {
		return tty.OrZero(t.Set.Memory) >= tty.OrZero(s.Found.Memory)
	})
	text := memoryText(s.Found.Memory) + " is the least at which it starts and responds"
	if len(below) > 0 {
		nearest := slices.MaxFunc(below, func(a, b journal.Trial) int { return cmp.Compare(*a.Set.Memory, *b.Set.Memory) })
		text += fmt.Sprintf("; %s failed: %s", memoryText(nearest.Set.Memory), why(nearest))
	}
	return text
}

// users are the steps that prove the answer of the ramp.
func users(s journal.Stage) []string {
	if len(s.Trials) == 0 {
		return nil
	}
	var texts []string
	failed, stopped := ended(s)
	if s.Held != nil {
		texts = append(texts, fmt.Sprintf("%s held, with 1 to 3 s between their requests%s",
			english.Count(*s.Held, "user"), figures(s, *s.Held)))
	} else if stopped && failed.Users != nil {
		texts = append(texts, fmt.Sprintf("fewer than %d. Write lower steps and a longer runtime in the ramp of the plan",
			*failed.Users))
	}
	switch {
	case stopped && failed.Users != nil && failed.Verdict == journal.Failed:
		texts = append(texts, fmt.Sprintf("%s failed: %s", english.Count(*failed.Users, "user"), why(failed)))
	case stopped && failed.Users != nil:
		texts = append(texts, fmt.Sprintf("%s: no verdict: %s", english.Count(*failed.Users, "user"), why(failed)))
	case s.Held != nil:
		texts = append(texts, "more were not tried")
	}
	return texts
}

// figures are what the last trial of a step measured, in brackets.
func figures(s journal.Stage, users int) string {
	for _, t := range slices.Backward(s.Trials) {
		switch {
		case t.Users == nil || *t.Users != users:
			continue
		case t.Load == nil || t.Load.Judged.Latency.P95 == nil:
			return ""
		}
		j := t.Load.Judged
		return fmt.Sprintf(" (p95 %s, %s of %s failed)", tty.Seconds(j.Latency.P95), tty.Grouped(j.Failed),
			english.Count(int(j.OK+j.Failed), "request"))
	}
	return ""
}

// Shares of a limit from which it counts as what binds.
const (
	busyCPU   = 0.8
	throttled = 0.5
)

// binds says which limit the failed step ran into, and what to change.
func binds(s journal.Stage) string {
	t, stopped := ended(s)
	if !stopped || t.Verdict != journal.Failed {
		return ""
	}
	share, slowed := tty.OrZero(t.CPU.Share), 0.0
	if periods := tty.OrZero(t.CPU.Periods); periods > 0 {
		slowed = float64(tty.OrZero(t.CPU.ThrottledPeriods)) / float64(periods)
	}
	switch {
	case t.Reason != nil && t.Reason.Explain().OOM:
		return "memory: it was killed under load. Raise memory for more users"
	case share >= busyCPU:
		return fmt.Sprintf("CPU: it used %s of its limit. Raise cpus, or add replicas", units.Percent(share))
	case slowed >= throttled:
		return fmt.Sprintf("CPU: it was throttled in %s of the time. Raise cpus, or add replicas", units.Percent(slowed))
	case t.Host != nil && t.Host.Neighbours+t.Host.Other >= t.Host.CPUs/2:
		return fmt.Sprintf("others used %s of the %s CPUs of the machine: run it again when it is idle",
			tty.Figure(t.Host.Neighbours+t.Host.Other), tty.Figure(t.Host.CPUs))
	case t.CPU.Share == nil:
		return ""
	}
	return fmt.Sprintf("neither memory nor CPU (%s used): more workers, or what it waits for, such as a helper",
		units.Percent(share))
}

// ended returns the step that did not pass and ended a ramp; false where all passed.
func ended(s journal.Stage) (journal.Trial, bool) {
	if n := len(s.Trials); n > 0 && s.Trials[n-1].Verdict != journal.Passed {
		return s.Trials[n-1], true
	}
	return journal.Trial{}, false
}

func why(t journal.Trial) string { return strings.TrimSuffix(tty.Clean(t.Why), ".") }

func memoryText(bytes *int64) string { return tty.Bytes(bytes) }
