package quick

import (
	"cmp"
	"fmt"
	"io"
	"math"
	"slices"
	"strings"

	"plan/internal/english"
	"plan/internal/exchange"
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
var markdown = strings.NewReplacer(`\`, `\\`, "|", `\|`, "*", `\*`, "_", `\_`, "<", "&lt;", "`", "\\`", "\n", " ")

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
	a.add("growth", growth(search, ramp))
	a.add("limit", binds(ramp))
	a.add("quick", caveat(search, ramp))
	a.add("evidence", "plan report "+run.Run.ID)
	a.add("in full", "plan run "+file+", after you have edited it: the file says what to change")
	return a
}

// caveat is what a quick answer is worth: how far apart the values are, and whether each
// figure has a trial that failed.
func caveat(search, ramp journal.Stage) string {
	text := "short loads"
	if len(search.Trials) > 0 {
		text += ", memory in steps of 5 %"
	}
	_, bounded := failedBelow(search)
	if len(ramp.Trials) > 0 {
		text += ", users in steps of " + map[bool]string{true: "5 %", false: "up to 2.5 times"}[ramp.Auto != nil]
		end, stopped := ended(ramp)
		bounded = bounded && ramp.Held != nil && stopped && end.Verdict == journal.Failed
	}
	if bounded && search.Found != nil {
		text += ", for each figure one trial that passed and one that failed"
	}
	return text + ": not a proof"
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
	}
	need := map[bool]string{true: "at most "}[search.AtMost] + memoryText(search.Found.Memory) + " of memory"
	if ramp.Held == nil {
		return fmt.Sprintf("%s starts and responds with %s.", name, need)
	}
	atLeast := ""
	if t, stopped := ended(ramp); !stopped || t.Verdict != journal.Failed {
		atLeast = "at least "
	}
	cpus := "no limit of CPU"
	if len(ramp.Trials) > 0 && ramp.Trials[0].Set.CPUs != nil {
		cpus = units.CPUs(plans.CPUs.Value(*ramp.Trials[0].Set.CPUs)).String() + " CPU"
	}
	held := atLeast + english.Count(*ramp.Held, "user")
	if len(ramp.Trials) > 0 && tty.OrZero(ramp.Trials[0].Set.Memory) > tty.OrZero(search.Found.Memory) {
		return fmt.Sprintf("%s needs %s; with %s and %s it holds %s.", name, need,
			memoryText(ramp.Trials[0].Set.Memory), cpus, held)
	}
	return fmt.Sprintf("%s needs %s, and then holds %s with %s.", name, need, held, cpus)
}

// memory is the answer of the search, with what failed below it.
func memory(s journal.Stage) string {
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
			text += map[bool]string{
				true:  ". Allow it more time, such as --threshold p95=30s",
				false: ". Name the request with --path and --json, or --curl",
			}[timedOut(worst)]
		}
		return text
	case s.AtMost:
		return fmt.Sprintf("at most %s: it is the lowest value that was tried", memoryText(s.Found.Memory))
	}
	text := memoryText(s.Found.Memory) + " is the least at which it starts and responds"
	if nearest, is := failedBelow(s); is {
		text += fmt.Sprintf("; %s failed: %s", memoryText(nearest.Set.Memory), why(nearest))
	}
	return text
}

// timedOut reports whether a first request of a trial had no response in time.
func timedOut(t journal.Trial) bool {
	if t.Evidence == nil {
		return false
	}
	for _, outcome := range t.Evidence.First {
		if outcome.Class == exchange.Timeout {
			return true
		}
	}
	return false
}

// growth is the growth of memory in the last trial that passed at the answer; "" where there was none.
func growth(stages ...journal.Stage) string {
	for _, s := range slices.Backward(stages) {
		for _, t := range slices.Backward(s.Trials) {
			atAnswer := s.Kind != plans.Search || s.Found != nil && tty.OrZero(t.Set.Memory) == tty.OrZero(s.Found.Memory)
			if t.Verdict != journal.Passed || t.Windows != nil || !atAnswer {
				continue
			}
			for _, note := range t.Notes {
				if strings.HasPrefix(note, journal.Grows) {
					return note + journal.UnlessHeap + ". Run the plan in full: it tests that for 5 minutes"
				}
			}
		}
	}
	return ""
}

// failedBelow returns the trial that failed with the most memory below the answer.
func failedBelow(s journal.Stage) (nearest journal.Trial, is bool) {
	for _, t := range s.Trials {
		below := s.Found != nil && t.Set.Memory != nil && *t.Set.Memory < tty.OrZero(s.Found.Memory)
		if below && t.Verdict == journal.Failed && (!is || *t.Set.Memory > *nearest.Set.Memory) {
			nearest, is = t, true
		}
	}
	return nearest, is
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
		lower := map[bool]string{true: "a lower from", false: "lower steps"}[s.Auto != nil]
		texts = append(texts, fmt.Sprintf("fewer than %d held. Write %s and a longer runtime in the ramp of the plan",
			*failed.Users, lower))
	}
	switch {
	case stopped && failed.Users != nil && failed.Verdict == journal.Failed:
		texts = append(texts, fmt.Sprintf("%s failed: %s", english.Count(*failed.Users, "user"), why(failed)))
	case stopped && failed.Users != nil:
		texts = append(texts, fmt.Sprintf("%s: no verdict: %s", english.Count(*failed.Users, "user"), why(failed)))
	case s.Held != nil && s.Auto != nil && s.Knee != nil && *s.Held >= 2**s.Knee:
		texts = append(texts, "more were not tried: they bring no more throughput")
	case s.Held != nil:
		texts = append(texts, "more were not tried")
	default: // only loads that grew ran
		texts = append(texts, "no answer: "+cmp.Or(strings.TrimSuffix(s.Reason, "."), "the ramp did not end"))
		if n := grewTo(s); n > 0 {
			texts = append(texts, fmt.Sprintf("a load that grew met the thresholds up to %s", english.Count(n, "user")))
		}
	}
	return texts
}

// grewTo returns the most users with which a load that grew kept the thresholds, below
// those that broke one.
func grewTo(s journal.Stage) int {
	kept, broke := 0, math.MaxInt
	for _, t := range s.Trials {
		for _, w := range t.Windows {
			if w.Broken != "" {
				broke = min(broke, w.Users)
			}
		}
	}
	for _, t := range s.Trials {
		for _, w := range t.Windows {
			if w.Users < broke {
				kept = max(kept, w.Users)
			}
		}
	}
	return kept
}

// figures are what the last trial of a step measured, in brackets.
func figures(s journal.Stage, users int) string {
	for _, t := range slices.Backward(s.Trials) {
		switch {
		case t.Users == nil || *t.Users != users || t.Windows != nil || t.Verdict != journal.Passed:
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
	case t.Reason != nil && *t.Reason == journal.Thrash:
		return "memory: it read its own files again and again, because their pages did not stay in memory. " +
			"Raise memory for more users"
	case share >= busyCPU:
		return fmt.Sprintf("CPU: it used %s of its limit. Raise cpus, or add replicas", units.Percent(share))
	case slowed >= throttled:
		return fmt.Sprintf("CPU: it was throttled in %s of the time. Raise cpus, or add replicas", units.Percent(slowed))
	case t.Host != nil && t.Host.Neighbours+t.Host.Other >= t.Host.CPUs/2:
		return fmt.Sprintf("other programs used %s of the %s CPUs of the machine: run it again when the machine is idle",
			tty.Figure(t.Host.Neighbours+t.Host.Other), tty.Figure(t.Host.CPUs))
	case t.CPU.Share == nil:
		return ""
	}
	return fmt.Sprintf("neither memory nor CPU (%s used). Add workers, or check what it waits for, such as a helper",
		units.Percent(share))
}

// ended returns the trial that bounds the users of a ramp: the one that failed with the
// fewest users, else the last one where that did not pass; false where there is none. A
// load that grew bounds nothing, since it had several numbers of users.
func ended(s journal.Stage) (end journal.Trial, is bool) {
	whole := slices.DeleteFunc(slices.Clone(s.Trials), func(t journal.Trial) bool { return t.Windows != nil })
	for _, t := range whole {
		if t.Verdict == journal.Failed && t.Users != nil && (!is || *t.Users < *end.Users) {
			end, is = t, true
		}
	}
	if n := len(whole); !is && n > 0 && whole[n-1].Verdict != journal.Passed {
		return whole[n-1], true
	}
	return end, is
}

func why(t journal.Trial) string { return strings.TrimSuffix(tty.Clean(t.Why), ".") }

func memoryText(bytes *int64) string { return tty.Bytes(bytes) }
