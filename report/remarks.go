package report

import (
	"cmp"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"

	"plan/containers"
	"plan/engine"
	"plan/internal/english"
	"plan/internal/exchange"
	"plan/internal/tty"
	"plan/internal/units"
	"plan/plans"
	"plan/runner/answer"
	"plan/runner/journal"
)

// reasonRemarks returns why trials did not pass, and whose users got no answer.
func reasonRemarks(s journal.Stage) []string {
	var lines []string
	for _, t := range s.Trials {
		who := TrialName(s, t)
		if len(t.Windows) > 0 && t.Verdict.Counts() { // its load grew
			first, last, held := t.Windows[0], t.Windows[len(t.Windows)-1], ", and each window passed"
			if last.Broken != "" {
				held = "; the last window failed: " + tty.Clean(last.Broken)
			}
			lines = append(lines, fmt.Sprintf("%s: the users grew from %d to %d in %s%s", t.ID, first.Users, last.Users,
				english.Count(len(t.Windows), "window"), held))
			continue
		}
		if t.Verdict != journal.Passed { // all its reasons, the decisive one first
			reasons := []string{Reason(t)}
			for _, failure := range t.Failures {
				if failure != t.Why {
					reasons = append(reasons, tty.Clean(failure))
				}
			}
			lines = append(lines, fmt.Sprintf("%s: %s: %s", who, t.Verdict, strings.Join(reasons, "; ")))
		}
		if t.Load != nil && t.Load.UsersNeverAnswered != nil && *t.Load.UsersNeverAnswered > 0 {
			users := "them" // after the name of the trial, which has their number
			if t.Arrivals != nil {
				users = "its users"
			}
			lines = append(lines, fmt.Sprintf("%s: %d of %s never got a response, %s of those waited longer than the timeout",
				who, *t.Load.UsersNeverAnswered, users, tty.Number(t.Load.UsersOverdue)))
		}
	}
	return lines
}

// doubts returns the remarks besides the reasons.
func doubts(s journal.Stage) []string {
	lines := slices.Concat(kneeRemarks(s), hiddenLatency(s), idleReplicas(s), generatorRemarks(s),
		fileRemarks(s), machineRemarks(s), rateLimitRemarks(s))
	var drivers []string // a line for each driver other than the built-in one
	for _, t := range s.Trials {
		if t.Load == nil || t.Load.Driver == journal.OwnEngine {
			continue
		}
		line := fmt.Sprintf("Load by %s. It does not report the values marked %s.",
			tty.Clean(strings.TrimSpace(string(t.Load.Driver)+" "+t.Load.Version)), tty.Unknown)
		if !slices.Contains(drivers, line) {
			drivers = append(drivers, line)
		}
	}
	lines = append(lines, drivers...)
	printed := map[string]bool{} // the notes of all trials, each text once
	for _, t := range s.Trials {
		for _, note := range t.Notes {
			if !printed[note] {
				lines = append(lines, TrialName(s, t)+": "+tty.Clean(note))
			}
			printed[note] = true
		}
	}
	return lines
}

// rateLimitRemarks returns what to do where a service failed requests with status 429: no limit of its container is the
// cause.
func rateLimitRemarks(s journal.Stage) []string {
	for _, t := range s.Trials {
		if t.Verdict != journal.Failed || t.Evidence == nil {
			continue
		}
		limited := strings.HasPrefix(t.Evidence.Examples[exchange.HTTP4xx], "429")
		for _, first := range t.Evidence.First {
			limited = limited || first.Status == http.StatusTooManyRequests
		}
		if limited {
			return []string{TrialName(s, t) +
				": status 429 means that the service itself limits its requests. If it limits their " +
				"rate, turn that limit off for the run"}
		}
	}
	return nil
}

// cachedUnknown reports whether files of a trial were in the page cache before it, and
// it is not known for how many of those that it maps others were charged.
func cachedUnknown(t journal.Trial) bool {
	return t.NotEvicted != "" && slices.ContainsFunc(t.Instances, func(one journal.Instance) bool {
		return one.Files == nil || one.Files.Mapped == nil || one.Files.Resident == nil
	})
}

// killsUnknown reports whether a trial passed, and nothing shows that the kernel killed none of its processes for
// memory: the cluster did not tell.
func killsUnknown(t journal.Trial) bool {
	return t.Verdict == journal.Passed && t.OOMKills == nil && len(t.Instances) > 0
}

// doubtedPass returns the trial that proves the answer of a stage, if it is not known whether one of its processes was
// killed for memory.
func doubtedPass(s journal.Stage) (journal.Trial, bool) {
	if s.Certificate == nil {
		return journal.Trial{}, false
	}
	i := s.Find(s.Certificate.Passed)
	if i < 0 || !killsUnknown(s.Trials[i]) {
		return journal.Trial{}, false
	}
	return s.Trials[i], true
}

