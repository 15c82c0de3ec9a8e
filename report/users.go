package report

import (
	"fmt"
	"slices"
	"strings"

	"plan/internal/english"
	"plan/internal/tty"
	"plan/internal/units"
	"plan/plans"
	"plan/runner/journal"
)

// reached returns the users of the last window of a load that grew.
func reached(t journal.Trial) int { return t.Windows[len(t.Windows)-1].Users }

// kneeRemarks returns the knee of a ramp, and what keeps the service from more.
func kneeRemarks(s journal.Stage) []string {
	if s.Kind != plans.Ramp {
		return nil
	}
	var lines []string
	knee := tty.OrZero(s.Knee)
	if knee > 0 {
		lines = append(lines, fmt.Sprintf(
			"The knee is at %d users: at most half as many users had over 95 %% of its OK responses per second.", knee))
	}
	for _, t := range s.Trials { // of the least load that failed, or was saturated
		beyond := t.Verdict == journal.Failed || knee > 0 && tty.OrZero(t.Users) >= knee
		if text := binds(t); beyond && text != "" {
			return append(lines, text)
		}
	}
	return lines
}

// What shows that a limit binds.
const (
	busyCore      = 0.9 // of one CPU, for each process that answers
	fewThrottled  = 0.01
	manyThrottled = 0.25
)

// binds returns what keeps a service from more; "" where the figures do not show it.
func binds(t journal.Trial) string {
	if t.Load == nil || t.Load.Seconds == 0 || t.CPU.Seconds == nil || len(t.Instances) == 0 {
		return ""
	}
	cores := *t.CPU.Seconds / t.Load.Seconds / float64(len(t.Instances))
	throttled := tty.OrZero(t.CPU.ThrottledShare())
	one := !slices.ContainsFunc(t.Instances, func(i journal.Instance) bool {
		return i.Processes != nil && i.Processes.Of > 1
	})
	roomy := t.Set.CPUs == nil || *t.Set.CPUs >= 1.2
	switch {
	case throttled >= manyThrottled:
		return fmt.Sprintf(
			"With %s the CPU limit binds: the service was throttled in %s of its periods. Raise cpus, or add replicas.",
			SizeWords(t), units.Percent(throttled))
	case one && roomy && throttled < fewThrottled && cores >= busyCore && cores < 1.1:
		return fmt.Sprintf(
			"With %s one process binds: it used %s of a core and was never throttled. Add workers or replicas.",
			SizeWords(t), units.Percent(min(1, cores)))
	}
	return ""
}

// autoSentence returns the answer of a ramp that found its users itself.
func autoSentence(s journal.Stage) string {
	stopped, did := firstFailedStep(s)
	if s.Held == nil {
		if did && s.Verdict == journal.Failed {
			return fmt.Sprintf("Even %s failed: %s.", english.Count(tty.OrZero(stopped.Users), "user"), Reason(stopped)) +
				mixed(s, tty.OrZero(stopped.Users)) + memoryBinds(stopped)
		}
		return noAnswer(s)
	}
	held, knee := english.Count(*s.Held, "user"), tty.OrZero(s.Knee)
	last := s.Trials[max(0, len(s.Trials)-1):]
	above, failed := fewestFailed(s)
	switch {
	case did:
		users := tty.OrZero(stopped.Users)
		return fmt.Sprintf("%s held: %d passed, %d failed: %s.", held, *s.Held, users, Reason(stopped)) +
			memoryBinds(stopped) + mixed(s, users)
	case s.Verdict != journal.Passed:
		return fmt.Sprintf("At least %s held. ", held) + noAnswer(s)
	case len(last) > 0 && !last[0].Verdict.Counts() && last[0].Windows == nil:
		return fmt.Sprintf("At least %s held: %d passed, %d is %s: %s.", held, *s.Held, tty.OrZero(last[0].Users),
			last[0].Verdict, Reason(last[0]))
	case failed:
		return fmt.Sprintf("At least %s held: %d passed, %d failed: %s. The limit between them was not found.", held,
			*s.Held, tty.OrZero(above.Users), Reason(above))
	case knee > 0 && *s.Held >= 2*knee:
		return fmt.Sprintf("At least %s held, and no trial failed. The service is saturated: "+
			"more users bring no more throughput.", held)
	}
	text := fmt.Sprintf("At least %s held, and no trial failed. More were not tried: %s", held, s.Auto.Cut)
	return strings.TrimSuffix(text, ": ") + "."
}

// mixed says that trials with these users and more contradict each other; "" where none do.
func mixed(s journal.Stage, users int) string {
	switch {
	case s.Mixed == nil:
		return ""
	case *s.Mixed == users:
		return fmt.Sprintf(" With %s some trials passed and some failed: the limit is not one number.",
			english.Count(users, "user"))
	}
	return fmt.Sprintf(" Between %d and %d users some trials passed and some failed: the limit is not one number.",
		min(users, *s.Mixed), max(users, *s.Mixed))
}

// fewestFailed returns the trial that failed with the fewest users, of those that prove
// something.
func fewestFailed(s journal.Stage) (fewest journal.Trial, is bool) {
	for _, t := range s.Trials {
		if t.Verdict == journal.Failed && !t.FirstLook && t.Users != nil && (!is || *t.Users < *fewest.Users) {
			fewest, is = t, true
		}
	}
	return fewest, is
}