// NeedsAlone returns, in whole mebibytes, what a container of a trial needs where others
// are charged for none of its files, and the bytes of these; 0 where that is not known.
func NeedsAlone(t journal.Trial) (need, elsewhere units.Bytes) {
	need, elsewhere = answer.Alone(t)
	return wholeMebibytes(need), wholeMebibytes(elsewhere)
}

// wholeMebibytes rounds up.
func wholeMebibytes(b units.Bytes) units.Bytes { return (b + units.MiB - 1) / units.MiB * units.MiB }

// fileRemarks returns a line for the trial of a stage that needs most more memory than
// it had, because others were charged for files that it maps. The answer of a search of
// memory is corrected for them. Where no such trial is known, the first one of which the
// size of these files is not known has a line.
func fileRemarks(s journal.Stage) []string {
	if s.Varies(plans.Memory) {
		return nil
	}
	var most units.Bytes
	var lines []string
	for _, t := range s.Trials {
		need, elsewhere := NeedsAlone(t)
		limit := t.Settings().Memory
		if t.Verdict != journal.Passed || t.FirstLook || limit == 0 {
			continue
		}
		if len(lines) == 0 && cachedUnknown(t) {
			lines = []string{TrialName(s, t) + ": it may need more memory: other containers may be charged for files " +
				"that it maps, and the size of these files is not known"}
		}
		if need <= max(limit, most) {
			continue
		}
		most = need
		lines = []string{fmt.Sprintf("%s: alone it needs %s, and its limit is %s: "+
			"other containers were charged for %s of the files that it maps", TrialName(s, t), need, limit, elsewhere)}
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
		var texts []string
		l := t.Load
		if l.Ended != "" {
			texts = append(texts, fmt.Sprintf("the load ended early, after %s: %s", tty.Seconds(&l.Seconds), l.Ended))
		}
		for _, limit := range l.Invalid {
			if t.Verdict == journal.Invalid || t.Verdict == journal.Passed && limit.Kind == engine.SaturationLateness {
				continue // the reason, or a figure of the table, has it
			}
			texts = append(texts, "the driver was also at its limit: "+limit.Text)
		}
		if n := tty.OrZero(l.Dropped); n > 0 {
			texts = append(texts, fmt.Sprintf("%s found no free user and %s dropped, %s of all",
				english.Count(int(n), "arrival"), wasOrWere(n), units.Percent(float64(n)/float64(l.Requests+n))))
		}
		var retries int64
		for _, request := range l.ByRequest {
			retries += tty.OrZero(request.Retried)
		}
		if retries > 0 {
			texts = append(texts, fmt.Sprintf("%s %s sent again, because the service had closed the idle connection",
				english.Count(int(retries), "request"), wasOrWere(retries)))
		}
		for _, text := range texts {
			lines = append(lines, TrialName(s, t)+": "+tty.Clean(text))
		}
	}
	return lines
}

func wasOrWere(n int64) string {
	if n == 1 {
		return "was"
	}
	return "were"
}

// leastReported is the least use of the machine by others that has a line, and named the
// least part of it that is named, in CPUs.
const (
	leastReported = 0.1
	leastNamed    = 0.05
)

// machineRemarks returns a line for the trial during which others than the service and
// the driver used most of the machine, and in how many more they did.
func machineRemarks(s journal.Stage) []string {
	busy, most, line := 0, 0.0, ""
	for _, t := range s.Trials {
		h := t.Host
		if h == nil || max(h.Other, h.Neighbours) <= leastReported {
			continue
		}
		busy++
		others := h.Helpers + h.Neighbours + h.Other
		if others <= most {
			continue
		}
		most = others
		var parts []string // of what others used
		for _, part := range []struct {
			text string
			cpus float64
			role containers.Role
		}{{"helpers", h.Helpers, containers.Helper}, {"neighbours", h.Neighbours, containers.Neighbour},
			{"other processes", h.Other, ""}} {
			if part.cpus < leastNamed {
				continue
			}
			text := fmt.Sprintf("%s %.1f", part.text, part.cpus)
			var names []string // of the containers of that role that used most
			if t.Evidence != nil {
				used := func(w journal.Watched) float64 { return w.MeanCPUs(time.Time{}, time.Time{}) }
				watched := slices.DeleteFunc(slices.Clone(t.Evidence.Containers),
					func(w journal.Watched) bool { return w.Role != part.role || used(w) < leastNamed })
				slices.SortStableFunc(watched, func(a, b journal.Watched) int { return cmp.Compare(used(b), used(a)) })
				for _, w := range watched[:min(3, len(watched))] {
					names = append(names, tty.Clean(w.Name))
				}
			}
			if len(names) > 0 {
				text += " (" + strings.Join(names, ", ") + ")"
			}
			parts = append(parts, text)
		}
		line = fmt.Sprintf("%s: programs other than the service and the driver used %.1f CPU: %s",
			TrialName(s, t), others, strings.Join(parts, ", "))
	}
	switch busy {
	case 0:
		return nil
	case 1:
		return []string{line}
	}
	return []string{line + fmt.Sprintf("; in %s they used as much or less", english.Count(busy-1, "other trial"))}
}
